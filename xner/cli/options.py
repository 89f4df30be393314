"""The options that several commands share; those with a setting behind them are declared in `xner.runs.options`."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from pathlib import Path
from typing import Annotated, Any

import typer

from xner.errors import UsageError
from xner.runs.options import DECODING, PRECISION, Option, settings_of

Command = Callable[..., None]

Map = Annotated[
    list[str] | None, typer.Option("--map", help="Rename a type: PERS=PER; drop it: MISC=O; all others: '*=O'.")
]
Set = Annotated[
    list[str] | None, typer.Option("--set", help="Any setting: --set student.epochs=2 (see `xner describe`).")
]
ConfigFile = Annotated[Path | None, typer.Option("--config", help="Settings from a TOML file: a run's config.toml.")]
Out = Annotated[Path | None, typer.Option(help="Folder for the result.", show_default="a new one in runs/")]
Run = Annotated[Path, typer.Argument(help="A run folder, or an exported one.", metavar="RUN")]
Precision = Annotated[str, typer.Option("--precision", help=PRECISION)]
Decoding = Annotated[str | None, typer.Option("--decoding", help=DECODING, show_default="the tagger's")]
TrustCode = Annotated[
    bool, typer.Option("--trust-remote-code", help="Run Python code that comes with the model; read it first.")
]
AllowPickle = Annotated[
    bool, typer.Option("--allow-pickle", help="Read pickled weights (.bin) where it has no others; they can hide code.")
]
ClassNames = Annotated[
    str, typer.Option("--names", help="Names of the tagger's classes, with commas, where it says LABEL_0, ...")
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print no progress and no notes on stderr.")]


def with_settings(*options: Option) -> Callable[[Command], Command]:
    """Give a command the options of settings in place of its parameter `settings`, which gets what was given.

    Args:
        options: those with a setting behind them; --map and --set follow.
    """
    shared = [*map(_parameter, options), _keyword("map_", Map), _keyword("set_", Set)]

    def decorate(command: Command) -> Command:
        own = list(inspect.signature(command, eval_str=True).parameters.values())
        place = [parameter.name for parameter in own].index("settings")

        @wraps(command)
        def run(**values: Any) -> None:
            mine = {parameter.name: values[parameter.name] for parameter in own if parameter.name != "settings"}
            command(settings=given(options, values), **mine)

        # typer reads a command's options from its signature and annotations
        parameters = [
            parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)
            for parameter in (*own[:place], *shared, *own[place + 1 :])
        ]
        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
        return run

    return decorate


def given(options: Sequence[Option], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings behind the options of a command that were given, by dotted name; --set has the last word.

    Args:
        options: those with a setting behind them.
        values: of all options, by parameter.

    Raises:
        UsageError: --map or --set lacks its "=".
    """
    from xner.runs.config import parse_assignment

    assigned = dict(parse_assignment(text) for text in values["set_"] or [])
    return settings_of(options, values) | renames(values["map_"]) | assigned


def renames(options: list[str] | None) -> dict[str, str]:
    """Return the label map behind --map options.

    Raises:
        UsageError: one is not OLD=NEW.
    """
    found = {}
    for option in options or []:
        old, equals, new = option.partition("=")
        if not (old and equals and new):
            raise UsageError(f"--map {option}: expected OLD=NEW, for example --map PERS=PER")
        found[f"labels.map.{old}"] = new
    return found


def _parameter(option: Option) -> inspect.Parameter:
    kind: Any = str if option.least is None else int
    flag = "--" + option.name.replace("_", "-")
    info = typer.Option(flag, help=option.help, min=option.least, show_default=option.shown or True)
    return _keyword(option.name, Annotated[(list[kind] if option.again else kind) | None, info])


def _keyword(name: str, annotation: Any) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)
