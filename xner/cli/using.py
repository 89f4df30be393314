"""The commands that use what was trained: predict, evaluate, serve, export and report."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from xner.cli import lookup, options
from xner.errors import UsageError
from xner.runs.options import EVALUATE, names

app = typer.Typer()


@app.command()
def predict(
    run: options.Run,
    texts: Annotated[list[str] | None, typer.Argument(help="Texts to tag.", metavar="[TEXT]...")] = None,
    file: Annotated[
        Path | None,
        typer.Option(help="A file of sentences in any format that xner reads; .txt, - and pipes: one text per line."),
    ] = None,
    format_: Annotated[str, typer.Option("--format", help="text, jsonl or conll.")] = "text",
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", help="How it is read: --set corpora.folder.encoding=latin-1; or decoding.strength=0.5."),
    ] = None,
    decoding: options.Decoding = None,
    precision: options.Precision = "auto",
    trust_remote_code: options.TrustCode = False,
    class_names: options.ClassNames = "",
) -> None:
    """Find the entities in text: type, score and character offsets."""
    from xner.cli import predictions
    from xner.corpora.formats.notes import Notes
    from xner.corpora.formats.options import ReadOptions
    from xner.plugin.component import check
    from xner.using.loading import load

    predictions.check_format(format_)
    if bool(texts) == bool(file):
        raise UsageError('give either texts, as in xner predict RUN "Ada visits Paris.", or --file, and not both')
    assigned, reading = _settings(set_) if set_ else ({}, {})
    how, notes = check(ReadOptions, reading, "corpora.folder."), Notes()
    words = predictions.inputs(texts or [], file, notes, how)  # first: a missing file is told before a model is loaded
    predictor = load(
        run,
        decoding=decoding,
        strength=assigned.get("decoding.strength"),
        precision=precision,
        trust_remote_code=trust_remote_code,
        names=names(class_names or ()),
    )
    predictions.show_predictions(predictor, words, format_)
    _tell((*predictor.tagger.decoder.notes, *([f"{file}: {notes.layout}"] if notes.layout else ()), *notes.lines()))


@app.command()
@options.with_settings(*EVALUATE)
def evaluate(
    run: options.Run,
    settings: dict[str, Any],
    class_names: options.ClassNames = "",
    as_json: options.Json = False,
) -> None:
    """Score a student on the test split of its run, or on any labelled corpus."""
    from xner.cli import results
    from xner.machine.progress import Progress
    from xner.runs import run as runs
    from xner.runs.config import build, read_settings
    from xner.using.exported import MODEL
    from xner.using.loading import load

    files = (run / runs.SETTINGS, run.parent / runs.SETTINGS)  # of a student or an export, the run's are above it
    own = next((read_settings(file) for file in files if file.is_file()), {})
    asked = build(own, settings)
    plugins = lookup.plugins_in_use()
    theirs = "auto" if (run / MODEL).is_file() else asked.precision  # the run's is not its export's
    trusted = bool(settings.get("encoders.hub.trust_remote_code"))  # and not what the folder says of itself
    tagger = load(
        run,
        decoding=settings.get("decoding.rule"),
        strength=settings.get("decoding.strength"),
        precision=settings.get("precision", theirs),
        trust_remote_code=trusted,
        names=names(class_names or ()),
    ).tagger
    results.show_metrics(runs.evaluate(tagger, asked, plugins, Progress()), as_json)


@app.command()
def serve(
    run: options.Run,
    host: Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0: open to other machines.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on; 0: any free one.", min=0, max=65535)] = 8000,
    decoding: options.Decoding = None,
    precision: options.Precision = "auto",
    trust_remote_code: options.TrustCode = False,
    class_names: options.ClassNames = "",
) -> None:
    """Answer requests over HTTP: texts in, entities out, and a page to try it."""
    from xner.using import serving
    from xner.using.loading import load

    with serving.listen(host, port) as listener:  # first, so that a busy port is told before a model is loaded
        predictor = load(
            run,
            decoding=decoding,
            precision=precision,
            trust_remote_code=trust_remote_code,
            names=names(class_names or ()),
        )
        _tell(predictor.tagger.decoder.notes)
        app = serving.application(predictor, "/".join(run.resolve().parts[-2:]))
        typer.echo(f"{serving.address(listener)}  (Ctrl-C ends it)")
        serving.run(app, listener)


@app.command()
def export(
    run: Annotated[Path, typer.Argument(help="A run folder.", metavar="RUN")],
    to: Annotated[str, typer.Option(help="Format: onnx; with --trim also transformers, a plain folder.")] = "onnx",
    int8: Annotated[bool, typer.Option("--int8", help="Weights of 8 bits: smaller and faster.")] = False,
    trim: Annotated[
        Path | None,
        typer.Option(help="A corpus of the student's language: keep only the pieces of the vocabulary that it needs."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder.", show_default="RUN/onnx, RUN/onnx-int8, RUN/onnx-trimmed, ...")
    ] = None,
    trust_remote_code: options.TrustCode = False,
) -> None:
    """Write a student for ONNX Runtime, or smaller, for one language; predict and evaluate read it like a run."""
    from xner import api
    from xner.cli import results

    results.show_export(api.export(run, to, int8=int8, trim=trim, out=out, trust_remote_code=trust_remote_code))


@app.command()
def report(
    folder: Annotated[Path, typer.Argument(help="A comparison's folder, or a run's, which has its page already.")],
    out: Annotated[Path | None, typer.Option(help="File.", show_default="FOLDER/comparison.html")] = None,
) -> None:
    """Write a comparison as one HTML page with pictures, and print where it is."""
    from xner import api

    typer.echo(api.report(folder, out))


def _settings(assignments: Sequence[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the settings of --set by dotted name, and those of how files are read."""
    from xner.runs.config import build, parse_assignment  # a run's settings are beside what trains

    assigned = dict(map(parse_assignment, assignments))
    return assigned, build(assigned).component("corpora", "folder")


def _tell(notes: Sequence[str]) -> None:
    for note in notes:
        typer.echo(note, err=True)
