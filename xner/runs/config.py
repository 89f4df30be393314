"""The settings of a run: defaults, then a preset, then a file, then --set and the other options."""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from xner.errors import DataError, UsageError, one_line
from xner.hookspecs import KINDS
from xner.plugin.component import check
from xner.runs.settings import RunConfig
from xner.store.files import missing


def read_settings(path: Path) -> dict[str, Any]:
    """Read a run's settings from a TOML file.

    Raises:
        DataError: there is no such file, or it is not TOML; the message names the line.
        UsageError: a setting in it does not exist or its value does not fit; the message names the file.
    """
    settings = read_file(path)
    try:
        build(settings)
    except UsageError as error:
        raise UsageError(f"{path}: {error}") from None
    return settings


def read_file(path: Path) -> dict[str, Any]:
    """Read a TOML file.

    Raises:
        DataError: there is no such file, or it is not TOML; the message names the line.
    """
    if not path.exists():
        raise missing(path)
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: cannot read the settings: {error}") from error
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        where = f"{path}:{line[1]}" if line else str(path)
        raise DataError(f"{where}: not a TOML file: {error}; correct it, or leave --config out") from error


def parse_assignment(text: str) -> tuple[str, Any]:
    """Split "a.b=value"; the value is read as JSON if it is JSON, and is plain text otherwise.

    Raises:
        UsageError: there is no "=".
    """
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise UsageError(f"--set {text}: expected SETTING=VALUE, for example --set student.epochs=2")
    try:
        return name.strip(), json.loads(value)
    except json.JSONDecodeError:
        return name.strip(), value


def build(*layers: Mapping[str, Any]) -> RunConfig:
    """Merge layers of settings, later ones first in rank, and check them.

    Args:
        layers: each from a setting, dotted ("student.epochs") or nested as in a file, to its value.

    Raises:
        UsageError: a setting does not exist or its value does not fit; the message names it.
    """
    merged: dict[str, Any] = {}
    for layer in layers:
        for path, value in _flat(layer):
            _put(merged, path, value)
    return check(RunConfig, merged, "")


def _flat(layer: Mapping[str, Any], prefix: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield the path and value of every leaf; the names of components may hold dots, so tables cut differently."""
    for key, value in layer.items():
        path = (*prefix, *(_cut(key) if not prefix else (key,)))
        if isinstance(value, Mapping) and path != ("labels", "map"):
            yield from _flat(value, path)
        else:
            yield path, value


def _cut(key: str) -> tuple[str, ...]:
    """Cut a dotted setting: "teachers.e5.1.epochs" is a kind, a component's name and a field."""
    first, dot, rest = key.partition(".")
    if not dot:
        return (key,)
    if key.startswith("labels.map."):
        return ("labels", "map", rest.removeprefix("map."))
    if first in KINDS:
        name, dot, field = rest.rpartition(".")
        return (first, name, field) if dot else (first, rest)
    return (first, *rest.split("."))


def _put(tree: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    for part in path[:-1]:
        tree = tree.setdefault(part, {})
        if not isinstance(tree, dict):
            raise UsageError(f"'{one_line('.'.join(path))}' is a table in one place and a value in another")
    tree[path[-1]] = dict(value) if isinstance(value, Mapping) else value
