"""The command line: reads options, calls the engine, prints. Heavy modules are imported inside the commands."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from xner import lookup
from xner.errors import UsageError, XnerError

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Named entity recognition for languages that nobody has labelled.",
)
app.add_typer(lookup.app)

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
Json = lookup.Json

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


def _given(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings behind the options of a command that were given, by dotted name."""
    from xner.config import parse_assignment

    given = {setting: options[name] for name, setting in _SETTINGS.items() if options.get(name) is not None}
    for several in ("source.languages", "labels.types"):
        if several in given:
            given[several] = given[several].split(",")
    if options["aux"]:
        given["student.tasks"] = ",".join(options["aux"]).split(",")
    for setting, own in (("source.dataset", "src_dataset"), ("target.dataset", "tgt_dataset")):
        if name := options[own] or options["dataset"]:
            given[setting] = name
    return given | _renames(options["map_"]) | dict(parse_assignment(text) for text in options["set_"] or [])


def _renames(options: list[str] | None) -> dict[str, str]:
    """Return the label map behind --map options."""
    renames = {}
    for option in options or []:
        old, equals, new = option.partition("=")
        if not (old and equals and new):
            raise UsageError(f"--map {option}: expected OLD=NEW, for example --map PERS=PER")
        renames[f"labels.map.{old}"] = new
    return renames


@app.command()
def train(
    context: typer.Context,
    method: Annotated[str | None, typer.Option(help="Method; see `xner list methods`.", show_default="mtmt")] = None,
    src: Src = None,
    tgt: Tgt = None,
    dataset: Dataset = None,
    src_dataset: SrcDataset = None,
    tgt_dataset: TgtDataset = None,
    encoder: EncoderName = None,
    aux: Aux = None,
    weighting: WeightingName = None,
    labels: Types = None,
    map_: Map = None,
    limit_source: LimitSource = None,
    limit_target: LimitTarget = None,
    scoring: Scoring = None,
    checkpoint: Checkpoint = None,
    seed: Annotated[int | None, typer.Option(help="Of everything drawn at random.", min=0, show_default="0")] = None,
    preset: Annotated[str | None, typer.Option(help="A method's published settings, such as paper or authors.")] = None,
    config: ConfigFile = None,
    set_: Set = None,
    out: Out = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print settings and stages, and which are done already.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Train a tagger for a language from labels of another."""
    from xner import console, processes, runs
    from xner.api import configure
    from xner.progress import Progress

    plugins = lookup.plugins_in_use()
    settings = configure(plugins, _given(context.params), config, preset)
    if dry_run:
        corpora, stages = runs.plan(settings, plugins)
        console.show_plan(settings, corpora, stages, as_json)
        return
    _quiet_libraries()
    run = runs.train(settings, plugins, out, Progress(quiet=not processes.first()))
    if processes.first():
        console.show_run(run, as_json)


@app.command()
def compare(
    context: typer.Context,
    methods: Annotated[
        str, typer.Option(help="Methods, with commas; one with parts mixed into it: tsl+entropy.")
    ] = "direct,tsl,mtmt",
    src: Src = None,
    tgt: Annotated[str, typer.Option(help="Target languages, with commas; each is a task of its own.")] = "de",
    seeds: Annotated[str, typer.Option(help="How many seeds, from 0 on; or which, with commas.")] = "1",
    dataset: Dataset = None,
    src_dataset: SrcDataset = None,
    tgt_dataset: TgtDataset = None,
    encoder: EncoderName = None,
    aux: Aux = None,
    weighting: WeightingName = None,
    labels: Types = None,
    map_: Map = None,
    limit_source: LimitSource = None,
    limit_target: LimitTarget = None,
    scoring: Scoring = None,
    checkpoint: Checkpoint = None,
    config: ConfigFile = None,
    set_: Set = None,
    out: Out = None,
    jobs: Annotated[
        str,
        typer.Option(help="How many processes work at once; or ray. Those on several machines must share XNER_CACHE."),
    ] = "1",
    details: Annotated[bool, typer.Option("--details", help="Show scores by type, and every cell.")] = False,
    as_json: Json = False,
) -> None:
    """Run several methods on the same data, and print how they differ."""
    from xner import comparison, console
    from xner.api import configure
    from xner.progress import Progress

    plugins = lookup.plugins_in_use()
    targets = tgt.split(",")
    settings = configure(plugins, _given(context.params) | {"target.language": targets[0]}, config)
    _quiet_libraries()
    asked = methods.split(","), targets, comparison.seeds_of(seeds)
    number = comparison.jobs_of(jobs)
    result, folder = comparison.compare(settings, *asked, plugins, out, Progress(), number)
    console.show_comparison(result, folder, as_json, details)
    if result.failed:
        raise typer.Exit(1)


@app.command()
def predict(
    run: Annotated[Path, typer.Argument(help="A run folder, or an exported one.", metavar="RUN")],
    texts: Annotated[list[str] | None, typer.Argument(help="Texts to tag.", metavar="[TEXT]...")] = None,
    file: Annotated[
        Path | None, typer.Option(help="A file of sentences in any format that xner reads; .txt: one text a line.")
    ] = None,
    format_: Annotated[str, typer.Option("--format", help="text, jsonl or conll.")] = "text",
) -> None:
    """Find the entities in text: type, score and character offsets."""
    from xner import console
    from xner.api import load

    if format_ not in console.PREDICTION_FORMATS:
        raise UsageError(
            f"--format {format_}: there is no such format; there are: {', '.join(console.PREDICTION_FORMATS)}"
        )
    if bool(texts) == bool(file):
        raise UsageError(
            'nothing to tag, or too much: give either texts, as in xner predict RUN "Ada visits Paris.", or --file'
        )
    _quiet_libraries()
    console.show_predictions(load(run), console.inputs(texts or [], file), format_)


@app.command()
def evaluate(
    run: Annotated[Path, typer.Argument(help="A run folder, or an exported one.", metavar="RUN")],
    dataset: Annotated[str, typer.Option(help="Corpus name, folder or file.")] = "demo",
    tgt: Annotated[str, typer.Option(help="Language.")] = "de",
    split: Annotated[str, typer.Option(help="Split.")] = "test",
    map_: Map = None,
    scoring: Scoring = None,
    as_json: Json = False,
) -> None:
    """Score a student on any labelled corpus."""
    from xner import console, runs
    from xner.api import load
    from xner.config import build

    target = {"test_dataset": dataset, "language": tgt, "test_split": split}
    rule = {} if scoring is None else {"scoring.rule": scoring}
    settings = build(_renames(map_), {"target": target}, rule)
    plugins = lookup.plugins_in_use()
    _quiet_libraries()
    console.show_metrics(runs.evaluate(load(run).tagger, settings, plugins), as_json)


@app.command()
def export(
    run: Annotated[Path, typer.Argument(help="A run folder.", metavar="RUN")],
    to: Annotated[str, typer.Option(help="Format; only onnx.")] = "onnx",
    int8: Annotated[bool, typer.Option("--int8", help="Weights of 8 bits: smaller and faster.")] = False,
    out: Annotated[Path | None, typer.Option(help="Folder.", show_default="RUN/onnx or RUN/onnx-int8")] = None,
) -> None:
    """Write a student for ONNX Runtime; predict and evaluate read it as they read a run."""
    from xner import api, console

    _quiet_libraries()
    console.show_export(api.export(run, to, int8=int8, out=out))


@app.command("new-plugin")
def new_plugin_(
    name: Annotated[str, typer.Argument(help="Name of what it offers; the package is called xner-NAME.")],
    kind: Annotated[str, typer.Option(help="encoder, corpus, teacher, auxiliary-task, weighting or method.")],
    out: Annotated[Path | None, typer.Option(help="Folder.", show_default="xner-NAME")] = None,
) -> None:
    """Write a plugin that works, with its test, to start from."""
    from xner import new_plugin

    plugin = new_plugin.plan(name, kind, lookup.plugins_in_use())
    folder = out or Path(plugin.distribution)
    new_plugin.write(plugin, folder)
    typer.echo(f'{folder} is a plugin that works. Next: pip install -e "{folder}[test]" && pytest {folder}')


def _quiet_libraries() -> None:
    """Keep the libraries' own reports off the screen; xner has its own."""
    if not os.environ.get("XNER_DEBUG"):
        import datasets
        import transformers

        transformers.utils.logging.set_verbosity_error()
        transformers.utils.logging.disable_progress_bar()
        datasets.utils.logging.set_verbosity_error()


def main() -> None:
    """Run the command line; expected failures are one line on stderr and exit code 1 or 2."""
    try:
        app()
    except XnerError as error:
        typer.echo(f"xner: {error}", err=True)
        sys.exit(error.exit_code)
    except SystemExit as stop:
        if stop.code == 130:  # what typer makes of Ctrl-C
            typer.echo("xner: interrupted; the same command goes on from here", err=True)
        raise
