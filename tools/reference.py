"""Write the reference pages, docs/reference/*.md, from the code: stable interface, command line and settings.

Run it as `python tools/reference.py`; a test compares the pages with what it would write.
"""

import json
import re
from collections.abc import Iterator, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import griffe
import typer
import typer.cli

from xner.cli.listing import setting_rows
from xner.cli.main import app
from xner.hookspecs import KINDS
from xner.methods.method import Method
from xner.plugin.component import Component, Settings
from xner.plugin.manager import Plugins, speak
from xner.runs.settings import RunConfig

FOLDER = Path(__file__).parent.parent / "docs" / "reference"
_SHOWN = {
    "Context": (
        "fit",
        "tagger",
        "label",
        "refine",
        "transform",
        "distill",
        "tagged",
        "rewritten",
        "resource",
        "sides",
        "stage",
        "record",
    ),
    "Dictionary": ("pairs", "identity", "shown"),
    "Workbench": ("new_tagger", "load_tagger", "text_batches", "train"),
    "Objective": ("step", "states", "forward", "updates", "epoch_metrics"),
    "Tagger": ("tag", "states", "vectors", "save", "load"),
    "Corpus": ("from_sentences", "words", "labelled", "entities"),
}
"""The members that plugins use, of classes that have more."""
OURS = (
    "xner",
    "baselines",
    "mtmt",
    "consensus",
    "adversarial",
    "neighbours",
    "iterative",
    "resources",
    "translation",
    "tof",
    "demo",
)
"""The plugins whose settings are listed: those of this repository, whatever else is installed."""
_WRITTEN = "<!-- Written by tools/reference.py from the code: change that, then run make reference. -->\n\n"
_INTRODUCTION = """\
# Stable interface

| who | imports from |
|---|---|
| users of Python | `xner` |
| plugins | `xner.base`, `xner.hookspecs`, `xner.errors` |
| tests of plugins | `xner.testing`, and the [fixtures](../plugins.md#the-contract) that pytest finds by itself |

All other modules are xner's own: they move and change without notice. Every name of these five is on this page with
its signature; a member of a class that is not here is not part of the interface.

[Semantic versioning](https://semver.org/) covers this page, [commands and options](cli.md), the names of
[settings](settings.md), the [files of a run folder](../architecture.md#a-run-folder) and the [exit
codes](../reliability.md). Before 1.0, a minor version may change them, and [the changelog](../../CHANGELOG.md) says
what to do; a patch version does not. So a plugin asks for a range, `xner>=0.1,<0.2`. Not covered: the wording of
messages, pages and tables; the keys of stages, which change with the engine's code, so that results are computed
anew; the last digits of scores; and defaults, which a minor version may change."""
_HOOKS = """\
A plugin is a module in the entry-point group `xner`. It has one or several hook functions, which take no arguments
and yield `Offer` records. The class that a record names is a subclass of the one of its kind; its settings are a
class `Config` in it, a subclass of `xner.base.Settings`, and reach it as `self.config`.
[Writing plugins](../plugins.md) has an example of each kind."""
_HANDED = "`Context`, `Workbench` and `Stage` are made by xner; how it makes them is not part of the interface."
_ERRORS = "What users can mend is raised as one of these, with one line that says what is wrong, where, and what to do."
_TESTING = "[Writing plugins](../plugins.md#the-contract) says how the contracts are used, and lists their tests."


def pages() -> dict[str, str]:
    """Return the text of every reference page by its file's name."""
    return {"interface.md": _WRITTEN + interface(), "cli.md": _WRITTEN + cli(), "settings.md": _WRITTEN + settings()}


def interface() -> str:
    """Return the page of all names that plugins and users of Python may import, with their signatures."""
    engine = _load()
    parts = [_INTRODUCTION, "## `xner`, from Python"]
    for name in _names(engine):
        parts += _of(engine, "", name)
    parts += ["## `xner.hookspecs`: what a plugin offers", _HOOKS]
    hooks = [f"xner_{kind}" for kind in KINDS]
    for name in _names(engine["hookspecs"]):
        parts += [] if name in hooks else _of(engine, "hookspecs", name)
    for kind, base in KINDS.items():
        parts += [f"## `xner_{kind}`", engine[f"hookspecs.xner_{kind}"].docstring.value]
        parts += _of(engine, "base", base)
    parts += ["## `xner.base`: what they are handed and give back", _HANDED]
    for name in _names(engine["base"]):
        parts += [] if name in KINDS.values() else _of(engine, "base", name)
    for module, text in (("errors", _ERRORS), ("testing", _TESTING)):
        parts += [f"## `xner.{module}`", text]
        for name in _names(engine[module]):
            parts += _of(engine, module, name)
    return "\n\n".join(parts) + "\n"


def _load() -> griffe.Module:
    """Read xner's sources, wherever they are imported from; nothing is run."""
    spec = find_spec("xner")
    assert spec is not None and spec.origin is not None
    place = Path(spec.origin).parent.parent
    options: griffe.GoogleOptions = {"warnings": False}  # arguments of pydantic's classes are in no signature
    module = griffe.load(
        "xner", search_paths=[place], docstring_parser="google", docstring_options=options, resolve_aliases=False
    )
    assert isinstance(module, griffe.Module)
    return module


def _names(module: griffe.Module | griffe.Object | griffe.Alias) -> Sequence[str]:
    """Return the public names of a module: its `__all__`, or without one all that are defined in it."""
    if module.exports is not None:
        return sorted(str(name) for name in module.exports)
    return [name for name, thing in module.members.items() if thing.is_public and not thing.is_alias]


def _of(engine: griffe.Module, module: str, name: str) -> Iterator[str]:
    """Yield the parts that describe a public name of a module, wherever it is defined."""
    found = (engine[module] if module else engine).members[name]
    found = found.final_target if isinstance(found, griffe.Alias) else found
    yield f"### `{'.'.join(filter(None, ('xner', module, name)))}`"
    if isinstance(found, griffe.Attribute):
        yield f"**`{_attribute(found)}`**"
    elif signature := _signature(found):
        yield f"**`{signature}`**"
    yield from _docstring(found)
    if isinstance(found, griffe.Class):
        yield from _members(found)


def _signature(found: griffe.Object) -> str:
    """Return how a function is called, or how an object of a class is made where that is for others to do."""
    if isinstance(found, griffe.Class) and {"BaseModel", "NamedTuple"} & {str(base) for base in found.bases}:
        fields = [thing for thing in found.attributes.values() if thing.annotation is not None and thing.is_public]
        return f"{found.name}({', '.join(map(_attribute, fields))})"
    return found.signature() if isinstance(found, griffe.Class | griffe.Function) else ""


def _members(found: griffe.Class) -> Iterator[str]:
    """Yield the settings and members of a class: those of `_SHOWN`, or all public ones that have a docstring."""
    live = getattr(import_module(found.module.path), found.name)
    if issubclass(live, Settings) and live.model_fields:
        yield _table("", live)
    inherited = found.inherited_members if found.name in _SHOWN else {}
    for member, thing in {**found.members, **inherited}.items():
        thing = thing.final_target if isinstance(thing, griffe.Alias) else thing
        shown = _SHOWN.get(found.name, (member,))
        if member not in shown or member.startswith("_") or not thing.docstring:
            continue
        if isinstance(thing, griffe.Function):
            abstract = ", to be implemented" if "abstractmethod" in thing.labels else ""
            yield f"**`{thing.signature()}`**{abstract}"
        elif isinstance(thing, griffe.Attribute):
            yield f"**`{_attribute(thing)}`**"
        yield from _docstring(thing)


def _attribute(thing: griffe.Attribute) -> str:
    """Return name, type and value of an attribute in one line."""
    annotation = f": {thing.annotation}" if thing.annotation is not None else ""
    value = f" = {thing.value}" if thing.value is not None and "property" not in thing.labels else ""
    return " ".join(f"{thing.name}{annotation}{value}".split())


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
            parts += _of_a_run(component) if issubclass(component, Method) else []
    return "\n\n".join(parts) + "\n"


def _of_a_run(method: type[Method]) -> list[str]:
    """Return what a method says of a run's settings, as paragraphs."""
    defaults = ", ".join(f"`{name}={json.dumps(value)}`" for name, value in method.defaults.items())
    presets = ", ".join(f"`--preset {preset}`" for preset in method.presets)
    told = {"Its own defaults of a run": defaults, "Presets": presets}
    return [f"{what}: {values}." for what, values in told.items() if values]


def _table(prefix: str, model: type) -> str:
    """Return the settings of a class as a Markdown table."""
    rows = [
        f"| `{name}` | `{default}` | {_code(text)} |"
        for name, default, text in setting_rows(prefix, model)
        if model is not RunConfig or name not in KINDS  # which are tables of components
    ]
    return "\n".join(["| setting | default | |", "|---|---|---|", *rows]) if rows else "It has no settings of its own."


def main() -> None:
    """Write the pages."""
    FOLDER.mkdir(exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
