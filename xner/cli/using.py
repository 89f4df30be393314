"""The commands that use what was trained: predict, suggest, evaluate, serve, export and report."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from xner.cli import lookup, options
from xner.cli.console import print_json
from xner.corpora.formats.notes import Notes
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
    allow_pickle: options.AllowPickle = False,
    class_names: options.ClassNames = "",
    quiet: options.Quiet = False,
) -> None:
    """Find the entities in text: type, score and character offsets."""
    from xner.cli import predictions
    from xner.corpora.formats.options import ReadOptions
    from xner.plugin.component import check
    from xner.using.loading import load

    predictions.check_format(format_)
    if bool(texts) == bool(file):
        raise UsageError('give either texts, as in xner predict RUN "Ada visits Paris.", or --file, and not both')
    assigned, reading = _settings(set_) if set_ else ({}, {})
    how, notes = check(ReadOptions, reading, "corpora.folder."), Notes()
    words = predictions.inputs(texts or [], file, notes, how)  # first: a missing file is told before a model is loaded
    trust = {"trust_remote_code": trust_remote_code, "allow_pickle": allow_pickle}
    strength, classes = assigned.get("decoding.strength"), names(class_names or ())
    predictor = load(run, decoding=decoding, strength=strength, precision=precision, names=classes, **trust)
    predictions.show_predictions(predictor, words, format_)
    _tell(() if quiet else (*predictor.tagger.decoder.notes, *_layout(file, notes), *notes.lines()))


@app.command()
def suggest(
    run: options.Run,
    file: Annotated[Path, typer.Option(help="Raw text, a sentence per line, or any format that xner reads.")],
    number: Annotated[int, typer.Option("--number", "-n", help="How many sentences to suggest.", min=1)] = 200,
    labelled: Annotated[
        list[Path] | None, typer.Option(help="Sentences that are labelled already; again for more.")
    ] = None,
    with_: Annotated[
        list[Path] | None, typer.Option("--with", help="A run whose student is asked, too; again for more.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder.", show_default="suggested, numbered")] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", help="What counts, such as suggest.again=1; or how the file is read."),
    ] = None,
    decoding: options.Decoding = None,
    precision: options.Precision = "auto",
    trust_remote_code: options.TrustCode = False,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Rank raw sentences by what a label would teach, and write them for annotation tools."""
    from xner.cli import predictions, results
    from xner.machine.progress import Progress
    from xner.store.places import cache_folder
    from xner.using.loading import load
    from xner.using.suggesting import suggested
    from xner.using.suggesting.committee import Committee

    (settings, how), notes = predictions.suggest_settings(set_ or []), Notes()
    texts = predictions.inputs([], file, notes, how)
    known = predictions.words_of_files(labelled or [], notes)
    folder = suggested.folder_for(out)
    asked = partial(load, decoding=decoding, precision=precision, trust_remote_code=trust_remote_code)
    student, others = asked(run).tagger, {str(other): asked(other).tagger for other in with_ or []}
    committee = Committee.gather(run, student, others, cache_folder())
    found, tagged = suggested.suggest(str(run), committee, texts, number, known, settings, Progress(quiet=quiet))
    suggested.write(folder, found, tagged, student.labels.types)
    results.show_suggested(found, folder, as_json)
    _tell(() if quiet else (*committee.notes, *_layout(file, notes), *notes.lines()))


@app.command()
@options.with_settings(*EVALUATE)
def evaluate(
    run: options.Run,
    settings: dict[str, Any],
    class_names: options.ClassNames = "",
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Score a student on the test split of its run, or on any labelled corpus."""
    from xner.cli import results
    from xner.machine.progress import Progress
    from xner.runs import run as runs
    from xner.runs.config import build, read_settings
    from xner.runs.prepared import supervised
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
        allow_pickle=bool(settings.get("encoders.hub.allow_pickle")),
        names=names(class_names or ()),
    ).tagger
    metrics = runs.evaluate(tagger, asked, plugins, Progress(quiet=quiet))
    results.show_metrics(metrics, as_json, supervised(asked) if own else ())  # without its run, nothing is known of it


@app.command()
def serve(
    runs: Annotated[list[Path], typer.Argument(help="Run folders, or exported ones.", metavar="RUN...")],
    host: Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0: open to other machines.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on; 0: any free one.", min=0, max=65535)] = 8000,
    decoding: options.Decoding = None,
    precision: options.Precision = "auto",
    trust_remote_code: options.TrustCode = False,
    allow_pickle: options.AllowPickle = False,
    class_names: options.ClassNames = "",
) -> None:
    """Answer requests over HTTP: texts in, entities out, and a page to try it; several runs are shown side by side."""
    from xner.using import serving
    from xner.using.loading import load

    titles, classes = serving.named(runs), names(class_names or ())
    trust = {"trust_remote_code": trust_remote_code, "allow_pickle": allow_pickle}
    with serving.listen(host, port) as listener:  # first, so that a busy port is told before a model is loaded
        served = [load(run, decoding=decoding, precision=precision, names=classes, **trust) for run in runs]
        _tell(tuple(dict.fromkeys(note for one in served for note in one.tagger.decoder.notes)))
        app = serving.application(dict(zip(titles, served, strict=True)))
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
    allow_pickle: options.AllowPickle = False,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Write a student for ONNX Runtime, or smaller, for one language; predict and evaluate read it like a run."""
    from xner import api
    from xner.cli import results

    trust = {"trust_remote_code": trust_remote_code, "allow_pickle": allow_pickle}
    results.show_export(api.export(run, to, int8=int8, trim=trim, out=out, quiet=quiet, **trust), as_json)


@app.command()
def report(
    folder: Annotated[Path, typer.Argument(help="A run's folder, or a comparison's.")],
    out: Annotated[
        Path | None, typer.Option(help="File.", show_default="FOLDER/report.html or FOLDER/comparison.html")
    ] = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Write a run or a comparison as one HTML page with pictures, and print where it is."""
    from xner import api

    page = api.report(folder, out, quiet=quiet)
    if as_json:
        print_json({"page": str(page)})
    else:
        typer.echo(page)


def _settings(assignments: Sequence[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the settings of --set by dotted name, and those of how files are read."""
    from xner.runs.config import build, parse_assignment  # a run's settings are beside what trains

    assigned = dict(map(parse_assignment, assignments))
    return assigned, build(assigned).component("corpora", "folder")


def _tell(notes: Sequence[str]) -> None:
    for note in notes:
        typer.echo(note, err=True)


def _layout(file: Path | None, notes: Notes) -> list[str]:
    """Return how a file was laid out, if that is not as usual."""
    return [f"{file}: {notes.layout}"] if notes.layout else []
