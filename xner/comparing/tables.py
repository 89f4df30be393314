"""A comparison as tables of text: what the terminal shows, and the Markdown page."""

import shlex
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from xner.comparing.record import Comparison, Difference, Row
from xner.scoring.intervals import CONFIDENCE, RESAMPLES
from xner.scoring.scores import Score

INTERVAL = f"{CONFIDENCE:.0%} interval".replace("%", " %")
"""What the interval of a difference is called."""
F1 = "F1"
"""The head of the column in which the best of a group stands out."""
SPARE = (("s", "MiB"), ("P", "R"), ("p",), ("n",))
"""Heads of columns of `scores` that go first, in this order, where there is no room; the page has them all."""


@dataclass(frozen=True)
class Grid:
    """A table of text.

    Args:
        heads: what stands above each column.
        rows: as many texts each.
        words: how many columns, from the left, hold words; the others hold numbers.
        groups: for each row, the number of the group to which it belongs.
        best: the rows with the best F1 of their group.
    """

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: int
    groups: tuple[int, ...] = ()
    best: frozenset[int] = frozenset()

    def without(self, heads: Collection[str]) -> "Grid":
        """Return the table without some columns."""
        kept = [place for place, head in enumerate(self.heads) if head not in heads]
        rows = tuple(tuple(row[place] for place in kept) for row in self.rows)
        return replace(self, heads=tuple(self.heads[place] for place in kept), rows=rows)


def scores(comparison: Comparison) -> Grid:
    """Return the main table: each method on each target, and over all targets."""
    heads = ("method", "target", "P", "R", F1, "± sd", "n", "Δ F1", INTERVAL, "p", "s", "MiB")
    rows = [*comparison.rows, *comparison.means]
    targets = list(dict.fromkeys(row.target for row in rows))
    top = {target: max(row.f1 for row in rows if row.target == target) for target in targets}
    grid = Grid(
        heads,
        tuple((row.method, row.target, *_numbers(row)) for row in rows),
        words=2,
        groups=tuple(targets.index(row.target) for row in rows),
        best=frozenset(place for place, row in enumerate(rows) if row.f1 == top[row.target]),
    )
    empty = [head for place, head in enumerate(heads) if not any(row[place] for row in grid.rows)]
    return grid.without(empty)  # one method has no differences, one seed no deviation


def types(comparison: Comparison) -> Grid:
    """Return the scores by type."""
    rows = comparison.rows
    return Grid(
        ("method", "target", "type", "P", "R", F1, "entities"),
        tuple(
            (row.method, row.target, kind, *_rates(score), f"{score.entities:,}")
            for row in rows
            for kind, score in row.by_type.items()
        ),
        words=3,
        groups=tuple(place for place, row in enumerate(rows) for _ in row.by_type),
    )


def cells(comparison: Comparison) -> Grid:
    """Return the scores, time and memory of every cell that has a score."""
    scored = [(cell, cell.metrics) for cell in comparison.cells if cell.metrics]
    return Grid(
        ("method", "target", "seed", "P", "R", F1, "s", "MiB"),
        tuple(
            (
                cell.method,
                cell.target,
                f"{cell.seed}",
                *_rates(found.overall),
                *_cost(cell.seconds, cell.peak_memory_mb),
            )
            for cell, found in scored
        ),
        words=2,
    )


def notes(comparison: Comparison) -> list[str]:
    """Return what must be known of the scores, and of the differences if there are any."""
    facts = (
        f"entity scores in per cent, means over n seeds; {_facts(comparison, 'rule')}; "
        f"decoding: {_facts(comparison, 'decoding')}; checkpoint: {_facts(comparison, 'chosen_on')}"
    )
    return [facts, *explanations(comparison), *remarks(comparison)]


def explanations(comparison: Comparison) -> list[str]:
    """Return how the differences are meant, if there are any."""
    lines = []
    differences = [row.difference for row in (*comparison.rows, *comparison.means) if row.difference]
    if differences:
        first = comparison.settings["methods"][0]
        lines.append(
            f"Δ F1: against {first}; interval and p: {RESAMPLES:,} paired resamples of the tested sentences; "
            "the spread over seeds is not in them"
        )
    if any(difference.low is None for difference in differences):
        lines.append("no interval: counts by sentence are missing, have not the same gold, or are of one sentence")
    return lines


def remarks(comparison: Comparison) -> list[str]:
    """Return what the cells say of themselves, such as that the target's labels were learned from."""
    rules = list(dict.fromkeys(cell.metrics.decoding for cell in comparison.cells if cell.metrics))
    apart = f"decoding: {' and '.join(rules)}; scores by different rules are not comparable"
    said = (note for cell in comparison.cells for note in cell.notes)
    return list(dict.fromkeys([*([apart] if len(rules) > 1 else []), *said]))


def passport(comparison: Comparison) -> dict[str, str]:
    """Return what the scores depend on, by name; what is not known is left out."""
    settings = comparison.settings
    facts = {
        "command": _command(comparison.command),
        "encoder": settings.get("encoder", ""),
        "seeds": f"{', '.join(map(str, settings['seeds']))} (n = {len(settings['seeds'])})",
        "scoring rule": _facts(comparison, "rule"),
        "decoding": _facts(comparison, "decoding"),
        "checkpoint": _facts(comparison, "chosen_on"),
        "machine": "; ".join(comparison.machines),
        "versions": ", ".join(comparison.versions),
    }
    return {name: value for name, value in facts.items() if value}


def title(comparison: Comparison) -> str:
    """Return methods, source languages and targets."""
    methods, targets = (", ".join(comparison.settings[name]) for name in ("methods", "targets"))
    return f"{methods}: {', '.join(comparison.settings['source']['languages'])} to {targets}"


def markdown(comparison: Comparison) -> str:
    """Return a page with the comparison's passport, all its tables, and what failed."""
    environment = Environment(  # nosec B701 # Markdown
        loader=PackageLoader("xner"), trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined
    )
    environment.filters["cell"] = _escaped
    page = environment.get_template("comparison.md").render(
        title=title(comparison),
        comparison=comparison,
        passport=passport(comparison),
        tables={"Scores": scores(comparison), "By type": types(comparison), "Cells": cells(comparison)},
        best=F1,
        notes=notes(comparison)[1:],  # the first one's facts are in the passport
    )
    return page.rstrip("\n") + "\n"


def _numbers(row: Row) -> tuple[str, ...]:
    spread = "" if row.spread is None else f"{row.spread:.2f}"
    rates = f"{row.precision:.2f}", f"{row.recall:.2f}", f"{row.f1:.2f}"
    return (*rates, spread, str(row.seeds), *_gain(row.difference), *_cost(row.seconds, row.peak_memory_mb))


def _gain(difference: Difference | None) -> tuple[str, str, str]:
    if difference is None:
        return "", "", ""
    if difference.low is None or difference.high is None or difference.p is None:
        return f"{difference.f1:+.2f}", "", ""
    p = "<0.001" if difference.p < 0.001 else f"{difference.p:.3f}"
    return f"{difference.f1:+.2f}", f"[{difference.low:+.2f}, {difference.high:+.2f}]", p


def _rates(score: Score) -> tuple[str, str, str]:
    return f"{score.precision:.2f}", f"{score.recall:.2f}", f"{score.f1:.2f}"


def _cost(seconds: float, memory: int) -> tuple[str, str]:
    return f"{seconds:.1f}" if seconds < 10 else f"{seconds:,.0f}", f"{memory:,}" if memory else ""


def _facts(comparison: Comparison, name: str) -> str:
    """Return what the cells' metrics say under a name; it should be one thing."""
    return "; ".join(dict.fromkeys(getattr(cell.metrics, name) for cell in comparison.cells if cell.metrics))


def _command(words: Sequence[str]) -> str:
    """Return a command line; of the program's path only the name."""
    if not words:
        return ""
    program = Path(words[0])
    name = program.parent.name if program.name == "__main__.py" else program.name
    return shlex.join([name, *words[1:]])


def _escaped(text: str) -> str:
    """Return text that does not end a cell of a table."""
    return text.replace("|", r"\|").replace("\n", " ")
