"""What the commands print: results on stdout, for people or as JSON."""

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import tomli_w
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from xner.cli import corpora
from xner.cli.listing import print_json, terminal
from xner.comparing import tables
from xner.comparing.comparison import PAGE
from xner.comparing.record import Comparison
from xner.corpora import inspection
from xner.corpora.corpus import Sentence
from xner.corpora.formats.columns import write_conll
from xner.corpora.formats.options import ReadOptions
from xner.corpora.formats.reading import read
from xner.corpora.source import CorpusReader
from xner.corpora.words import Word, split_words
from xner.errors import DataError
from xner.runs.prepared import Prepared
from xner.runs.run import STUDENT, Run
from xner.scoring.scores import Metrics
from xner.using.predicting import Predictor, Tagged, joined

_UNSCORED = "the target has no labelled split '%s', so the student is not scored"
PREDICTION_FORMATS = ("text", "jsonl", "conll")
_WIDE = 10_000
"""Columns of a terminal in which any table has room."""
_COLOURS = ("green", "cyan", "magenta", "yellow", "blue", "red")


def show_plan(prepared: Prepared, as_json: bool) -> None:
    """Print a run's settings, corpora, stages and notes."""
    settings, test = prepared.config.model_dump(mode="json", exclude_none=True), prepared.corpora.test
    corpora = {str(corpus): corpus.counts for corpus in prepared.corpora.corpora}
    stages, unscored = prepared.plan.stages, () if test else (_UNSCORED % prepared.config.target.test_split,)
    notes = (*prepared.notes, *unscored)
    if as_json:
        steps = [{"title": stage.title, "key": stage.key, "done": stage.done} for stage in stages]
        print_json({"settings": settings, "corpora": corpora, "stages": steps, "notes": list(notes)})
        return
    console = terminal()
    console.out(tomli_w.dumps(settings))
    for name, counts in corpora.items():
        console.print(f"{name}: {counts}", soft_wrap=True)
    for stage in stages:
        console.print(f"{'done before' if stage.done else 'to do      '}  {stage.key}  {stage.title}", soft_wrap=True)
    for note in notes:
        console.print(f"\n{note}", soft_wrap=True)


def show_run(run: Run, as_json: bool) -> None:
    """Print a finished run: its scores, and what to do next."""
    if as_json:
        scores = run.metrics.model_dump() if run.metrics else None
        print_json({"folder": str(run.folder), "seconds": run.seconds, "metrics": scores})
        return
    console = terminal()
    if run.metrics is None:
        console.print("not scored: the target has no labelled test split")
    else:
        show_metrics(run.metrics, as_json=False)
    console.print(f"\nrun folder   {run.folder}  ({run.seconds:.0f} s)", soft_wrap=True)
    console.print(f"student      {run.folder / STUDENT}  (loads in transformers.pipeline)", soft_wrap=True)
    console.print(f'next         xner predict {run.folder} "..."', soft_wrap=True)
    for note in run.notes:
        console.print(f"\n{note}", soft_wrap=True)


def show_export(folder: Path) -> None:
    """Print where an exported student is, how large it is, and what to do next."""
    console = terminal()
    size = sum(file.stat().st_size for file in folder.iterdir()) >> 20
    console.print(f"folder   {folder}  ({size:,} MiB, tokenizer included)", soft_wrap=True)
    console.print(f'next     xner predict {folder} "..."', soft_wrap=True)


def show_metrics(metrics: Metrics, as_json: bool) -> None:
    """Print the scores, overall and by type."""
    if as_json:
        print_json(metrics.model_dump())
        return
    table = _table("", "precision", "recall", "F1", "entities")
    for name, row in metrics.rows:
        table.add_row(name, f"{row.precision:.2f}", f"{row.recall:.2f}", f"{row.f1:.2f}", f"{row.entities:,}")
    console = terminal()
    title = "\n", (metrics.corpus, "bold"), f", {metrics.sentences:,} sentences"
    console.print(Text.assemble(*title), soft_wrap=True)
    console.print(table)
    console.print(f"scored by {metrics.rule}; checkpoint: {metrics.chosen_on}", style="dim", soft_wrap=True)


def show_comparison(comparison: Comparison, folder: Path, as_json: bool, details: bool = False) -> None:
    """Print one row for each method and target; with `details`, the scores by type and every cell, too."""
    if as_json:
        print_json(comparison.model_dump() | {"folder": str(folder)})
        return
    console, grid = terminal(), tables.scores(comparison)
    for spare in tables.SPARE:
        if Measurement.get(console, console.options.update(width=_WIDE), _grid(grid)).maximum > console.width:
            grid = grid.without(spare)
    for shown in (grid, *([tables.types(comparison), tables.cells(comparison)] if details else [])):
        console.print(_grid(shown))
        console.print()
    for cell in comparison.failed:
        reason = f" {cell.method} on {cell.target}, seed {cell.seed}: {cell.problem}"
        console.print(Text.assemble(("failed", "red"), reason), soft_wrap=True)
    for line in tables.notes(comparison):
        console.print(line, style="dim", soft_wrap=True)
    more = "" if details else "by type and by cell: --details, or "
    console.print(f"{more}{folder / PAGE}", style="dim", soft_wrap=True)
    console.print(f"with pictures: xner report {folder}", style="dim", soft_wrap=True)


def _grid(grid: tables.Grid) -> Table:
    """Return a table with an empty line between groups and the best F1 of each in bold."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for place, head in enumerate(grid.heads):
        table.add_column(head, justify="left" if place < grid.words else "right", overflow="fold")
    for number, row in enumerate(grid.rows):
        if number and grid.groups and grid.groups[number] != grid.groups[number - 1]:
            table.add_row()
        best = grid.heads.index(tables.F1) if number in grid.best else None
        table.add_row(*(Text(text, style="bold" if place == best else "") for place, text in enumerate(row)))
    return table


def inputs(texts: Sequence[str], file: Path | None) -> Iterable[tuple[str, list[Word]]]:
    """Return what to tag, with its words: texts, the lines of a .txt file, or the sentences of another.

    Raises:
        DataError: the file cannot be read.
    """
    if file is None:
        return ((text, split_words(text)) for text in texts)
    if file.suffix.lower() == ".txt" and file.is_file():
        return ((line, split_words(line)) for line in _lines(file))
    return (joined(sentence.tokens) for sentence in read(file, ReadOptions()))


def show_predictions(predictor: Predictor, texts: Iterable[tuple[str, list[Word]]], form: str) -> None:
    """Print tagged texts, one after the other as they are ready."""
    for tagged in predictor.tag_words(texts):
        if form == "jsonl":
            entities = [entity.model_dump() for entity in tagged.entities]
            sys.stdout.write(json.dumps({"text": tagged.text, "entities": entities}, ensure_ascii=False) + "\n")
        elif form == "conll":
            write_conll(sys.stdout, [Sentence([word.text for word in tagged.words], tagged.tags)])
        else:
            _show_tagged(tagged, predictor.tagger.labels.types)


def show_corpus(source: CorpusReader, language: str, as_json: bool) -> None:
    """Print a corpus's counts, duplicates, lengths and samples."""
    report = inspection.inspect(source, language)
    if as_json:
        print_json(report.model_dump())
        return
    terminal().print(corpora.render(report))


def _show_tagged(tagged: Tagged, types: Sequence[str]) -> None:
    console, text = terminal(), Text(tagged.text)
    for entity in tagged.entities:
        text.stylize(f"bold {_COLOURS[types.index(entity.type) % len(_COLOURS)]}", entity.start, entity.end)
    console.print(text, soft_wrap=True)
    for entity in tagged.entities:
        line = f"  {entity.type:<5} {entity.score:.2f}  {entity.start:>4}-{entity.end:<4} {entity.text}"
        console.print(line, soft_wrap=True)


def _lines(file: Path) -> Iterator[str]:
    number = 0
    try:
        with file.open("rb") as stream:
            for number, line in enumerate(stream, 1):
                yield line.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise DataError(f"{file}:{number}: is not UTF-8 ({error.reason}); save the file as UTF-8") from error
    except OSError as error:
        raise DataError(f"{file}: cannot be read: {error.strerror}") from error


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for number, column in enumerate(columns):
        table.add_column(column, justify="right" if number else "left")
    return table
