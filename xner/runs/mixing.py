"""The settings of runs, merged: methods with parts mixed into them by name, presets, files and options."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from xner.errors import UsageError, did_you_mean
from xner.methods.method import Method
from xner.plugin.manager import Plugins
from xner.runs.config import build, read_settings
from xner.runs.options import TARGET, names, settings_of
from xner.runs.settings import RunConfig

_PARTS = {"auxiliary_tasks": "an auxiliary task", "weightings": "a weighting", "refiners": "a refiner"}
"""The kinds of component that are mixed into a method."""


def mixed(plugins: Plugins, config: RunConfig) -> RunConfig:
    """Read a method written with parts, such as "tsl+contrastive+entropy", as a method and settings of the student.

    Args:
        plugins: the loaded plugins.
        config: settings; their `method` may have auxiliary tasks, a weighting and refiners behind it, in any order.

    Raises:
        UsageError: a part is not exactly one of these, or there are two weightings.
    """
    method, *parts = config.method.split("+")
    if not parts:
        return config
    kinds = {part: _kind_of_part(plugins, part, config.method) for part in parts}
    tasks, weightings, refiners = ([part for part in kinds if kinds[part] == kind] for kind in _PARTS)
    if len(weightings) > 1:
        raise UsageError(f"{config.method}: a student has one weighting, not {' and '.join(weightings)}")
    weighting = weightings[0] if weightings else config.student.weighting
    own = config.student
    student = {"tasks": [*own.tasks, *tasks], "weighting": weighting, "refiners": [*own.refiners, *refiners]}
    return build(given(config), {"method": method, "student": student})


def given(config: RunConfig) -> dict[str, Any]:
    """Return the settings that were given, without those that are as they are by default."""
    return config.model_dump(exclude_unset=True)


def with_defaults(plugins: Plugins, config: RunConfig) -> RunConfig:
    """Put a method's own defaults in place of a run's.

    Args:
        plugins: the loaded plugins.
        config: settings, of which those that were given stay as they are.

    Raises:
        UsageError: there is no such method.
    """
    kind_of = plugins.get("methods", config.method)
    assert issubclass(kind_of, Method)
    return build(kind_of.defaults, given(config)) if kind_of.defaults else config


def _kind_of_part(plugins: Plugins, part: str, method: str) -> str:
    kinds = [kind for kind in _PARTS if plugins.has(kind, part)]
    if len(kinds) > 1:
        what = " and ".join(_PARTS[kind] for kind in kinds)
        raise UsageError(f"{method}: '{part}' is {what}; say which by --aux, --weighting or --refine")
    if not kinds:
        known = [name for kind in _PARTS for name in plugins.names(kind)]
        there = f"there are: {', '.join(known)}.{did_you_mean(part, known)}"
        raise UsageError(f"{method}: '{part}' is no auxiliary task, no weighting and no refiner; {there}")
    return kinds[0]


def preset_of(plugins: Plugins, method: str, name: str) -> dict[str, Any]:
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


def configure(
    plugins: Plugins,
    settings: Mapping[str, Any] | None = None,
    config: Path | str | None = None,
    preset: str | None = None,
) -> RunConfig:
    """Merge the method's defaults, a preset, a file and settings, in this order.

    Args:
        plugins: the loaded ones.
        settings: from a dotted setting, such as "student.epochs", to its value.
        config: a TOML file.
        preset: name of one of the method's presets.

    Raises:
        XnerError: the file cannot be read, or a setting does not exist or does not fit.
    """
    layers = [read_settings(Path(config)) if config else {}, settings or {}]
    if preset:
        layers.insert(0, preset_of(plugins, mixed(plugins, build(*layers)).method, preset))
    return with_defaults(plugins, mixed(plugins, build(*layers)))


def configure_comparison(
    plugins: Plugins,
    settings: Mapping[str, Any],
    tgt: str | Sequence[str] | None = None,
    config: Path | str | None = None,
) -> tuple[RunConfig, list[str]]:
    """Return the settings that all runs of a comparison share, and its targets; methods' own defaults come later.

    Args:
        plugins: the loaded ones.
        settings: from a dotted setting to its value.
        tgt: target language, or several; None: the one in the settings.
        config: a TOML file.

    Raises:
        XnerError: the file cannot be read, or a setting does not exist or does not fit.
    """
    targets = names(tgt or ())
    first = settings_of([TARGET], {"tgt": targets[0] if targets else None})
    shared = mixed(plugins, build(read_settings(Path(config)) if config else {}, {**settings, **first}))
    return shared, targets or [shared.target.language]
