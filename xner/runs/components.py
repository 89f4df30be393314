"""Making components by name with the run's settings for them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from xner.corpora.source import CorpusReader
from xner.errors import DataError, UsageError, XnerError, named
from xner.hookspecs import KINDS
from xner.methods.method import Method
from xner.plugin.component import Component, Settings, check, check_given
from xner.plugin.manager import Plugins
from xner.reporting.section import Section, Unmade
from xner.runs.settings import RunConfig
from xner.tagging.encoder import Encoder

Side = Literal["source", "target"]
_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")
_PLACES = ("path", "file", "tagger", "parallel")
"""Settings of these names say where something is."""


@dataclass
class Components:
    """Makes the components of one run.

    Args:
        plugins: the loaded plugins.
        config: the run's settings.
        used: the settings of every component made so far, by kind and name; defaults included.
        notes: what the corpora made so far say of themselves.
    """

    plugins: Plugins
    config: RunConfig
    used: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def create(self, kind: str, name: str, **given: object) -> Component:
        """Make a component.

        Args:
            kind: one of `xner.hookspecs.KINDS`.
            name: the component's name.
            given: settings that the engine knows better than the user, such as a path.

        Raises:
            UsageError: there is no such component, or a setting does not fit.
        """
        return self._made(kind, name, given)

    def _made(self, kind: str, name: str, given: Mapping[str, object], side: Side | None = None) -> Component:
        """Make a component; the settings of one side are used, but not recorded as those of both."""
        kind_of = self._class(kind, name)
        both = self.config.component(kind, name)
        own = getattr(self.config, side).corpora.get(name, {}) if side else {}
        where = f"{side}.{kind}.{name}." if own else f"{kind}.{name}."
        settings = check(kind_of.Config, {**both, **own, **given}, where)
        used = settings.model_dump(mode="json", exclude_none=True, exclude={*given, *own})
        used |= {field: value for field, value in both.items() if field in own}
        used |= {place: _absolute(used[place]) for place in _PLACES if used.get(place)}
        self.used.setdefault(kind, {})[name] = used
        try:
            return kind_of(settings)
        except TypeError as error:
            raise XnerError(
                f"{kind}: '{name}' cannot be made of its settings: {named(error)}; __init__ must take them as `config`"
            ) from error

    def _class(self, kind: str, name: str) -> type[Component]:
        kind_of = self.plugins.get(kind, name)
        assert issubclass(kind_of, Component)
        if not (isinstance(kind_of.Config, type) and issubclass(kind_of.Config, Settings)):
            raise XnerError(
                f"{kind}: the Config of '{name}' is no subclass of xner.base.Settings, but {kind_of.Config!r}"
            )
        return kind_of

    def encoder(self) -> Encoder:
        """Make the run's encoder, from a component's name, a folder or a hub id."""
        name = self.config.encoder
        place = Path(name).expanduser()
        if self.plugins.has("encoders", name):
            made = self.create("encoders", name)
        elif place.is_dir():
            made = self.create("encoders", "hub", path=str(place))
        elif place.is_absolute() or name.startswith("."):
            raise DataError(f"{name}: no such folder; if the encoder has moved, say where it is with --encoder")
        elif _HUB_ID.fullmatch(name):
            made = self.create("encoders", "hub", path=name)
        else:
            raise self._nowhere("encoders", name)
        assert isinstance(made, Encoder)
        return made

    def corpus(self, name: str, side: Side | None = None) -> CorpusReader:
        """Make a source of corpora, from a component's name, a folder or a file.

        Args:
            name: the name or place.
            side: whose own settings come over those of both sides.

        Raises:
            DataError: `name` is written as a path, and there is nothing there.
        """
        there = bool(name) and Path(name).expanduser().exists()
        if self.plugins.has("corpora", name):
            made = self._made("corpora", name, {}, side)
        elif there:
            made = self._made("corpora", "folder", {"path": name}, side)
        elif "/" not in name and "." not in name:
            raise self._nowhere("corpora", name)
        else:
            raise DataError(
                f"{name}: no such file or folder, and no corpus of that name; see `xner list corpora`, "
                "or say where it is now with --dataset"
            )
        assert isinstance(made, CorpusReader)
        if made.note and made.note not in self.notes:
            self.notes += (made.note,)
        return made

    def _nowhere(self, kind: str, name: str) -> UsageError:
        """Return the error for what is neither a name nor a place."""
        try:
            self.plugins.find(kind, name)
        except UsageError as error:
            return error if "Did you mean" in str(error) else UsageError(f"no file or folder '{name}', and {error}")
        raise AssertionError(f"{name} is there")

    @property
    def packages(self) -> dict[str, str]:
        """The plugins that the components made so far are from, with their versions."""
        versions = {info.name: info.version for info in self.plugins.infos if not info.problem}
        plugins = {self.plugins.find(kind, name).plugin for kind, made in self.used.items() for name in made}
        return {plugin: versions[plugin] for plugin in sorted(plugins)}

    def settings(self) -> dict[str, Any]:
        """Return all settings in use, from which the run can be done again wherever one stands: paths are absolute."""
        settings = self.config.model_dump(mode="json", exclude_none=True)
        roles = self.config.resources.roles
        settings |= {**self.used, "resources": roles | self.used.get("resources", {})}
        settings["encoder"] = self._settled("encoders", settings["encoder"])
        for side in ("source", "target"):
            settings[side] |= {
                name: self._settled("corpora", value) for name, value in settings[side].items() if "dataset" in name
            }
            for own in settings[side]["corpora"].values():
                own |= {place: _absolute(own[place]) for place in _PLACES if own.get(place)}
        return settings

    def _settled(self, kind: str, name: str) -> str:
        """Return a component's name as it is, and a path to something in full."""
        return name if not name or self.plugins.has(kind, name) else _absolute(name)

    def sections(self) -> dict[str, Section]:
        """Make all sections on offer, the engine's first; what only looks at a run stays out of its record.

        Raises:
            UsageError: a setting of a section does not fit.
        """
        alone, made = Components(self.plugins, self.config), dict[str, Section]()
        names = [offer.component.name for offer in self.plugins.offers["sections"]]
        for offer in self.plugins.offers["sections"]:
            name = offer.component.name
            whole = f"{offer.plugin}/{name}"
            called = name if names.count(name) == 1 else whole  # as its settings are
            name = whole if name in made else name
            try:
                section = alone.create("sections", called)
            except UsageError:
                raise
            except XnerError as error:  # a run needs none of them
                section = Unmade(name, error)
            assert isinstance(section, Section)
            made[name] = section
        return made

    def method(self) -> Method:
        """Make the run's method, and check all settings given to components, also to those that it will not use."""
        for kind, name, values, where in self._given():
            check_given(self._class(kind, name).Config, values, f"{where}{name}.")
        made = self.create("methods", self.config.method)
        assert isinstance(made, Method)
        return made

    def unused(self) -> tuple[str, ...]:
        """Return a line for each component that settings were given for, and that was not made.

        Those of a page's sections are left out: they are made when one looks at a run.
        """
        found: dict[tuple[str, str], list[str]] = {}
        for role, name in self.config.resources.roles.items():
            if name:
                found.setdefault(("resources", name), []).append(f"resources.{role}")
        for kind, name, values, where in self._given():
            if kind != "sections" and values:
                found.setdefault((kind, name), []).extend(f"{where}{name}.{field}" for field in values)
        return tuple(
            f"none of the {kind.replace('_', ' ')} used here is '{name}', "
            f"so there is no effect of {', '.join(settings)}"
            for (kind, name), settings in found.items()
            if name not in self.used.get(kind, {})
        )

    def _given(self) -> Iterator[tuple[str, str, Mapping[str, Any], str]]:
        """Yield the settings given for each component: its kind and name, the settings, what stands before its name."""
        for kind in KINDS:
            for name, values in self.config.components(kind).items():
                yield kind, name, values, f"{kind}."
        for side in ("source", "target"):
            for name, values in getattr(self.config, side).corpora.items():
                yield "corpora", name, values, f"{side}.corpora."


def _absolute(place: str) -> str:
    """Return a path to something in full; anything else, such as a hub id, as it is."""
    path = Path(place).expanduser()
    return str(path.absolute()) if path.exists() else place
