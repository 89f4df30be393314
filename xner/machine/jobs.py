"""Jobs: calls in other processes, in the order of their needs. One that fails takes along only those that need it.

Workers import this module, so nothing heavy is imported here; see `xner.machine.workers`.
"""

import os
import pickle
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import Any, Protocol

from xner.errors import XnerError, named, told
from xner.machine.outlook import Outlook, told_time
from xner.machine.progress import Progress

_QUIET = {"TRANSFORMERS_VERBOSITY": "error", "DATASETS_VERBOSITY": "error", "HF_HUB_DISABLE_PROGRESS_BARS": "1"}


@dataclass(frozen=True)
class Job:
    """A call for another process.

    Args:
        id: its name among the jobs.
        title: what it does, for people.
        function: a function of a module, so that the other process finds it.
        arguments: what it is called with; pickled on the way.
        needs: the ids of the jobs that must have succeeded before.
    """

    id: str
    title: str
    function: Callable[..., Any]
    arguments: tuple[Any, ...] = ()
    needs: tuple[str, ...] = ()

    def payload(self) -> bytes:
        """Return the call as another process takes it: a pickled pair of function and arguments."""
        return pickle.dumps((self.function, self.arguments))


@dataclass(frozen=True)
class Outcome:
    """How a call ended.

    Args:
        value: what it returned.
        problem: why it failed, in one line; empty if it did not.
        seconds: how long it took.
        exit_code: 2 if it failed because the request itself was wrong, else 1.
    """

    value: Any = None
    problem: str = ""
    seconds: float = 0.0
    exit_code: int = 1


class Pool(Protocol):
    """Where calls are done.

    Args:
        size: how many are done at once.
    """

    size: int

    def submit(self, job: Job) -> Future[Outcome]:
        """Start a job's call."""

    def close(self) -> None:
        """End all workers at once, whatever they are doing."""


def run(jobs: Sequence[Job], pool: Pool, progress: Progress) -> Iterator[tuple[Job, Outcome]]:
    """Do jobs, each as soon as there is room and what it needs is done, and yield them as they end.

    Args:
        jobs: what to do; where several could start, the one with the longest chain of jobs behind it does.
        pool: where.
        progress: reports what starts and ends.

    Yields:
        each job with its outcome; a job whose need failed is not started, and has the same problem.
    """
    graph, left = TopologicalSorter({job.id: job.needs for job in jobs}), _left(jobs)
    graph.prepare()
    known, outcomes = {job.id: job for job in jobs}, dict[str, Outcome]()
    ready, running, outlook = list[Job](), dict[Future[Outcome], Job](), Outlook([job.title for job in jobs])
    while graph.is_active():
        ready = sorted([*ready, *(known[name] for name in graph.get_ready())], key=lambda job: -left[job.id])
        ended: list[tuple[Job, Outcome]] = []
        while ready and len(running) < pool.size:
            job = ready.pop(0)
            if problem := next((outcomes[need].problem for need in job.needs if outcomes[need].problem), ""):
                ended.append((job, Outcome(problem=problem)))
            else:
                progress.say(f"{job.title} ...")
                running[pool.submit(job)] = job
        if not ended:
            done = wait(running, None, FIRST_COMPLETED).done
            ended = [(running.pop(future), _outcome(future)) for future in list(running) if future in done]
        for job, outcome in ended:
            problem = f"failed: {outcome.problem}" if outcome.problem else f"done in {outcome.seconds:.0f} s"
            progress.say(f"{job.title}: {problem}{_ended(outlook, job.title, outcome, pool.size)}")
            outcomes[job.id] = outcome
            graph.done(job.id)
            yield job, outcome


def _ended(outlook: Outlook, title: str, outcome: Outcome, size: int) -> str:
    """Note that a job has ended, and say how many have, and how long all others may take in so many processes."""
    outlook.begin(title)
    outlook.end(title, outcome.seconds)
    left = outlook.left_from()
    if size == 1 or not left:  # a single process tells of the stages in its jobs
        return ""
    return f"; {outlook.number} of {outlook.stages}, about {told_time(left / size)} left in all"


def _left(jobs: Sequence[Job]) -> dict[str, int]:
    """Return the length of the chain of jobs behind each."""
    needs = {job.id: job.needs for job in jobs}
    left = dict.fromkeys(needs, 0)
    for name in reversed(list(TopologicalSorter(needs).static_order())):
        for need in needs[name]:
            left[need] = max(left[need], left[name] + 1)
    return left


def _outcome(future: Future[Outcome]) -> Outcome:
    try:
        return future.result()
    except Exception as error:  # a cluster that lost a worker says so in its own way
        return Outcome(problem=named(error))


def call(payload: bytes) -> Outcome:
    """Do a pickled call in this process."""
    return attempt(_unpickled, payload)


def _unpickled(payload: bytes) -> object:
    function, arguments = pickle.loads(payload)  # nosec B301 # from who started this process
    return function(*arguments)


def attempt(function: Callable[..., Any], *arguments: object) -> Outcome:
    """Call a function; the outcome says whatever goes wrong in it."""
    started = time.monotonic()
    try:
        return Outcome(function(*arguments), seconds=time.monotonic() - started)
    except (Exception, SystemExit) as error:  # a plugin may raise anything
        code = error.exit_code if isinstance(error, XnerError) else 1
        return Outcome(problem=told(error), exit_code=code)


def quiet() -> dict[str, str]:
    """Return environment variables that silence the libraries' logs."""
    return {} if os.environ.get("XNER_DEBUG") else _QUIET


class SameProcess:
    """The pool of one: each call is done at once, in this process."""

    size = 1

    def submit(self, job: Job) -> Future[Outcome]:
        """Do a call."""
        future = Future[Outcome]()
        future.set_result(attempt(job.function, *job.arguments))
        return future

    def close(self) -> None:
        """Do nothing: there is nobody to end."""
