"""The summary of a comparison's cells: means and spread over seeds, and each method against the first."""

import json
import statistics
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from xner.comparing.record import MEAN, Cell, Comparison, Difference, Row
from xner.errors import DataError
from xner.scoring.counts import COUNTS, Counts
from xner.scoring.intervals import interval
from xner.scoring.scores import Score

_LIBRARIES = ("xner", "torch", "transformers", "python")
"""Packages whose versions are listed; the cells' manifests have more."""
BySeed = Mapping[int, Sequence[Cell]]
"""The cells of a row by seed: one, or one a target for a row over all targets."""


def summarized(comparison: Comparison) -> Comparison:
    """Return a comparison with the summary of its cells.

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


def _each_once(lines: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(lines))
