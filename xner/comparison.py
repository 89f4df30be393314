"""Comparing methods: the cells methods x targets x seeds, on the same data and the same stages."""

import itertools
import re
import shutil
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from xner.config import RunConfig, build
from xner.errors import UsageError, XnerError
from xner.folders import claim
from xner.formats import writing
from xner.plugins import Plugins
from xner.progress import Progress
from xner.runs import default_folder, train
from xner.scoring import Metrics

_RECORD = "comparison.json"


class Cell(BaseModel):
    """One run of a comparison: its scores, or why there are none."""

    model_config = ConfigDict(frozen=True)

    method: str
    target: str
    seed: int
    folder: str
    metrics: Metrics | None = None
    seconds: float = 0.0
    problem: str = ""
    notes: tuple[str, ...] = ()


class Row(BaseModel):
    """One method on one target: means over seeds, in per cent.

    Args:
        spread: standard deviation of F1 over the seeds; None for a single seed.
        seeds: how many seeds have a score.
    """

    model_config = ConfigDict(frozen=True)

    method: str
    target: str
    precision: float
    recall: float
    f1: float
    spread: float | None
    seeds: int


class Comparison(BaseModel):
    """All cells of a comparison, in the order in which they ran.

    Args:
        settings: what they share, with the methods, targets and seeds.
        cells: the cells that have run.
    """

    model_config = ConfigDict(frozen=True)

    settings: dict[str, Any]
    cells: tuple[Cell, ...] = ()

    @property
    def rows(self) -> list[Row]:
        """One row for each method and target that has a score."""
        groups: dict[tuple[str, str], list[Metrics]] = {}
        for cell in self.cells:
            if cell.metrics is not None:
                groups.setdefault((cell.method, cell.target), []).append(cell.metrics)
        return [_row(method, target, group) for (method, target), group in groups.items()]

    @property
    def failed(self) -> list[Cell]:
        """The cells without a score."""
        return [cell for cell in self.cells if cell.metrics is None]


def _row(method: str, target: str, group: Sequence[Metrics]) -> Row:
    scores = [metrics.overall for metrics in group]
    return Row(
        method=method,
        target=target,
        precision=statistics.fmean(score.precision for score in scores),
        recall=statistics.fmean(score.recall for score in scores),
        f1=statistics.fmean(score.f1 for score in scores),
        spread=statistics.stdev(score.f1 for score in scores) if len(scores) > 1 else None,
        seeds=len(scores),
    )


def compare(
    config: RunConfig,
    methods: Sequence[str],
    targets: Sequence[str],
    seeds: Sequence[int],
    plugins: Plugins,
    out: Path | None,
    progress: Progress,
) -> tuple[Comparison, Path]:
    """Run every method on every target with every seed; a cell that fails does not lose the others.

    Args:
        config: the settings that all cells share.
        methods: names of methods.
        targets: target languages.
        seeds: seeds.
        plugins: who offers the components.
        out: folder of the comparison; None: runs/compare-METHODS-SOURCE-TARGETS, numbered if that is another's.
        progress: who is told how far it is.

    Returns:
        the comparison, and its folder; each cell is a run folder in it, without its student.

    Raises:
        XnerError: no cell could be scored; the message is the first cell's.
    """
    asked: dict[str, list[Any]] = {"methods": list(methods), "targets": list(targets), "seeds": list(seeds)}
    configs = _configs(config, asked, plugins)
    comparison = Comparison(settings=config.model_dump(mode="json") | asked)
    name = "-".join(["compare", "+".join(methods), "+".join(config.source.languages), "+".join(targets)])
    folder = claim(out or Path("runs") / name.replace("/", "."), comparison.settings, _RECORD, explicit=out is not None)
    _save(comparison, folder)  # before the first cell, so that the same command after a kill finds its folder
    for cell_config in configs:
        cell = _cell(cell_config, plugins, folder, progress)
        comparison = comparison.model_copy(update={"cells": (*comparison.cells, cell)})
        _save(comparison, folder)
    if len(comparison.failed) == len(comparison.cells):
        _remove_bare(folder)
        raise XnerError(comparison.failed[0].problem)
    return comparison, folder


def _configs(config: RunConfig, asked: Mapping[str, Sequence[Any]], plugins: Plugins) -> list[RunConfig]:
    """Return the settings of every cell."""
    for method in asked["methods"]:
        plugins.find("methods", method)  # a misspelt name must not surface after an hour
    if empty := [name for name, values in asked.items() if not values]:
        raise UsageError(f"nothing to compare: there are no {empty[0]}")
    return [
        build(config.model_dump(), {"target.language": target, "seed": seed, "method": method})
        for target, seed, method in itertools.product(asked["targets"], asked["seeds"], asked["methods"])
    ]


def _remove_bare(folder: Path) -> None:
    """Remove a comparison's folder in which there is nothing but its record."""
    if [file.name for file in folder.iterdir()] == [_RECORD]:
        shutil.rmtree(folder)


def _save(comparison: Comparison, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with writing(folder / _RECORD) as file:
        file.write(comparison.model_dump_json(indent=2))


def _cell(config: RunConfig, plugins: Plugins, out: Path, progress: Progress) -> Cell:
    folder = out / default_folder(config).name
    cell = Cell(method=config.method, target=config.target.language, seed=config.seed, folder=str(folder))
    progress.say(f"{config.method} on {config.target.language}, seed {config.seed}")
    try:
        run = train(config, plugins, folder, progress, keep_student=False)
    except XnerError as error:
        progress.say(f"{config.method} on {config.target.language}, seed {config.seed}: failed: {error}")
        return cell.model_copy(update={"problem": str(error)})
    problem = "" if run.metrics else "the target has no labelled test split to score on"
    return cell.model_copy(
        update={"metrics": run.metrics, "seconds": run.seconds, "problem": problem, "notes": run.notes}
    )


def seeds_of(text: str) -> list[int]:
    """Read "3" as the seeds 0, 1, 2 and "0,7" as these two.

    Raises:
        UsageError: it is neither.
    """
    if not re.fullmatch(r"\d+(,\d+)*", text):
        raise UsageError(f"--seeds {text}: expected a number of seeds such as 3, or seeds with commas such as 0,7")
    numbers = [int(part) for part in text.split(",")]
    return list(range(numbers[0])) if len(numbers) == 1 and numbers[0] else numbers
