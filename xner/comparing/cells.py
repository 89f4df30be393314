"""The cells of a comparison: one run each, one after the other or several at once."""

from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from typing import Literal

from xner.comparing.record import Cell
from xner.comparing.work import CellWork, Plan, Request
from xner.errors import UsageError, XnerError
from xner.machine.hardware import shares
from xner.machine.jobs import Job, Outcome, Pool, SameProcess
from xner.machine.jobs import run as run_jobs
from xner.machine.progress import Progress
from xner.machine.rayjobs import RayPool
from xner.machine.workers import LocalPool
from xner.plugin.manager import Plugins
from xner.runs.loading import Library
from xner.store.leases import in_use
from xner.store.places import cache_folder


def run(
    requests: Sequence[Request],
    plugins: Plugins,
    progress: Progress,
    jobs: int | Literal["ray"],
    library: Library | None = None,
) -> Generator[Cell]:
    """Yield each cell as it ends; one that fails does not lose the others.

    All are planned before the first is begun, since what is misspelt must not surface after an hour. Even that is done
    in the pool, since a stage's key depends on the hardware that computes.

    Args:
        requests: the cells.
        plugins: the loaded plugins.
        progress: reports progress.
        jobs: 1: in this process; more: in so many of this machine; "ray": on a Ray cluster.
        library: corpora that were read before.

    Raises:
        XnerError: a cell cannot be done, or Ray is not there.
    """
    if len(requests) > 1:
        progress.say(f"checking {len(requests)} cells ...")
    with closing(_pool(len(requests), jobs)) as pool:
        work = CellWork(plugins, progress, library or Library())
        asked = {str(request.folder): request for request in requests}
        plans = dict(zip(asked, _checked(requests, _planned(requests, pool, work)), strict=True))
        for line in (*_unused_by_all(plans.values()), *(line for plan in plans.values() for line in plan.told)):
            progress.say(line)
        left = dict[str, Request]()
        for name, request in asked.items():
            if request.before and plans[name].finished:
                progress.say(f"{request.title}: done before")
                yield request.before
            else:
                left[name] = request
        with in_use(cache_folder(), [key for name in left for key in plans[name].keys]):
            yield from _done(left, plans, pool, work, progress)


def _unused_by_all(plans: Collection[Plan]) -> list[str]:
    """Return what was set without any effect on any cell; what one of them uses may be without effect on others."""
    lines = dict.fromkeys(line for plan in plans for line in plan.unused)
    return [line for line in lines if all(line in plan.unused for plan in plans)]


def _pool(cells: int, jobs: int | Literal["ray"]) -> Pool:
    if jobs == 1:
        return SameProcess()
    if jobs == "ray":
        return RayPool(cells, {"XNER_CACHE": str(cache_folder().absolute())})
    return LocalPool(shares(jobs))


def _done(
    asked: Mapping[str, Request], plans: Mapping[str, Plan], pool: Pool, work: CellWork, progress: Progress
) -> Iterator[Cell]:
    """Do a job for each stage, which cells share, and one for the rest of each cell; alone, a cell is one job."""
    stages, payers = _stage_jobs(asked, plans, work) if pool.size > 1 else ([], {})
    steps = {step.key: step.title for name in asked for step in plans[name].steps}  # cells share them
    progress.expect([*steps.values(), *(plans[name].scoring for name in asked)])
    known = {job.id for job in stages}
    scoring = [
        Job(
            name,
            request.title,
            work.score,
            (request,),
            tuple(step.key for step in plans[name].steps if step.key in known),
        )
        for name, request in asked.items()
    ]
    spent, peaks = dict.fromkeys(asked, 0.0), dict.fromkeys(asked, 0)
    for job, end in run_jobs([*stages, *scoring], pool, progress):
        if job.id in asked:
            cell = end.value or asked[job.id].failed(end.problem)
            peak = max(cell.peak_memory_mb, peaks[job.id])
            yield cell.model_copy(update={"seconds": round(cell.seconds + spent[job.id], 1), "peak_memory_mb": peak})
        else:
            payer = payers[job.id]
            spent[payer], peaks[payer] = spent[payer] + end.seconds, max(peaks[payer], end.value or 0)


def _planned(requests: Sequence[Request], pool: Pool, work: CellWork) -> list[Outcome]:
    """Return how the planning of each cell in the pool ended."""
    jobs = [Job(str(request.folder), request.title, work.plan, (request,)) for request in requests]
    ends = {job.id: end for job, end in run_jobs(jobs, pool, Progress(quiet=True))}
    return [ends[job.id] for job in jobs]


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


def _stage_jobs(
    asked: Mapping[str, Request], plans: Mapping[str, Plan], work: CellWork
) -> tuple[list[Job], dict[str, str]]:
    """Return a job for each stage that is to be done, and for each the first cell that needs it."""
    jobs, payers = list[Job](), dict[str, str]()
    for name, request in asked.items():
        for step in plans[name].steps:
            if payers.setdefault(step.key, name) == name:
                title = f"{step.title}, seed {request.config.seed}"
                jobs.append(Job(step.key, title, work.compute, (request, step.key), step.needs))
    return jobs, payers
