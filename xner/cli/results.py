"""What `xner train`, `compare`, `evaluate`, `suggest` and `export` print."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import tomli_w
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from xner.cli.console import print_json, table, terminal
from xner.comparing import tables
from xner.comparing.comparison import PAGE
from xner.comparing.page import FILE as PICTURES
from xner.comparing.record import Comparison
from xner.runs.prepared import Prepared
from xner.runs.run import Run
from xner.scoring.scores import Metrics
from xner.store.results import STUDENT
from xner.using.exporting import RECORD, TRIMMED
from xner.using.suggesting.suggested import Suggested

_WIDE = 10_000
"""Columns of a terminal in which any table has room."""

_FIRST = 10
"""Suggestions that are shown; the folder has all."""

_UNSCORED = "the target has no labelled split '%s', so the student is not scored"


def show_plan(prepared: Prepared, as_json: bool) -> None:
    """Print a run's settings, corpora, stages and notes."""
    settings, test = prepared.config.model_dump(mode="json", exclude_none=True), prepared.corpora.test
    corpora = {str(corpus): corpus.counts for corpus in prepared.corpora.corpora}
    stages, unscored = prepared.plan.stages, () if test else (_UNSCORED % prepared.config.target.test_split,)
    notes = (*prepared.corpora.notes, *prepared.notes, *prepared.unused, *unscored)
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
        print_json({"folder": str(run.folder), "seconds": run.seconds, "metrics": scores, "notes": list(run.notes)})
        return
    console = terminal()
    if run.metrics is None:
        console.print("not scored: the target has no labelled test split")
    else:
        show_metrics(run.metrics, as_json=False)
    for note in run.notes:
        console.print(f"\n{note}", soft_wrap=True)
    console.print(f"\nrun folder   {run.folder}  ({run.seconds:.0f} s)", soft_wrap=True)
    console.print(f"student      {run.folder / STUDENT}  (loads in transformers.pipeline)", soft_wrap=True)
    console.print(f'next         xner predict {run.folder} "..."', soft_wrap=True)


def show_suggested(suggested: Suggested, folder: Path, as_json: bool) -> None:
    """Print the first suggestions, what each is worth, and what to do next."""
    if as_json:
        print_json({"folder": str(folder), **suggested.model_dump()})
        return
    console, rows = terminal(), table(("gain", "doubt", "disagree", "new", "sentence"), words=0)
    rows.columns[-1].justify, rows.columns[-1].overflow, rows.columns[-1].no_wrap = "left", "ellipsis", True
    for one in suggested.suggestions[:_FIRST]:
        numbers = (f"{one.gain:.3f}", f"{one.doubt:.2f}", f"{one.disagreement:.2f}", f"{one.new:.0%}")
        rows.add_row(*numbers, Text(" ".join(one.text.split())))
    console.print(rows)
    number = len(suggested.suggestions)
    more = f"and {number - _FIRST:,} more; " if number > _FIRST else ""
    similar = f"{suggested.similar:,} were left out as too similar"
    console.print(f"{more}{number:,} of {suggested.sentences:,} sentences are suggested; {similar}", soft_wrap=True)
    console.print(f"\nfolder   {folder}", soft_wrap=True)
    told = "next     correct the labels in Label Studio, Doccano or an editor, and make them a source (--src)"
    console.print(told, soft_wrap=True)


def show_export(folder: Path, as_json: bool) -> None:
    """Print where an exported student is, how large it is, and what to do next."""
    size = sum(file.stat().st_size for file in folder.iterdir())
    small = json.loads((folder / RECORD).read_text(encoding="utf-8")).get(TRIMMED)
    if as_json:
        print_json({"folder": str(folder), "bytes": size, **({"trimmed": small} if small else {})})
        return
    console = terminal()
    console.print(f"folder   {folder}  ({size >> 20:,} MiB, tokenizer included)", soft_wrap=True)
    if small:
        _show_trimmed(small)
    console.print(f'next     xner predict {folder} "..."', soft_wrap=True)


def _show_trimmed(small: Mapping[str, Any]) -> None:
    """Print how many pieces are left, and what that costs in text by which they were not chosen."""
    console = terminal()
    chosen = f"pieces   {small['pieces']:,} of {small['pieces_before']:,}, by {small['sentences']:,} sentences"
    console.print(chosen, soft_wrap=True)
    if not (loss := small["loss"]):
        console.print("loss     not measured: that takes ten sentences", soft_wrap=True)
        return
    lines = (
        "loss     on every tenth sentence, with the pieces that the others need:",
        f"         {_share(loss['otherwise'], loss['words'])} words are cut in another way",
        f"         {_share(loss['unseen_otherwise'], loss['unseen'])} words that the others lack",
        f"         {_share(loss['same'], loss['entities'])} entities are found as before, and {loss['more']:,} others",
    )
    for line in lines:
        console.print(line, soft_wrap=True)


def _share(part: int, whole: int) -> str:
    return f"{part:,} of {whole:,} ({part / max(whole, 1):.1%})"


def show_metrics(metrics: Metrics, as_json: bool, notes: Sequence[str] = ()) -> None:
    """Print the scores, overall and by type, and what is to be said of them."""
    if as_json:
        print_json(metrics.model_dump() | {"notes": list(notes)})
        return
    scores = table(("", "precision", "recall", "F1", "entities"), words=1)
    for name, row in metrics.rows:
        scores.add_row(name, f"{row.precision:.2f}", f"{row.recall:.2f}", f"{row.f1:.2f}", f"{row.entities:,}")
    console = terminal()
    title = "\n", (metrics.corpus, "bold"), f", {metrics.sentences:,} sentences"
    console.print(Text.assemble(*title), soft_wrap=True)
    console.print(scores)
    beside = f"scored by {metrics.rule}; decoding: {metrics.decoding}; checkpoint: {metrics.chosen_on}"
    console.print(beside, style="dim", soft_wrap=True)
    if metrics.lacking:
        kinds, drop = ", ".join(metrics.lacking), " ".join(f"--map {kind}=O" for kind in metrics.lacking)
        told = f"the corpus has no {kinds}, so what is predicted of it counts as wrong; {drop} leaves it out"
        console.print(told, soft_wrap=True)
    for note in notes:
        console.print(note, soft_wrap=True)


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
    page = folder / PICTURES
    console.print(f"with pictures: {page if page.is_file() else f'xner report {folder}'}", style="dim", soft_wrap=True)


def _grid(grid: tables.Grid) -> Table:
    """Return a table with an empty line between groups and the best F1 of each in bold."""
    shown = table(grid.heads, grid.words)
    for number, row in enumerate(grid.rows):
        if number and grid.groups and grid.groups[number] != grid.groups[number - 1]:
            shown.add_row()
        best = grid.heads.index(tables.F1) if number in grid.best else None
        shown.add_row(*(Text(text, style="bold" if place == best else "") for place, text in enumerate(row)))
    return shown
