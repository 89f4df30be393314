"""The sections of the cells' pages laid side by side, method by method."""

import statistics
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from xner.comparing.record import Cell, Comparison
from xner.errors import DataError
from xner.reporting.parts import Lines, Part, Table, Value
from xner.reporting.shown import Page, Shown, read

Pages = Mapping[str, Sequence[Page]]
"""From each method to the pages of its cells on one target, seed by seed."""


def compared(comparison: Comparison) -> list[Shown]:
    """Return what sections let be compared, one section after the other, target by target.

    Of a table, each method has the column that the table names, means over the seeds; of curves, each has that of its
    first seed. Where a section shows the same of several stages of a run, the last one counts.

    Args:
        comparison: one of which some cells have scores; cells without sections, as of older runs, are left out.
    """
    pages = {target: _pages(comparison, target) for target in comparison.settings["targets"]}
    every = [page for target in pages.values() for several in target.values() for page in several]
    known = {shown.name: shown for page in reversed(every) for shown in page.sections}
    fullest = sorted(every, key=lambda page: -len(page.sections))  # its order is the others' too
    order = dict.fromkeys(shown.name for page in fullest for shown in page.sections)
    made = (known[name].model_copy(update={"parts": tuple(_parts(name, pages)), "problem": ""}) for name in order)
    return [shown for shown in made if shown.parts]


def _pages(comparison: Comparison, target: str) -> Pages:
    found = dict[str, list[Page]]()
    for method in comparison.settings["methods"]:
        cells = sorted((c for c in comparison.scored if (c.method, c.target) == (method, target)), key=_seed)
        if pages := [page for cell in cells if (page := _read(cell)).sections]:
            found[method] = pages
    return found


def _seed(cell: Cell) -> int:
    return cell.seed


def _read(cell: Cell) -> Page:
    try:
        return read(Path(cell.folder))
    except DataError:  # a damaged one loses its sections, and not the page of all
        return Page()


def _parts(name: str, targets: Mapping[str, Pages]) -> Iterator[Part]:
    for target, pages in targets.items():
        found = {method: [_comparable(name, page) for page in several] for method, several in pages.items()}
        for key in dict.fromkeys(key for several in found.values() for one in several for key in one):
            parts = {method: [one[key] for one in several if key in one] for method, several in found.items()}
            parts = {method: several for method, several in parts.items() if several}
            first = next(iter(parts.values()))[0]
            yield _table(target, first, parts) if isinstance(first, Table) else _lines(target, first, parts)


def _comparable(name: str, page: Page) -> dict[tuple[str, ...], Table | Lines]:
    """Return the parts of a section that can be compared, by what they show; the last of a kind."""
    parts = (part for shown in page.sections if shown.name == name for part in shown.parts)
    return {_key(part): part for part in parts if isinstance(part, Table | Lines) and part.compared}


def _key(part: Table | Lines) -> tuple[str, ...]:
    if isinstance(part, Table):
        return (part.kind, *part.heads[: part.words], part.compared)
    return part.kind, part.x, part.y


def _table(target: str, first: Table, parts: Mapping[str, Sequence[Table | Lines]]) -> Table:
    values = {
        method: _means([part for part in several if isinstance(part, Table)]) for method, several in parts.items()
    }
    rows = dict.fromkeys(row for found in values.values() for row in found)
    return Table(
        caption=f"{target}: {first.compared} of each method{_over(parts)}.",
        heads=(*first.heads[: first.words], *values),
        rows=tuple((*row, *(found.get(row) for found in values.values())) for row in rows),
        words=first.words,
    )


def _over(parts: Mapping[str, Sequence[object]]) -> str:
    return ", means over the seeds" if any(len(several) > 1 for several in parts.values()) else ""


def _means(tables: Sequence[Table]) -> dict[tuple[Value, ...], float | int | None]:
    """Return the mean of the compared column for each row that some of the tables have."""
    found = dict[tuple[Value, ...], list[float | int]]()
    for table in tables:
        place = table.heads.index(table.compared)
        for row in table.rows:
            value = row[place]
            found.setdefault(row[: table.words], []).extend([value] if isinstance(value, int | float) else [])
    return {row: (several[0] if len(several) == 1 else _mean(several)) for row, several in found.items()}


def _mean(values: Sequence[float | int]) -> float | None:
    return statistics.fmean(values) if values else None


def _lines(target: str, first: Lines, parts: Mapping[str, Sequence[Table | Lines]]) -> Lines:
    found = {method: several[0] for method, several in parts.items()}
    curves = {m: next(iter(part.lines.values()), ()) for m, part in found.items() if isinstance(part, Lines)}
    return Lines(
        caption=f"{target}: {first.y} by {first.x} of each method, first seed.",
        x=first.x,
        y=first.y,
        lines=curves,
        diagonal=first.diagonal,
    )
