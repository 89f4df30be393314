"""Making components by name with the run's settings for them."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from xner.base import CorpusSource, Encoder, Method, Part
from xner.config import RunConfig, check
from xner.errors import DataError, UsageError
from xner.hookspecs import KINDS
from xner.plugins import Plugins

_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")


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
        self.used.setdefault(kind, {})[name] = settings.model_dump(mode="json", exclude_none=True)
        return kind_of(settings)

    def encoder(self) -> Encoder:
        """Make the run's encoder, from a component's name, a folder or a hub id."""
        name = self.config.encoder
        if not self.plugins.has("encoders", name) and (Path(name).is_dir() or _HUB_ID.fullmatch(name)):
            made = self.create("encoders", "hub", path=name)
        else:
            made = self.create("encoders", name)
        assert isinstance(made, Encoder)
        return made

    def corpus(self, name: str) -> CorpusSource:
        """Make a source of corpora, from a component's name, a folder or a file.

        Raises:
            DataError: `name` is written as a path, and there is nothing there.
        """
        if self.plugins.has("corpora", name) or not (Path(name).exists() or "/" in name or "." in name):
            made = self.create("corpora", name)
        elif Path(name).exists():
            made = self.create("corpora", "folder", path=name)
        else:
            raise DataError(f"{name}: no such file or folder, and no corpus of that name; see `xner list corpora`")
        assert isinstance(made, CorpusSource)
        if made.note and made.note not in self.notes:
            self.notes += (made.note,)
        return made

    def method(self) -> Method:
        """Make the run's method, and check that all settings given are for components that exist."""
        for kind in KINDS:
            for name in getattr(self.config, kind):
                self.plugins.find(kind, name)
        made = self.create("methods", self.config.method)
        assert isinstance(made, Method)
        return made


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
