"""What `xner plugins`, `list` and `describe` print; only `describe` imports a component."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from inspect import getdoc
from itertools import groupby
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from rich.table import Table
from rich.text import Text

from xner.cli.console import print_json, table, terminal
from xner.errors import UsageError
from xner.plugin.manager import Plugins, Registration, kind_of, speak


def show_plugins(plugins: Plugins, as_json: bool) -> None:
    """Print the installed plugins."""
    if as_json:
        infos = (asdict(info) for info in plugins.infos)  # how long one took is another number at every start
        print_json([{name: value for name, value in info.items() if name != "seconds"} for info in infos])
        return
    rows = table(("plugin", "version", "status", "offers"))
    for info in plugins.infos:
        status = f"broken: {info.problem}" if info.problem else "loaded"
        rows.add_row(info.name, info.version, status, "\n".join(info.offers))
    terminal().print(rows)


def show_components(plugins: Plugins, kind: str, as_json: bool) -> None:
    """Print the components of a kind, those that need nothing but text first, where some need more."""
    offers = sorted(plugins.offers[kind], key=lambda offer: (offer.component.needs, offer.component.name))
    if as_json:
        print_json([{"plugin": offer.plugin, **asdict(offer.component)} for offer in offers])
        return
    rows = table((speak(kind), "plugin", "what it is"))
    grouped = any(offer.component.needs for offer in offers)
    for needs, group in groupby(offers, key=lambda offer: offer.component.needs):
        if grouped:
            rows.add_row(Text(f"needs {needs or 'nothing but text'}:", style="bold"))
        for offer in group:
            rows.add_row(offer.component.name, offer.plugin, offer.component.summary)
    terminal().print(rows)


def describe(plugins: Plugins, kind: str, name: str | None, as_json: bool = False) -> None:
    """Print what a component is and its settings; the kind "run" stands for the settings of a whole run.

    Raises:
        UsageError: there is no such kind or component.
    """
    if kind == "run":
        if name is not None:
            raise UsageError(f"xner describe run takes no name; leave '{name}' out")
        from xner.runs.settings import RunConfig

        if as_json:
            print_json({"kind": kind, "settings": _documents("", RunConfig)})
            return
        terminal().print(_settings("", RunConfig))
        return
    kind = kind_of(kind)
    if name is None:
        raise UsageError(f"describe which of the {speak(kind)}? There are: {', '.join(plugins.names(kind))}")
    offer, component = plugins.find(kind, name), plugins.get(kind, name)
    if as_json:
        print_json(_document(offer, kind, component))
        return
    _describe(offer, kind, component)


def _document(offer: Registration, kind: str, component: Any) -> dict[str, Any]:
    """Return what a component is for JSON."""
    return {
        "kind": kind,
        "plugin": offer.plugin,
        **asdict(offer.component),
        "description": getdoc(component) or "",
        "settings": _documents(f"{kind}.{offer.component.name}.", component.Config),
        "defaults": dict(getattr(component, "defaults", {})),
        "presets": {preset: dict(values) for preset, values in getattr(component, "presets", {}).items()},
    }


def _documents(prefix: str, model: type[BaseModel]) -> list[dict[str, str]]:
    """Return settings for JSON."""
    return [dict(zip(("name", "default", "help"), row, strict=True)) for row in setting_rows(prefix, model)]


def _describe(offer: Registration, kind: str, component: Any) -> None:
    """Print what a component is, its settings and, of a method, its own defaults and its presets."""
    console, name = terminal(), offer.component.name
    title = (name, "bold"), f" ({speak(kind)}, plugin {offer.plugin}): {offer.component.summary}"
    console.print(Text.assemble(*title))
    console.print(getdoc(component) or "")
    settings = _settings(f"{kind}.{name}.", component.Config)
    console.print(settings if settings.row_count else "It has no settings of its own.")
    _values("Its own defaults of a run", getattr(component, "defaults", {}))
    for preset, values in getattr(component, "presets", {}).items():
        _values(f"--preset {preset}", values)


def _values(title: str, values: Mapping[str, object]) -> None:
    """Print settings with their values, if there are any."""
    if values:
        terminal().print(f"\n{title}", style="bold")
    for setting, value in values.items():
        terminal().print(f"  {setting} = {json.dumps(value)}")


def setting_rows(prefix: str, model: type[BaseModel]) -> Iterator[tuple[str, str, str]]:
    """Yield name, default and description of each setting, those of nested models included.

    Args:
        prefix: what stands before the names, for example "teachers.recognizer.".
        model: the class of settings.
    """
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from setting_rows(f"{prefix}{name}.", field.annotation)
        else:
            yield f"{prefix}{name}", _default(field), _help(field)


def _settings(prefix: str, model: type[BaseModel]) -> Table:
    """Return a table of settings."""
    rows = table(("--set", "default", "what it does"))
    for row in setting_rows(prefix, model):
        rows.add_row(*row)
    return rows


def _default(field: FieldInfo) -> str:
    return (
        "(required)" if field.is_required() else json.dumps(field.get_default(call_default_factory=True), default=str)
    )


def _help(field: FieldInfo) -> str:
    choices = [str(choice) for choice in get_args(field.annotation) if isinstance(choice, str)]
    return " ".join([field.description or "", *([f"One of: {', '.join(choices)}."] if choices else [])])
