"""The tables of scores and costs."""

import statistics
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from collected import Done
from experiment import Experiment

from xner.comparing.record import MEAN, Comparison, Difference
from xner.comparing.record import Row as Scores

_KINDS = {"teacher": 0, "reading": 0, "student": 2, "policy": 2, "scoring": 3}
"""Which column of the costs a stage counts for, by the first word of its title."""
_LABELLING = 1
"""The column of all other stages: translations, signals, weights of languages, refiners."""


@dataclass(frozen=True)
class Table:
    """A table of text; the first column, or the first few, hold words, all others numbers."""

    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    words: int = 1


def f1(what: Experiment, summary: Comparison) -> Table:
    """Return mean and deviation of F1 over the seeds; the best of each target is bold."""
    scores = [*summary.rows, *summary.means]
    best = {target: max(row.f1 for row in scores if row.target == target) for target in {row.target for row in scores}}

    def cell(row: Scores) -> str:
        mark = "**" if row.f1 == best[row.target] else ""
        spread = "" if row.spread is None else f" ± {row.spread:.2f}"
        return f"{mark}{row.f1:.2f}{mark}{spread}"

    return _by_target(what, summary, cell)


def rates(what: Experiment, summary: Comparison) -> Table:
    """Return precision and recall."""
    return _by_target(what, summary, lambda row: f"{row.precision:.1f} / {row.recall:.1f}")


def by_argmax(what: Experiment, summary: Comparison, means: Mapping[tuple[str, str], float]) -> Table:
    """Return F1 as the cells decode, and by argmax.

    Args:
        what: the experiment.
        summary: of the scores as the cells decode.
        means: the mean F1 by argmax of each row and target.
    """
    targets = {row.target for row in summary.rows}

    def cell(row: Scores) -> str:
        asked = targets if row.target == MEAN else {row.target}
        found = [means[row.method, target] for target in asked if (row.method, target) in means]
        return f"{row.f1:.2f} / {statistics.fmean(found):.2f}" if len(found) == len(asked) else ""

    return _by_target(what, summary, cell)


def differences(what: Experiment, summary: Comparison) -> Table:
    """Return what the rows gain over the first one of a summary, with intervals."""
    return _by_target(what, summary, lambda row: gain(row.difference), skip=summary.settings["methods"][0])


def gain(difference: Difference | None) -> str:
    """Return a difference in F1 with its interval, bold where the interval leaves zero out."""
    if difference is None:
        return ""
    if difference.low is None or difference.high is None:
        return f"{difference.f1:+.2f}"
    mark = "**" if difference.low > 0 or difference.high < 0 else ""
    return f"{mark}{difference.f1:+.2f}{mark}<br>[{difference.low:+.2f}, {difference.high:+.2f}]"


def needs(what: Experiment, done: Sequence[Done]) -> Table:
    """Return what each row learns from beside the labels of the sources, by the stages of its cells."""
    rows = []
    for title in (row.title for row in what.rows):
        cell = next((cell for cell in done if cell.job.row == title), None)
        if cell is None:
            continue
        stages, resources = [*cell.keys.values()], cell.manifest["components"].get("resources", {})
        teachers = Counter(stage.removeprefix("teacher ").partition(" on ")[0] for stage in _titled(stages, "teacher"))
        named = ", ".join(f"{count} {name}" if count > 1 else name for name, count in teachers.items())
        students = len(_titled(stages, "student"))
        reading = [
            name for stage, name in zip(_titled(stages, "teacher"), teachers, strict=False) if " beside " in stage
        ]
        text = ", ".join([*reading, *(["students"] if students else [])])
        rows.append([title, named, str(students or ""), text or "none", ", ".join(resources)])
    return Table(["", "teachers", "students", "who reads target text", "resources"], rows, words=5)


def _titled(stages: Sequence[str], kind: str) -> list[str]:
    return [stage for stage in stages if stage.startswith(kind)]


def costs(what: Experiment, done: Sequence[Done]) -> Table:
    """Return what a cell takes if its row is computed alone: means over the cells, and the greatest memory."""
    heads = ["", "teachers, s", "labelling, s", "student, s", "scoring, s", "all, s", "peak, MiB"]
    rows = []
    for title in (row.title for row in what.rows):
        cells = [cell for cell in done if cell.job.row == title and cell.whole]
        if not cells:
            continue
        parts = [[_seconds(cell, column) for cell in cells] for column in range(4)]
        means = [statistics.fmean(part) for part in parts]
        peak = max(cost.peak_memory_mb for cell in cells for cost in cell.costs.values())
        rows.append([title, *(f"{mean:,.0f}" if mean else "" for mean in means), f"{sum(means):,.0f}", f"{peak:,}"])
    return Table(heads, rows)


def _seconds(cell: Done, column: int) -> float:
    kinds = [(cost, cost.title.partition(" ")[0]) for cost in cell.costs.values()]
    return sum(cost.seconds for cost, kind in kinds if _KINDS.get(kind, _LABELLING) == column)


def _by_target(what: Experiment, summary: Comparison, cell: Callable[[Scores], str], skip: str = "") -> Table:
    """Return a table with a line a row of the experiment, a column a target and one for the mean."""
    found = {(row.method, row.target): cell(row) for row in (*summary.rows, *summary.means)}
    targets = [*what.targets, *([MEAN] if summary.means else [])]
    titles = [row.title for row in what.rows if row.title != skip]
    rows = [[title, *(found.get((title, target), "") for target in targets)] for title in titles]
    return Table(["", *targets], [row for row in rows if any(row[1:])])
