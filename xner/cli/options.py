"""The options that several commands share, and the settings behind them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from xner.errors import UsageError

Src = Annotated[str | None, typer.Option("--src", help="Source language; several with commas.", show_default="en")]
Tgt = Annotated[str | None, typer.Option("--tgt", help="Target language.", show_default="de")]
Dataset = Annotated[str | None, typer.Option(help="Corpus name, folder or file, for both sides.", show_default="demo")]
SrcDataset = Annotated[str | None, typer.Option(help="Corpus of the source, where it is another.")]
TgtDataset = Annotated[str | None, typer.Option(help="Corpus of the target, where it is another.")]
EncoderName = Annotated[str | None, typer.Option("--encoder", help="Name, hub id or folder.", show_default="e5-small")]
Types = Annotated[
    str | None, typer.Option("--labels", help="Entity types, with commas.", show_default="those of the source")
]
Map = Annotated[
    list[str] | None, typer.Option("--map", help="Rename a type: PERS=PER; drop it: MISC=O; all others: '*=O'.")
]
Scoring = Annotated[
    str | None,
    typer.Option(help="Rule: conlleval, or strict (IOB2; an illegal I- is no entity).", show_default="conlleval"),
]
Aux = Annotated[
    list[str] | None,
    typer.Option(help="Auxiliary task beside those of the method; several with commas, or the option again."),
]
WeightingName = Annotated[
    str | None,
    typer.Option("--weighting", help="Weighting in place of the method's.", show_default="the method's"),
]
LimitSource = Annotated[int | None, typer.Option(help="Use so many source sentences.", min=1)]
LimitTarget = Annotated[int | None, typer.Option(help="Use so many target sentences.", min=1)]
Checkpoint = Annotated[str | None, typer.Option(help="last; or best on source-dev or target-dev.", show_default="last")]
ConfigFile = Annotated[Path | None, typer.Option("--config", help="Settings from a TOML file: a run's config.toml.")]
Set = Annotated[
    list[str] | None, typer.Option("--set", help="Any setting: --set student.epochs=2 (see `xner describe`).")
]
Out = Annotated[Path | None, typer.Option(help="Folder for the result.", show_default="a new one in runs/")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]

_SETTINGS = {
    "method": "method",
    "src": "source.languages",
    "tgt": "target.language",
    "seed": "seed",
    "encoder": "encoder",
    "weighting": "student.weighting",
    "labels": "labels.types",
    "scoring": "scoring.rule",
    "limit_source": "source.limit",
    "limit_target": "target.limit",
    "checkpoint": "checkpoint",
}
"""The setting behind each option that has one of its own."""


def given(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings behind the options of a command that were given, by dotted name."""
    from xner.runs.config import parse_assignment

    settings = {setting: options[name] for name, setting in _SETTINGS.items() if options.get(name) is not None}
    for several in ("source.languages", "labels.types"):
        if several in settings:
            settings[several] = settings[several].split(",")
    if options["aux"]:
        settings["student.tasks"] = ",".join(options["aux"]).split(",")
    for setting, own in (("source.dataset", "src_dataset"), ("target.dataset", "tgt_dataset")):
        if name := options[own] or options["dataset"]:
            settings[setting] = name
    return settings | renames(options["map_"]) | dict(parse_assignment(text) for text in options["set_"] or [])


def renames(options: list[str] | None) -> dict[str, str]:
    """Return the label map behind --map options."""
    found = {}
    for option in options or []:
        old, equals, new = option.partition("=")
        if not (old and equals and new):
            raise UsageError(f"--map {option}: expected OLD=NEW, for example --map PERS=PER")
        found[f"labels.map.{old}"] = new
    return found
