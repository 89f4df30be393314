"""What the commands print: results on stdout, for people or as JSON."""

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import tomli_w
from rich.console import Console
from rich.table import Table
from rich.text import Text

from xner import inspection
from xner.base import CorpusSource
from xner.comparison import Comparison
from xner.config import RunConfig
from xner.errors import DataError
from xner.formats import ReadOptions, read
from xner.listing import print_json
from xner.predicting import Predictor, Tagged, joined
from xner.runs import STUDENT, Data, Run
from xner.scoring import Metrics
from xner.stages import Stage
from xner.words import Word, split_words

PREDICTION_FORMATS = ("text", "jsonl", "conll")
_COLOURS = ("green", "cyan", "magenta", "yellow", "blue", "red")


def show_plan(config: RunConfig, data: Data, stages: Sequence[Stage]) -> None:
    """Print a run's settings and stages."""
    console = Console(highlight=False)
    console.out(tomli_w.dumps(config.model_dump(mode="json", exclude_none=True)))
    for corpus in (*data.sources, data.target, *([data.test] if data.test else [])):
        console.print(f"{corpus}: {corpus.counts}")
    for stage in stages:
        console.print(f"{'done before' if stage.done else 'to do      '}  {stage.key}  {stage.title}")


def show_run(run: Run, as_json: bool) -> None:
    """Print a finished run: its scores, and what to do next."""
    if as_json:
        scores = run.metrics.model_dump() if run.metrics else None
        print_json({"folder": str(run.folder), "seconds": run.seconds, "metrics": scores})
        return
    console = Console(highlight=False)
    if run.metrics is None:
        console.print("not scored: the target has no labelled test split")
    else:
        show_metrics(run.metrics, as_json=False)
    console.print(f"\nrun folder   {run.folder}  ({run.seconds:.0f} s)", soft_wrap=True)
    console.print(f"student      {run.folder / STUDENT}  (loads in transformers.pipeline)", soft_wrap=True)
    console.print(f'next         xner predict {run.folder} "..."', soft_wrap=True)
    for corpus in {run.config.source.dataset, run.config.target.dataset} & {"demo"}:
        console.print(
            f"\nThe corpus '{corpus}' is generated; its scores say nothing of real text. Go on with: --dataset FOLDER",
            soft_wrap=True,
        )


def show_metrics(metrics: Metrics, as_json: bool) -> None:
    """Print the scores, overall and by type."""
    if as_json:
        print_json(metrics.model_dump())
        return
    table = _table("", "precision", "recall", "F1", "entities")
    for name, row in (("all", metrics.overall), *metrics.by_type.items()):
        table.add_row(name, f"{row.precision:.2f}", f"{row.recall:.2f}", f"{row.f1:.2f}", f"{row.entities:,}")
    console = Console(highlight=False)
    console.print(f"\n[bold]{metrics.corpus}[/], {metrics.sentences:,} sentences")
    console.print(table)
    console.print(f"[dim]scored by {metrics.rule}; checkpoint: {metrics.chosen_on}[/]", soft_wrap=True)


def show_comparison(comparison: Comparison, folder: Path, as_json: bool) -> None:
    """Print one row for each method and target."""
    if as_json:
        print_json(
            comparison.model_dump() | {"rows": [row.model_dump() for row in comparison.rows], "folder": str(folder)}
        )
        return
    table = _table("method", "target", "precision", "recall", "F1", "± sd", "seeds")
    best = {
        target: max(row.f1 for row in comparison.rows if row.target == target)
        for target in {r.target for r in comparison.rows}
    }
    for row in comparison.rows:
        f1 = Text(f"{row.f1:.2f}", style="bold" if row.f1 == best[row.target] else "")
        spread = "" if row.spread is None else f"{row.spread:.2f}"
        table.add_row(row.method, row.target, f"{row.precision:.2f}", f"{row.recall:.2f}", f1, spread, str(row.seeds))
    console = Console(highlight=False)
    console.print(table)
    for cell in comparison.failed:
        console.print(
            f"[red]failed[/] {cell.method} on {cell.target}, seed {cell.seed}: {cell.problem}", soft_wrap=True
        )
    metrics = next(cell.metrics for cell in comparison.cells if cell.metrics)
    console.print(
        f"[dim]entity scores in per cent; {metrics.rule}; checkpoint: {metrics.chosen_on}; {folder}[/]", soft_wrap=True
    )


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
    console = Console(highlight=False)
    for tagged in predictor.tag_words(texts):
        if form == "jsonl":
            entities = [entity.model_dump() for entity in tagged.entities]
            console.out(json.dumps({"text": tagged.text, "entities": entities}, ensure_ascii=False), highlight=False)
        elif form == "conll":
            rows = (f"{word.text}\t{tag}\n" for word, tag in zip(tagged.words, tagged.tags, strict=True))
            console.out("".join(rows), highlight=False)
        else:
            _show_tagged(console, tagged, predictor.tagger.labels.types)


def show_corpus(source: CorpusSource, language: str, as_json: bool) -> None:
    """Print a corpus's counts, duplicates, lengths and samples."""
    report = inspection.inspect(source, language)
    if as_json:
        print_json(report.model_dump())
        return
    Console(highlight=False).print(inspection.render(report))


def _show_tagged(console: Console, tagged: Tagged, types: Sequence[str]) -> None:
    text = Text(tagged.text)
    for entity in tagged.entities:
        text.stylize(f"bold {_COLOURS[types.index(entity.type) % len(_COLOURS)]}", entity.start, entity.end)
    console.print(text, soft_wrap=True)
    for entity in tagged.entities:
        console.print(
            f"  {entity.type:<5} {entity.score:.2f}  {entity.start:>4}-{entity.end:<4} {entity.text}",
            markup=False,
            soft_wrap=True,
        )


def _lines(file: Path) -> Iterator[str]:
    try:
        with file.open(encoding="utf-8-sig") as stream:
            yield from (line.rstrip("\r\n") for line in stream)
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{file}: cannot be read as UTF-8 text: {error}") from error


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for number, column in enumerate(columns):
        table.add_column(column, justify="right" if number and column != "target" else "left")
    return table
