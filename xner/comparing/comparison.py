"""Comparing methods: the cells methods x targets x seeds, on the same data and the same stages."""

import itertools
import re
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Literal

from xner.comparing import page
from xner.comparing.cells import run
from xner.comparing.record import RECORD, Cell, Comparison
from xner.comparing.summary import summarized
from xner.comparing.tables import markdown
from xner.comparing.work import Request
from xner.errors import DataError, UsageError, XnerError
from xner.machine import processes
from xner.machine.progress import Progress
from xner.plugin.manager import Plugins
from xner.runs.config import build
from xner.runs.loading import Library
from xner.runs.mixing import given, mixed, with_defaults
from xner.runs.prepared import prepare
from xner.runs.run import default_folder
from xner.runs.settings import RunConfig
from xner.store.files import writing
from xner.store.pruning import limit, prune_to_limit
from xner.store.results import claim

_LONG = 150
"""Characters of a folder's name; file systems take some 250."""
PAGE = "comparison.md"
"""The file, in a comparison's folder, of all its tables."""


def compare(
    config: RunConfig,
    methods: Sequence[str],
    targets: Sequence[str],
    seeds: Sequence[int],
    plugins: Plugins,
    out: Path | None,
    progress: Progress,
    jobs: int | Literal["ray"] = 1,
) -> tuple[Comparison, Path]:
    """Run every method on every target with every seed; a cell that fails does not lose the others.

    Args:
        config: the settings that all cells share.
        methods: names of methods; "tsl+entropy" is one with parts mixed into it.
        targets: target languages.
        seeds: seeds.
        plugins: the loaded plugins.
        out: folder of the comparison; None: runs/compare-METHODS-SOURCE-TARGETS, numbered if that is another's.
            A cell that an earlier start has finished there, from the same data, is taken as it is.
        progress: reports progress.
        jobs: how many processes on this machine, or "ray"; with 1, all is done in this process.

    Returns:
        the comparison, and its folder, where it is comparison.json and, for people, comparison.md; each cell is a run
        folder in it, without its student.

    Raises:
        XnerError: no cell could be scored; the message is the first cell's.
    """
    _check()
    asked, library = _asked(methods, targets, seeds, progress), Library()
    configs = _configs(config, asked, plugins, progress, library)  # before the folder: a name or a seed may not fit
    comparison = Comparison(settings=config.model_dump(mode="json") | asked, command=tuple(sys.argv))
    folder = claim(out or _place(config, asked), comparison.settings, RECORD, explicit=out is not None)
    requests = _requests(configs, folder)
    with _kept_if_filled(folder), closing(run(requests, plugins, progress, jobs, library)) as cells:
        comparison = _gather(comparison, requests, cells, folder)
    prune_to_limit(progress)
    return _finished(comparison, folder), folder


def _check() -> None:
    """Refuse before anything is spent what cannot go through."""
    if processes.state().num_processes > 1:
        raise UsageError("a comparison does not run under torchrun; --jobs does several of its stages at once")
    limit()


def _configs(
    config: RunConfig, asked: dict[str, list[Any]], plugins: Plugins, progress: Progress, library: Library
) -> list[RunConfig]:
    """Return the settings of each cell; `asked` then has the methods' titles."""
    mixtures = [
        _mixture(config, method, asked["targets"][0], plugins, progress, library) for method in asked["methods"]
    ]
    asked["methods"] = _each_once("methods", [each.title for each in mixtures], progress)
    return [
        build(each.model_dump(), {"target.language": target, "seed": seed})
        for target, seed, each in itertools.product(asked["targets"], asked["seeds"], mixtures)
    ]


def _finished(comparison: Comparison, folder: Path) -> Comparison:
    """Return what the cells amount to, and write it down."""
    comparison = summarized(comparison)
    _save(comparison, folder)
    with writing(folder / PAGE) as file:
        file.write(markdown(comparison))
    if page.can_draw():
        text = page.rendered(comparison, folder)
        with writing(folder / page.FILE) as file:
            file.write(text)
    return comparison


def _asked(
    methods: Sequence[str], targets: Sequence[str], seeds: Sequence[int], progress: Progress
) -> dict[str, list[Any]]:
    """Return what is compared, each once."""
    given: dict[str, Sequence[Any]] = {"methods": methods, "targets": targets, "seeds": seeds}
    if empty := [name for name, values in given.items() if not values]:
        raise UsageError(f"nothing to compare: there are no {empty[0]}")
    return {name: _each_once(name, values, progress) for name, values in given.items()}


def _each_once(name: str, values: Sequence[Any], progress: Progress) -> list[Any]:
    once = list(dict.fromkeys(values))
    if len(once) < len(values):
        progress.say(f"some {name} are asked for twice; each is done once: {', '.join(map(str, once))}")
    return once


def _mixture(
    config: RunConfig, method: str, target: str, plugins: Plugins, progress: Progress, library: Library
) -> RunConfig:
    """Return the settings of a method; what is mixed into all methods is left out where no student is distilled.

    Raises:
        UsageError: a name is misspelt.
    """
    mixture = mixed(plugins, build(given(config), {"method": method, "target.language": target}))
    mixture = with_defaults(plugins, mixture)
    plain = mixture.without_parts()
    if "+" in method or not mixture.student.parts or prepare(plain, plugins, progress, library=library).plan.distilled:
        return mixture
    progress.say(f"{method}: distils no student, so it goes without {' and '.join(mixture.student.parts)}")
    return plain


def _place(config: RunConfig, asked: Mapping[str, Sequence[Any]]) -> Path:
    """Return runs/compare-METHODS-SOURCES-TARGETS; of long lists it has only the numbers."""
    parts = {"methods": asked["methods"], "sources": config.source.languages, "targets": asked["targets"]}
    names = ("+".join(part) for part in parts.values())
    if sum(map(len, map("+".join, parts.values()))) > _LONG:
        names = (f"{len(part)}-{name}" for name, part in parts.items())
    return Path("runs") / "-".join(["compare", *names]).replace("/", ".")


def _requests(configs: Sequence[RunConfig], folder: Path) -> list[Request]:
    """Return the cells to do, each with the score that the folder's record has of it."""
    places = {default_folder(config).name: config for config in configs}
    try:
        scored = Comparison.read(folder).scored
    except DataError:
        scored = []
    before = {Path(cell.folder).name: cell for cell in scored}
    return [Request(config, folder / name, before.get(name)) for name, config in places.items()]


def _gather(comparison: Comparison, requests: Sequence[Request], ended: Iterable[Cell], folder: Path) -> Comparison:
    """Take in each cell as it ends and save at once what there is, in the order of the requests.

    Raises:
        XnerError: all have failed.
    """
    cells = {str(request.folder): request.before for request in requests}
    # saved before the first cell too, so that the same command after a kill finds its folder
    for cell in itertools.chain([None], ended):
        if cell:
            cells[cell.folder] = cell
        comparison = comparison.model_copy(update={"cells": tuple(cell for cell in cells.values() if cell)})
        _save(comparison, folder)
    if len(comparison.failed) == len(comparison.cells):
        raise XnerError(comparison.failed[0].problem)
    return comparison


@contextmanager
def _kept_if_filled(folder: Path) -> Iterator[None]:
    """Where a comparison fails, remove its folder if there is nothing but its record in it."""
    try:
        yield
    except XnerError:
        if folder.is_dir() and [file.name for file in folder.iterdir()] == [RECORD]:
            shutil.rmtree(folder)
        raise


def _save(comparison: Comparison, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with writing(folder / RECORD) as file:
        file.write(comparison.model_dump_json(indent=2))


def seeds_of(text: str) -> list[int]:
    """Read "3" as the seeds 0, 1, 2, "0,7" as these two and "7," as this one.

    Raises:
        UsageError: it is none of them.
    """
    if not re.fullmatch(r"\d+(,\d+)*,?", text, re.ASCII) or not text.strip("0"):
        raise UsageError(
            f"--seeds {text}: expected a number of seeds such as 3, or seeds with commas such as 0,7 (one alone: 7,)"
        )
    numbers = [int(part) for part in text.split(",") if part]
    return numbers if "," in text else list(range(numbers[0]))


def jobs_of(text: str) -> int | Literal["ray"]:
    """Read "4" as so many processes, and "ray" as itself.

    Raises:
        UsageError: it is neither.
    """
    if text == "ray":
        return "ray"
    if not re.fullmatch(r"0*[1-9]\d*", text, re.ASCII):
        raise UsageError(f"--jobs {text}: expected a number of processes such as 4, or ray")
    return int(text)
