"""What the cells of a comparison amount to: means and spread over seeds, and each method against the first."""

import itertools
import json
import statistics
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from xner import __version__
from xner.cells import Cell
from xner.counts import COUNTS, Counts
from xner.errors import DataError
from xner.scoring import Score
from xner.stats import interval

RECORD = "comparison.json"
"""The file, in a comparison's folder, of all that is known of it."""
MEAN = "mean"
"""What stands in place of the target in rows over all targets."""
_NEEDED = ("methods", "targets", "seeds", "source")
"""What `settings` must have for its tables."""
_OTHER = (
    f"not as xner {__version__} writes it (%s); read it with the version that wrote it, which stands in the "
    "manifest.json of its cells, or compare anew with another --out"
)
_LIBRARIES = ("xner", "torch", "transformers", "python")
"""Packages whose versions are told; the cells' manifests have more."""
BySeed = Mapping[int, Sequence[Cell]]
"""The cells of a row by seed: one, or one a target for a row over all targets."""


class Difference(BaseModel):
    """A method against the first one; see `xner.stats.interval`.

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
        seconds: how long a cell took, in the mean.
        peak_memory_mb: the most that a cell took.
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
    """A comparison, as far as it has come.

    Args:
        settings: what the cells share, with the methods, targets and seeds.
        cells: those that have ended; by target, then by seed, then by method, in the order given.
        command: how it was asked for.
        corpora: the cells' corpora with their counts.
        machines: where the cells were run.
        versions: with what the cells were run.
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
        here = (c.model_copy(update={"folder": str(folder / Path(c.folder).name)}) for c in found.cells)
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


def summarized(comparison: Comparison) -> Comparison:
    """Return a comparison with all that its cells amount to.

    Args:
        comparison: one whose cells have all ended, and whose `settings` name methods and targets in order.
    """
    methods, targets = comparison.settings["methods"], comparison.settings["targets"]
    scored = {(c.method, c.target, c.seed): c for c in comparison.scored}
    seeds = sorted({seed for _, _, seed in scored})

    def by_seed(method: str, places: Sequence[str]) -> BySeed:
        found = {seed: [scored.get((method, place, seed)) for place in places] for seed in seeds}
        return {seed: [cell for cell in group if cell] for seed, group in found.items() if all(group)}

    rows = [row for place in targets for row in _rows(place, {method: by_seed(method, [place]) for method in methods})]
    over = {method: by_seed(method, targets) for method in methods} if len(targets) > 1 else {}
    manifests = [_manifest(cell) for cell in comparison.scored]
    update = {
        "rows": tuple(rows),
        "means": tuple(_rows(MEAN, over)),
        "corpora": _each_once(f"{c['corpus']}: {c['counts']}" for m in manifests for c in m.get("corpora", [])),
        "machines": _each_once(m["hardware"]["machine"] for m in manifests if "hardware" in m),
        "versions": _versions(m for m in manifests if "versions" in m),
    }
    return comparison.model_copy(update=update)


def _rows(target: str, groups: Mapping[str, BySeed]) -> list[Row]:
    """Return a row for each method that has a score."""
    first = next(iter(groups.values()), {})
    return [
        _row(method, target, group, None if group is first else _difference(first, group))
        for method, group in groups.items()
        if group
    ]


def _row(method: str, target: str, group: BySeed, difference: Difference | None) -> Row:
    scores = [_mean([cell.metrics.overall for cell in cells if cell.metrics]) for cells in group.values()]
    cells = [cell for several in group.values() for cell in several]
    mean = _mean(scores)
    return Row(
        method=method,
        target=target,
        precision=mean.precision,
        recall=mean.recall,
        f1=mean.f1,
        spread=statistics.stdev(score.f1 for score in scores) if len(scores) > 1 else None,
        seeds=len(scores),
        by_type={} if target == MEAN else _by_type(cells),
        difference=difference,
        seconds=statistics.fmean(cell.seconds for cell in cells),
        peak_memory_mb=max(cell.peak_memory_mb for cell in cells),
    )


def _mean(scores: Sequence[Score]) -> Score:
    return Score(
        precision=statistics.fmean(score.precision for score in scores),
        recall=statistics.fmean(score.recall for score in scores),
        f1=statistics.fmean(score.f1 for score in scores),
        entities=max(score.entities for score in scores),
    )


def _by_type(cells: Sequence[Cell]) -> dict[str, Score]:
    """Return the means for each type; a seed that neither has nor finds entities of one has zeros there."""
    tables = [cell.metrics.by_type for cell in cells if cell.metrics]
    none = Score(precision=0, recall=0, f1=0, entities=0)
    return {kind: _mean([table.get(kind, none) for table in tables]) for kind in sorted({k for t in tables for k in t})}


def _difference(first: BySeed, other: BySeed) -> Difference | None:
    """Compare two methods over the seeds that both have."""
    seeds = [seed for seed in first if seed in other]
    if not seeds:
        return None
    one, two = ([group[seed] for seed in seeds] for group in (first, other))
    difference = Difference(f1=_f1(two) - _f1(one), seeds=len(seeds))
    try:
        return difference.model_copy(update=interval(_counts(one), _counts(two))._asdict())
    except (DataError, ValueError):  # a cell's folder is damaged, or there are no two sentences to draw from
        return difference


def _f1(cells: Sequence[Sequence[Cell]]) -> float:
    """Return the mean over seeds and targets."""
    return statistics.fmean(cell.metrics.overall.f1 for several in cells for cell in several if cell.metrics)


def _counts(cells: Sequence[Sequence[Cell]]) -> list[np.ndarray]:
    """Return, for each target, (seeds, sentences, 3) counts.

    Args:
        cells: for each seed, one a target.

    Raises:
        DataError: there are none.
    """
    return [
        np.stack([Counts.load(Path(cell.folder) / COUNTS).by_sentence for cell in seeds])
        for seeds in zip(*cells, strict=True)
    ]


def _manifest(cell: Cell) -> dict[str, Any]:
    try:
        return dict(json.loads((Path(cell.folder) / "manifest.json").read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def _versions(manifests: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """Return the versions that cells were run with, their plugins' among them: "xner 1", "torch 2 and 3"."""
    found = dict[str, list[str]]()
    for manifest in manifests:
        libraries = {name: manifest["versions"].get(name, "?") for name in _LIBRARIES}
        for name, version in (libraries | manifest.get("plugins", {})).items():
            found.setdefault(name, []).append(version)
    return tuple(f"{name} {' and '.join(dict.fromkeys(versions))}" for name, versions in found.items())


def _trouble(error: ValidationError) -> str:
    """Return what is wrong with a comparison's record."""
    first = error.errors(include_url=False)[0]
    if first["type"] == "json_invalid":
        return (
            f"damaged or half-written: {first['msg']}; remove the folder and compare again, what is in the cache stays"
        )
    return _OTHER % ": ".join(filter(None, [".".join(map(str, first["loc"])), first["msg"]]))


def _each_once(lines: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(lines))
