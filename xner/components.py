"""Making components by name with the run's settings for them."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from xner.base import CorpusSource, Encoder, Method, Part
from xner.config import RunConfig, build, check
from xner.errors import DataError, UsageError, XnerError, did_you_mean, named
from xner.hookspecs import KINDS
from xner.plugins import Plugins

_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")
_PARTS = ("auxiliary_tasks", "weightings")
"""The kinds of component that are mixed into a method."""
_PLACES = ("path", "file")
"""Settings of these names say where something is."""


@dataclass
class Components:
    """Makes the components of one run.

    Args:
        plugins: who offers them.
        config: the run's settings.
        used: the settings of every component made so far, by kind and name; defaults included.
        notes: what the corpora made so far say of themselves.
    """

    plugins: Plugins
    config: RunConfig
    used: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def create(self, kind: str, name: str, **given: object) -> Part:
        """Make a component.

        Args:
            kind: one of `xner.hookspecs.KINDS`.
            name: the component's name.
            given: settings that the engine knows better than the user, such as a path.

        Raises:
            UsageError: there is no such component, or a setting does not fit.
        """
        kind_of = self.plugins.get(kind, name)
        assert issubclass(kind_of, Part)
        settings = check(kind_of.Config, {**self.config.component(kind, name), **given}, f"{kind}.{name}.")
        used = settings.model_dump(mode="json", exclude_none=True, exclude=set(given))
        used |= {place: _absolute(used[place]) for place in _PLACES if used.get(place)}
        self.used.setdefault(kind, {})[name] = used
        try:
            return kind_of(settings)
        except TypeError as error:
            raise XnerError(
                f"{kind}: '{name}' cannot be made of its settings: {named(error)}; __init__ must take them as `config`"
            ) from error

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

    def corpus(self, name: str) -> CorpusSource:
        """Make a source of corpora, from a component's name, a folder or a file.

        Raises:
            DataError: `name` is written as a path, and there is nothing there.
        """
        there = bool(name) and Path(name).expanduser().exists()
        if self.plugins.has("corpora", name):
            made = self.create("corpora", name)
        elif there:
            made = self.create("corpora", "folder", path=name)
        elif "/" not in name and "." not in name:
            raise self._nowhere("corpora", name)
        else:
            raise DataError(
                f"{name}: no such file or folder, and no corpus of that name; see `xner list corpora`, "
                "or say where it is now with --dataset"
            )
        assert isinstance(made, CorpusSource)
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
        versions = {info.name: info.version for info in self.plugins.infos}
        plugins = {self.plugins.find(kind, name).plugin for kind, made in self.used.items() for name in made}
        return {plugin: versions[plugin] for plugin in sorted(plugins)}

    def settings(self) -> dict[str, Any]:
        """Return all settings in use, from which the run can be done again wherever one stands: paths are absolute."""
        settings = self.config.model_dump(mode="json", exclude_none=True) | self.used
        settings["encoder"] = self._settled("encoders", settings["encoder"])
        for side in ("source", "target"):
            settings[side] |= {
                name: self._settled("corpora", value) for name, value in settings[side].items() if "dataset" in name
            }
        return settings

    def _settled(self, kind: str, name: str) -> str:
        """Return a component's name as it is, and a path to something in full."""
        return name if not name or self.plugins.has(kind, name) else _absolute(name)

    def method(self) -> Method:
        """Make the run's method, and check that all settings given are for components that exist."""
        for kind in KINDS:
            for name in getattr(self.config, kind):
                self.plugins.find(kind, name)
        made = self.create("methods", self.config.method)
        assert isinstance(made, Method)
        return made


def mixed(plugins: Plugins, config: RunConfig) -> RunConfig:
    """Read a method written with parts, such as "tsl+contrastive+entropy", as a method and settings of the student.

    Args:
        plugins: who offers the parts.
        config: settings; their `method` may have auxiliary tasks and a weighting behind it, in any order.

    Raises:
        UsageError: a part is not exactly one of these two, or there are two weightings.
    """
    method, *parts = config.method.split("+")
    if not parts:
        return config
    kinds = {part: _kind_of_part(plugins, part, config.method) for part in parts}
    tasks, weightings = ([part for part in kinds if kinds[part] == kind] for kind in _PARTS)
    if len(weightings) > 1:
        raise UsageError(f"{config.method}: a student has one weighting, not {' and '.join(weightings)}")
    weighting = weightings[0] if weightings else config.student.weighting
    student = {"tasks": [*config.student.tasks, *tasks], "weighting": weighting}
    return build(config.model_dump(), {"method": method, "student": student})


def _kind_of_part(plugins: Plugins, part: str, method: str) -> str:
    kinds = [kind for kind in _PARTS if plugins.has(kind, part)]
    if len(kinds) > 1:
        raise UsageError(f"{method}: '{part}' is an auxiliary task and a weighting; say which by --aux or --weighting")
    if not kinds:
        known = [name for kind in _PARTS for name in plugins.names(kind)]
        there = f"there are: {', '.join(known)}.{did_you_mean(part, known)}"
        raise UsageError(f"{method}: '{part}' is no auxiliary task and no weighting; {there}")
    return kinds[0]


def _absolute(place: str) -> str:
    """Return a path to something in full; anything else, such as a hub id, as it is."""
    path = Path(place).expanduser()
    return str(path.absolute()) if path.exists() else place


def preset(plugins: Plugins, method: str, name: str) -> dict[str, Any]:
    """Return a method's named settings.

    Raises:
        UsageError: the method has no such preset.
    """
    kind_of = plugins.get("methods", method)
    assert issubclass(kind_of, Method)
    if name not in kind_of.presets:
        known = ", ".join(kind_of.presets) or "none"
        raise UsageError(f"the method '{method}' has no preset '{name}'; its presets: {known}")
    return dict(kind_of.presets[name])
