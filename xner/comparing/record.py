"""The record of a comparison: its cells, and the rows that they amount to."""

import itertools
import re
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from xner.errors import DataError
from xner.filenames import escape
from xner.scoring.scores import Metrics, Score


class Cell(BaseModel):
    """One run of a comparison: its scores, or why there are none.

    Args:
        method: the method with what is mixed into it, such as "tsl+entropy".
        seconds: how long it took, stages done before not counted; what cells share counts for the first of them.
        peak_memory_mb: peak memory of its processes, in MiB, stages done before not counted.
    """

    model_config = ConfigDict(frozen=True)

    method: str
    target: str
    seed: int
    folder: str
    metrics: Metrics | None = None
    seconds: float = 0.0
    peak_memory_mb: int = 0
    problem: str = ""
    notes: tuple[str, ...] = ()


RECORD = "comparison.json"
"""The file, in a comparison's folder, with everything known about it."""


MEAN = "mean"
"""What stands in place of the target in rows over all targets."""


_NEEDED = ("methods", "targets", "seeds", "source")
"""What `settings` must have for its tables."""


_OTHER = (
    f"not as xner {version('xner')} writes it (%s); read it with the version that wrote it, which stands in the "
    "manifest.json of its cells, or compare anew with another --out"
)


class Difference(BaseModel):
    """A method against the first one; see `xner.scoring.intervals.interval`.

    Args:
        f1: the difference in mean F1, in per cent, over the seeds that both have.
        low: the lower end of the interval; None if there is none, as are the other two.
        high: its upper end.
        p: two-sided.
        seeds: how many seeds both have.
    """

    model_config = ConfigDict(frozen=True)

    f1: float
    low: float | None = None
    high: float | None = None
    p: float | None = None
    seeds: int


class Row(BaseModel):
    """One method on one target, or over all targets: means over seeds, in per cent.

    Args:
        spread: standard deviation of F1 over the seeds; None for a single seed.
        seeds: how many seeds have a score.
        by_type: means over seeds for each type; empty in a row over all targets.
        difference: to the first method; None if this is the first, or the two have no seed in common.
        seconds: how long a cell took on average.
        peak_memory_mb: the highest peak memory of its cells, in MiB.
    """

    model_config = ConfigDict(frozen=True)

    method: str
    target: str
    precision: float
    recall: float
    f1: float
    spread: float | None
    seeds: int
    by_type: dict[str, Score]
    difference: Difference | None
    seconds: float
    peak_memory_mb: int


class Comparison(BaseModel):
    """A comparison, finished or not.

    Args:
        settings: what the cells share, with the methods, targets and seeds.
        cells: those that have ended; by target, then by seed, then by method, in the order given.
        command: the command line that started it.
        corpora: the cells' corpora with their counts.
        machines: on which machines the cells ran.
        versions: of the software that the cells ran with.
        rows: one for each target and method that has a score; like all that follows, only when no cell is left to do.
        means: with several targets, a row of means over them for each method that has a score on all.
    """

    model_config = ConfigDict(frozen=True)

    settings: dict[str, Any]
    cells: tuple[Cell, ...] = ()
    command: tuple[str, ...] = ()
    corpora: tuple[str, ...] = ()
    machines: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    means: tuple[Row, ...] = ()

    @classmethod
    def read(cls, folder: Path) -> "Comparison":
        """Return what a folder holds of a comparison; its cells' folders are those in it, also if it has moved.

        Raises:
            DataError: there is no such folder, or no comparison in it that this version reads.
        """
        try:
            text = (folder / RECORD).read_text(encoding="utf-8")
        except (OSError, ValueError) as error:
            reason = f"has no readable {RECORD}: {error.strerror if isinstance(error, OSError) else error}"
            what = f"not a comparison: {reason}" if folder.is_dir() else "no such folder"
            raise DataError(f"{folder}: {what}; `xner compare` makes one") from None
        try:
            found = cls.model_validate_json(text)
        except ValidationError as error:
            raise DataError(f"{folder / RECORD}: {_trouble(error)}") from None
        if lacking := [name for name in _NEEDED if name not in found.settings]:
            raise DataError(f"{folder / RECORD}: {_OTHER % f'settings has no {lacking[0]}'}")
        names = [re.split(r"[/\\]", cell.folder)[-1] for cell in found.cells]
        if (odd := next((name for name in names if escape(name)), None)) is not None:
            raise DataError(f"{folder / RECORD}: {_OTHER % f'{odd!r} is no folder of a cell: {escape(odd)}'}")
        here = (c.model_copy(update={"folder": str(folder / n)}) for c, n in zip(found.cells, names, strict=True))
        return found.model_copy(update={"cells": tuple(here)})

    @property
    def scored(self) -> list[Cell]:
        """The cells with a score."""
        return [cell for cell in self.cells if cell.metrics is not None]

    @property
    def failed(self) -> list[Cell]:
        """The cells that ended without a score."""
        return [cell for cell in self.cells if cell.metrics is None]

    @property
    def missing(self) -> list[tuple[str, str, int]]:
        """Method, target and seed of the cells that have not ended."""
        ended = {(cell.method, cell.target, cell.seed) for cell in self.cells}
        targets, seeds, methods = (self.settings[name] for name in ("targets", "seeds", "methods"))
        asked = itertools.product(targets, seeds, methods)
        return [(method, target, seed) for target, seed, method in asked if (method, target, seed) not in ended]


def _trouble(error: ValidationError) -> str:
    """Return what is wrong with a comparison's record."""
    first = error.errors(include_url=False)[0]
    if first["type"] == "json_invalid":
        return (
            f"damaged or half-written: {first['msg']}; remove the folder and compare again, what is in the cache stays"
        )
    return _OTHER % ": ".join(filter(None, [".".join(map(str, first["loc"])), first["msg"]]))
