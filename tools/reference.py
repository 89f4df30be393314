"""Write the reference pages, docs/reference/*.md, from the code: hooks, command line and settings.

Run it as `python tools/reference.py`; a test compares the pages with what it would write.
"""

import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import griffe
import typer
import typer.cli

from xner import base as base_module
from xner.cli.listing import setting_rows
from xner.cli.main import app
from xner.hookspecs import KINDS
from xner.methods.method import Method
from xner.plugin.component import Component
from xner.plugin.manager import Plugins, speak
from xner.runs.settings import RunConfig

FOLDER = Path(__file__).parent.parent / "docs" / "reference"
_SHOWN = {
    "Context": ("fit", "tagger", "label", "refine", "transform", "distill", "stage"),
    "Workbench": ("new_tagger", "load_tagger", "train"),
    "Objective": ("states", "forward"),
    "Tagger": ("tag", "states", "save", "load"),
    "Corpus": ("from_sentences", "words", "labelled", "entities"),
}
"""The members that plugins use, of classes that have more."""
OURS = ("xner", "baselines", "mtmt", "demo")
"""The plugins whose settings are listed: those of this repository, whatever else is installed."""
_WRITTEN = "<!-- Written by tools/reference.py from the code: change that, then run make reference. -->\n\n"


def pages() -> dict[str, str]:
    """Return the text of every reference page by its file's name."""
    return {"hooks.md": _WRITTEN + hooks(), "cli.md": _WRITTEN + cli(), "settings.md": _WRITTEN + settings()}


def hooks() -> str:
    """Return the page of the hooks, the classes behind them and what these are handed."""
    engine = _load()
    parts = [
        "# Hooks and classes",
        "A plugin is a module in the entry-point group `xner`. It has one or several hook functions, which take "
        "no arguments and yield `Offer` records. The class that a record names is a subclass of the one of its "
        "kind; its settings are a class `Config` in it, a subclass of `xner.base.Settings`, and reach it as "
        "`self.config`.",
        *_class("xner.hookspecs.Offer", engine["hookspecs.Offer"], None),
    ]
    for kind, base in KINDS.items():
        parts += [f"## `xner_{kind}`", engine[f"hookspecs.xner_{kind}"].docstring.value]
        parts += _of_base(engine, base)
    parts.append("## What they are handed and give back")
    for name in sorted({*base_module.__all__} - {*KINDS.values()}):
        parts += _of_base(engine, name)
    return "\n\n".join(parts) + "\n"


def _of_base(engine: griffe.Module, name: str) -> Iterator[str]:
    """Yield the parts that describe a name of `xner.base`, wherever it is defined."""
    return _class(f"xner.base.{name}", engine[f"{base_module.HOMES[name]}.{name}"], _SHOWN.get(name))


def _load() -> griffe.Module:
    """Read xner's sources, wherever they are imported from; nothing is run."""
    spec = find_spec("xner")
    assert spec is not None and spec.origin is not None
    place = Path(spec.origin).parent.parent
    module = griffe.load("xner", search_paths=[place], docstring_parser=griffe.Parser.google, resolve_aliases=False)
    assert isinstance(module, griffe.Module)
    return module


def _class(name: str, found: griffe.Object | griffe.Alias, members: tuple[str, ...] | None) -> Iterator[str]:
    """Yield the parts that describe a class; `members` are the ones to show, None: all public ones with a docstring."""
    signature = f"`{name}{found.signature()[len(found.name) :]}`" if isinstance(found, griffe.Function) else f"`{name}`"
    yield f"### {signature}"
    yield from _docstring(found)
    for member, thing in found.members.items():
        shown = member in members if members is not None else thing.is_public and thing.docstring
        if not shown:
            continue
        if isinstance(thing, griffe.Function):
            abstract = ", to be written" if "abstractmethod" in thing.labels else ""
            yield f"**`{thing.signature()}`**{abstract}"
        elif isinstance(thing, griffe.Attribute):
            value = f" = {thing.value}" if thing.value is not None and "property" not in thing.labels else ""
            yield f"**`{member}: {thing.annotation}{value}`**"
        yield from _docstring(thing)


def _docstring(found: griffe.Object | griffe.Alias) -> Iterator[str]:
    """Yield the sections of a docstring as Markdown."""
    for section in found.docstring.parsed if found.docstring else ():
        if section.kind is griffe.DocstringSectionKind.text:
            yield _code(section.value)
        elif section.kind is griffe.DocstringSectionKind.parameters:
            yield "\n".join(f"- `{item.name}`: {_joined(item.description)}" for item in section.value)
        elif section.kind is griffe.DocstringSectionKind.raises:
            yield "\n".join(f"- raises `{item.annotation}`: {_joined(item.description)}" for item in section.value)
        elif section.kind is griffe.DocstringSectionKind.returns:
            yield "\n".join(f"- returns {_joined(item.description)}" for item in section.value)


def _joined(text: str) -> str:
    """Return a description in one line."""
    return _code(" ".join(text.split()))


def _code(text: str) -> str:
    """Keep angle brackets outside of code from being taken for HTML."""
    return re.sub(r"<(?=\w)", r"\\<", text)


def cli() -> str:
    """Return the page of the command line, as typer describes it."""
    command = typer.main.get_command(app)
    text = typer.cli.get_docs_for_click(obj=command, ctx=typer.Context(command), name="xner", title="Command line")
    text = re.sub(r"\n\n```console\n\$ (.*)\n```", r" `\1`", text)
    text = re.sub(r"\[default: \((.*?)\)", r"[default: \1", text)  # what show_default says instead of a value
    return text.strip() + "\n"


def settings() -> str:
    """Return the page of all settings: those of a run, then those of every component of this repository by kind."""
    parts = [
        "# Settings",
        "Each is given as `--set NAME=VALUE`, or in a TOML file for `--config`. The value is read as JSON where it is "
        'JSON (`3`, `true`, `["en"]`), and as text otherwise. `xner describe` shows the same tables, those of other '
        "plugins included.",
        "## The run",
        _table("", RunConfig),
    ]
    plugins = Plugins.load()
    for kind in KINDS:
        offers = sorted((o for o in plugins.offers[kind] if o.plugin in OURS), key=lambda o: o.component.name)
        parts.append(f"## {speak(kind).capitalize()}")
        for offer in offers:
            name = offer.component.name
            component = plugins.get(kind, f"{offer.plugin}/{name}")
            assert issubclass(component, Component)
            parts += [f"### `{name}`", f"{offer.component.summary}."]
            parts.append(_table(f"{kind}.{name}.", component.Config))
            if issubclass(component, Method) and component.presets:
                parts.append(f"Presets: {', '.join(f'`--preset {preset}`' for preset in component.presets)}.")
    return "\n\n".join(parts) + "\n"


def _table(prefix: str, model: type) -> str:
    """Return the settings of a class as a Markdown table."""
    rows = [
        f"| `{name}` | `{default}` | {_code(text)} |"
        for name, default, text in setting_rows(prefix, model)
        if name not in KINDS  # the tables of components
    ]
    return "\n".join(["| setting | default | |", "|---|---|---|", *rows]) if rows else "It has no settings of its own."


def main() -> None:
    """Write the pages."""
    FOLDER.mkdir(exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
