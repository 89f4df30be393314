"""The cells of a comparison: one run each, one after the other or several at once."""

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from xner.comparing.record import Cell
from xner.errors import DataError, UsageError, XnerError
from xner.machine.hardware import shares
from xner.machine.jobs import Job, Outcome, Pool, attempt
from xner.machine.jobs import run as run_tasks
from xner.machine.memory import forget_peak, peak_memory
from xner.machine.progress import Progress
from xner.machine.rayjobs import RayPool
from xner.machine.workers import LocalPool
from xner.plugin.manager import Plugins
from xner.runs import run as runs
from xner.runs.settings import RunConfig
from xner.store.stages import cache_folder


@dataclass(frozen=True)
class Request:
    """A cell that is wanted.

    Args:
        config: its settings.
        folder: its run folder.
        before: what an earlier start of the same comparison made of it.
    """

    config: RunConfig
    folder: Path
    before: Cell | None = None

    @property
    def cell(self) -> Cell:
        """The cell, still without scores."""
        config = self.config
        return Cell(method=config.title, target=config.target.language, seed=config.seed, folder=str(self.folder))

    def failed(self, problem: str) -> Cell:
        """Return the cell with the reason why it has no scores."""
        return self.cell.model_copy(update={"problem": problem})

    @property
    def title(self) -> str:
        """What it is, for people."""
        return f"{self.config.title} on {self.config.target.language}, seed {self.config.seed}"


@dataclass(frozen=True)
class MissingStage:
    """A stage that a cell needs and that is not done: its title, its key, and the keys of the stages it builds on."""

    title: str
    key: str
    needs: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """What is to be done for a cell: nothing if it is `finished`, else these stages and the scoring."""

    finished: bool = False
    steps: tuple[MissingStage, ...] = ()


def run(
    requests: Sequence[Request], plugins: Plugins, progress: Progress, jobs: int | Literal["ray"]
) -> Generator[Cell]:
    """Yield each cell as it ends; one that fails does not lose the others.

    All are planned before the first is begun, since what is misspelt must not surface after an hour.

    Args:
        requests: the cells.
        plugins: who offers the components.
        progress: who is told how far it is.
        jobs: 1: in this process; more: in so many of this machine; "ray": on a Ray cluster.

    Raises:
        XnerError: a cell cannot be done, or Ray is not there.
    """
    if jobs == 1:
        yield from _in_turn(requests, plugins, progress)
        return
    shared = {"XNER_CACHE": str(cache_folder().absolute())}
    with closing(RayPool(len(requests), shared) if jobs == "ray" else LocalPool(shares(jobs))) as pool:
        yield from _at_once(requests, pool, progress)


def _in_turn(requests: Sequence[Request], plugins: Plugins, progress: Progress) -> Iterator[Cell]:
    """Do one cell after the other, in this process."""
    _announce(requests, progress)
    plans = _checked(requests, [attempt(plan, request, plugins) for request in requests])
    for request, planned in zip(requests, plans, strict=True):
        if request.before and planned.finished:
            progress.say(f"{request.title}: done before")
            yield request.before
            continue
        progress.say(request.title)
        end = attempt(score, request, plugins, progress)
        if end.problem:
            progress.say(f"{request.title}: failed: {end.problem}")
        yield end.value or request.failed(end.problem)


def _at_once(requests: Sequence[Request], pool: Pool, progress: Progress) -> Iterator[Cell]:
    """Do a task for each stage, which cells share, and one for the scoring of each cell.

    Even the planning is done in the pool, since a stage's key hangs on the hardware that computes.
    """
    asked = {str(request.folder): request for request in requests}
    _announce(requests, progress)
    plans = dict(zip(asked, _checked(requests, _planned(requests, pool)), strict=True))
    for name, request in asked.items():
        if request.before and plans[name].finished:
            progress.say(f"{request.title}: done before")
            yield request.before
    left = {name: request for name, request in asked.items() if not plans[name].finished}
    stages, payers = _stage_tasks(left, plans)
    scoring = [
        Job(name, request.title, _score, (request,), tuple(step.key for step in plans[name].steps))
        for name, request in left.items()
    ]
    spent, peaks = dict.fromkeys(left, 0.0), dict.fromkeys(left, 0)
    for task, end in run_tasks([*stages, *scoring], pool, progress):
        if task.id in left:
            cell = end.value or left[task.id].failed(end.problem)
            peak = max(cell.peak_memory_mb, peaks[task.id])
            yield cell.model_copy(update={"seconds": round(cell.seconds + spent[task.id], 1), "peak_memory_mb": peak})
        else:
            payer = payers[task.id]
            spent[payer], peaks[payer] = spent[payer] + end.seconds, max(peaks[payer], end.value or 0)


def _announce(requests: Sequence[Request], progress: Progress) -> None:
    if len(requests) > 1:
        progress.say(f"checking {len(requests)} cells ...")


def _planned(requests: Sequence[Request], pool: Pool) -> list[Outcome]:
    """Return how the planning of each cell in the pool ended."""
    tasks = [Job(str(request.folder), request.title, _plan, (request,)) for request in requests]
    ends = {task.id: end for task, end in run_tasks(tasks, pool, Progress(quiet=True))}
    return [ends[task.id] for task in tasks]


def _checked(requests: Sequence[Request], ends: Sequence[Outcome]) -> list[Plan]:
    """Return the plans of all cells.

    Raises:
        XnerError: there is one that cannot be done; it is named, unless it is the same with all.
    """
    failed = [(request, end) for request, end in zip(requests, ends, strict=True) if end.problem]
    if failed:
        request, end = failed[0]
        with_all = len(failed) == len(requests) and len({each.problem for _, each in failed}) == 1
        kind = UsageError if end.exit_code == UsageError.exit_code else XnerError
        raise kind(end.problem if with_all else f"{request.title}: {end.problem}")
    return [end.value for end in ends]


def _stage_tasks(asked: Mapping[str, Request], plans: Mapping[str, Plan]) -> tuple[list[Job], dict[str, str]]:
    """Return a task for each stage that is to be done, and for each the first cell that needs it."""
    tasks, payers = list[Job](), dict[str, str]()
    for name, request in asked.items():
        for step in plans[name].steps:
            if payers.setdefault(step.key, name) == name:
                title = f"{step.title}, seed {request.config.seed}"
                tasks.append(Job(step.key, title, _compute, (request, step.key), step.needs))
    return tasks, payers


def plan(request: Request, plugins: Plugins) -> Plan:
    """Return what is to be done for a cell; nothing is computed.

    Raises:
        XnerError: the run cannot be done, or there is nothing to score it on.
    """
    data, stages, _ = runs.plan(request.config, plugins)
    if data.test is None:
        target = request.config.target
        raise DataError(
            f"{target.test_dataset or target.dataset} {target.language}: no labelled split '{target.test_split}', so "
            "there is nothing to compare by; name a corpus or a split that has labels with target.test_dataset or "
            "target.test_split, or train without scores: xner train"
        )
    if request.before and runs.finished(request.folder, request.config, data, stages):
        return Plan(finished=True)
    to_do = {stage.key: stage for stage in stages if not stage.done}
    return Plan(
        steps=tuple(
            MissingStage(stage.title, key, tuple(needed.key for needed in stage.inputs if needed.key in to_do))
            for key, stage in to_do.items()
        )
    )


def score(request: Request, plugins: Plugins, progress: Progress) -> Cell:
    """Do a cell's run, with whatever of its stages is not done yet.

    Raises:
        XnerError: something that the user can mend.
    """
    run = runs.train(request.config, plugins, request.folder, progress, keep_student=False)
    took = {"seconds": run.seconds, "peak_memory_mb": run.peak_memory_mb}
    return request.cell.model_copy(update={"metrics": run.metrics, "notes": run.notes, **took})


def _plan(request: Request) -> Plan:
    return plan(request, Plugins.load())


def _compute(request: Request, key: str) -> int:
    """Do a stage, and return the peak memory of that."""
    forget_peak()
    runs.compute(request.config, Plugins.load(), request.folder, key)
    return peak_memory()


def _score(request: Request) -> Cell:
    return score(request, Plugins.load(), Progress(quiet=True))
