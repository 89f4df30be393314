"""Finding plugins and the components that they offer.

Plugins are loaded one at a time, so that a broken one costs a warning and not the program.
"""

import importlib
import os
import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from importlib.metadata import entry_points, version
from types import ModuleType

import pluggy

from xner import hookspecs
from xner.errors import UsageError, XnerError, did_you_mean, named
from xner.hookspecs import GROUP, KINDS, Offer
from xner.plugin import builtin

ALLOW_LIST = "XNER_PLUGINS"
"""Environment variable with the names of the plugins to load, comma-separated; empty loads only xner's own."""

_INSTALL = "Methods and encoders come in packages of their own: pip install 'xner[all]'."
_TARGET = re.compile(r"[\w.]+:\w+")
_LONG = 3.0
"""Seconds in which a plugin should be loaded."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


@dataclass(frozen=True)
class Registration:
    """A component and the plugin that offers it."""

    plugin: str
    component: Offer


@dataclass(frozen=True)
class PluginInfo:
    """One installed plugin; `problem` says why it is not loaded, if it is not, and `seconds` how long that took."""

    name: str
    version: str
    offers: tuple[str, ...] = ()
    problem: str = ""
    seconds: float = 0.0


@dataclass
class Plugins:
    """The loaded plugins; made once by the command line or the Python interface, and passed down."""

    offers: dict[str, list[Registration]] = field(default_factory=lambda: {kind: [] for kind in KINDS})
    infos: list[PluginInfo] = field(default_factory=list)

    @classmethod
    def load(cls) -> "Plugins":
        """Load xner's own plugin and those of the entry-point group that the allow-list lets through."""
        plugins = cls()
        plugins.register("xner", lambda: builtin, version("xner"))
        listed = os.environ.get(ALLOW_LIST)
        allowed = None if listed is None else {name.strip() for name in listed.split(",")}
        for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
            if allowed is not None and entry.name not in allowed:
                continue  # before loading: a plugin that is switched off costs nothing
            plugins.register(entry.name, entry.load, entry.dist.version if entry.dist else "")
        return plugins

    def register(self, name: str, load: Callable[[], ModuleType], plugin_version: str) -> None:
        """Take in one plugin; if anything about it fails, only its `problem` stays.

        Args:
            name: the plugin's name, as in its entry point.
            load: imports the plugin's module.
            plugin_version: the version of its distribution.
        """
        if known := next((info for info in self.infos if info.name == name), None):
            twice = f"another plugin is called '{name}' ({known.version or 'of no version'}); uninstall one of the two"
            self.infos.append(PluginInfo(name, plugin_version, problem=twice))
            return
        started = time.monotonic()
        try:
            found = _each_once(_offers(name, load()))
        except (Exception, SystemExit) as error:  # a plugin may raise anything
            if os.environ.get("XNER_DEBUG"):
                raise
            self.infos.append(PluginInfo(name, plugin_version, problem=named(error)))
            return
        for kind, offer in found:
            self.offers[kind].append(offer)
        listed = tuple(f"{kind}: {offer.component.name}" for kind, offer in found)
        self.infos.append(PluginInfo(name, plugin_version, listed, seconds=time.monotonic() - started))

    @property
    def broken(self) -> list[PluginInfo]:
        """The plugins that did not load."""
        return [info for info in self.infos if info.problem]

    @property
    def slow(self) -> list[PluginInfo]:
        """The plugins that took long to load, as each start of xner does."""
        return [info for info in self.infos if info.seconds > _LONG]

    def names(self, kind: str) -> list[str]:
        """Return the names on offer for a kind, sorted."""
        return sorted({offer.component.name for offer in self.offers[kind]})

    def has(self, kind: str, name: str) -> bool:
        """Return whether a component goes by this name, plain or as "plugin/name"."""
        return bool(self._matching(kind, name))

    def find(self, kind: str, name: str) -> Registration:
        """Return the one offer that a name means: "mtmt", or "plugin/mtmt" where two plugins share it.

        Raises:
            UsageError: no plugin offers it, or more than one does.
        """
        matching = self._matching(kind, name)
        if len(matching) > 1:
            choices = " or ".join(f"{offer.plugin}/{name}" for offer in matching)
            raise UsageError(f"'{name}' is ambiguous among the {speak(kind)}: say {choices}")
        if not matching:
            known = self.names(kind)
            message = f"there is no '{name}' among the {speak(kind)}: {', '.join(known) or 'none is installed'}."
            hint = did_you_mean(name, known) or ("" if len(self.infos) > 1 else f" {_INSTALL}")
            broken = ", ".join(info.name for info in self.broken)
            raise UsageError(message + hint + (f" Not loaded: {broken} (see `xner plugins`)." if broken else ""))
        return matching[0]

    def get(self, kind: str, name: str) -> type:
        """Import and return the class behind a name.

        Raises:
            UsageError: the name is unknown or ambiguous.
            XnerError: the class cannot be imported, is not of its kind or lacks a part of it.
        """
        offer = self.find(kind, name)
        module, _, attribute = offer.component.target.partition(":")
        where = f"the plugin '{offer.plugin}' offers '{offer.component.name}' as {offer.component.target}"
        try:
            found = getattr(importlib.import_module(module), attribute)
        except (Exception, SystemExit) as error:  # a plugin may raise anything
            raise XnerError(f"{where}, which cannot be imported: {named(error)}") from error
        if not (isinstance(found, type) and getattr(found, "kind", None) == kind):
            raise XnerError(f"{where}, which is not a subclass of xner.base.{KINDS[kind]}")
        if missing := sorted(getattr(found, "__abstractmethods__", ())):
            raise XnerError(f"{where}, which lacks what every xner.base.{KINDS[kind]} must have: {', '.join(missing)}")
        return found

    def _matching(self, kind: str, name: str) -> list[Registration]:
        plugin, _, plain = name.rpartition("/")
        return [o for o in self.offers[kind] if o.component.name == plain and plugin in ("", o.plugin)]


def speak(kind: str) -> str:
    """Return a kind as people write it, such as "auxiliary tasks"."""
    return kind.replace("_", " ")


def _offers(name: str, module: ModuleType) -> Iterable[tuple[str, Registration]]:
    """Ask one plugin alone for its components, so that each is known by its plugin."""
    manager = pluggy.PluginManager("xner")
    manager.add_hookspecs(hookspecs)
    manager.register(module, name)
    manager.check_pending()  # a misspelt hook
    for kind in KINDS:
        for implementation in getattr(manager.hook, f"xner_{kind}").get_hookimpls():
            for component in implementation.function():
                if not isinstance(component, Offer) or not _NAME.fullmatch(component.name):
                    raise TypeError(f"xner_{kind} must yield Offer records with plain names, not {component!r}")
                if not _TARGET.fullmatch(component.target):
                    raise TypeError(f"the target of '{component.name}' is {component.target!r}, not \"module:Class\"")
                yield kind, Registration(name, component)


def _each_once(offers: Iterable[tuple[str, Registration]]) -> list[tuple[str, Registration]]:
    """Return the offers of one plugin; the second of one name ends it, so that a hook need not end by itself."""
    found = list[tuple[str, Registration]]()
    known = set[tuple[str, str]]()
    for kind, offer in offers:
        name = offer.component.name
        if (kind, name) in known:
            raise ValueError(f"it offers '{name}' twice among the {speak(kind)}")
        known.add((kind, name))
        found.append((kind, offer))
    return found


_SINGULAR = {"corpus": "corpora", **{kind.removesuffix("s"): kind for kind in KINDS if kind != "corpora"}}


def kind_of(word: str) -> str:
    """Return the kind that a word means: "method", "methods", "auxiliary-task".

    Raises:
        UsageError: there is no such kind.
    """
    plain = word.replace("-", "_")
    kind = _SINGULAR.get(plain, plain)
    if kind not in KINDS:
        raise UsageError(f"there is no kind '{word}'; there are: {', '.join(KINDS)}.{did_you_mean(word, KINDS)}")
    return kind
