"""Jobs: calls in other processes, in the order of their needs. One that fails takes along only those that need it.

A worker imports this module before it knows how many threads it may have, so nothing heavy is imported here.
"""

import os
import pickle
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from queue import LifoQueue, SimpleQueue
from typing import Any, BinaryIO, Protocol

from xner.errors import XnerError, named, told
from xner.machine.progress import Progress

_QUIET = {"TRANSFORMERS_VERBOSITY": "error", "DATASETS_VERBOSITY": "error", "HF_HUB_DISABLE_PROGRESS_BARS": "1"}
_WORKER = "from xner.machine.jobs import serve; serve()"


@dataclass(frozen=True)
class Job:
    """A call for another process.

    Args:
        id: its name among the tasks.
        title: what it does, for people.
        function: a function of a module, so that the other process finds it.
        arguments: what it is called with; pickled on the way.
        needs: the ids of the tasks that must have succeeded before.
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
        """Begin a job's call."""

    def close(self) -> None:
        """End all workers at once, whatever they are doing."""


def run(tasks: Sequence[Job], pool: Pool, progress: Progress) -> Iterator[tuple[Job, Outcome]]:
    """Do tasks, each as soon as there is room and what it needs is there, and yield them as they end.

    Args:
        tasks: what to do; where several could begin, the one with the longest way to the end behind it does.
        pool: where.
        progress: who is told what begins and ends.

    Yields:
        each task with its outcome; a task whose need failed is not begun, and has the same problem.
    """
    graph, left = TopologicalSorter({task.id: task.needs for task in tasks}), _left(tasks)
    graph.prepare()
    known, outcomes = {task.id: task for task in tasks}, dict[str, Outcome]()
    ready, running = list[Job](), dict[Future[Outcome], Job]()
    while graph.is_active():
        ready = sorted([*ready, *(known[name] for name in graph.get_ready())], key=lambda task: -left[task.id])
        ended: list[tuple[Job, Outcome]] = []
        while ready and len(running) < pool.size:
            task = ready.pop(0)
            if problem := next((outcomes[need].problem for need in task.needs if outcomes[need].problem), ""):
                ended.append((task, Outcome(problem=problem)))
            else:
                progress.say(f"{task.title} ...")
                running[pool.submit(task)] = task
        if not ended:
            ended = [(running.pop(future), _outcome(future)) for future in wait(running, None, FIRST_COMPLETED).done]
        for task, outcome in ended:
            problem = f"failed: {outcome.problem}" if outcome.problem else f"done in {outcome.seconds:.0f} s"
            progress.say(f"{task.title}: {problem}")
            outcomes[task.id] = outcome
            graph.done(task.id)
            yield task, outcome


def _left(tasks: Sequence[Job]) -> dict[str, int]:
    """Return how many tasks come one after the other behind each."""
    needs = {task.id: task.needs for task in tasks}
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
    function, arguments = pickle.loads(payload)
    return function(*arguments)


def attempt(function: Callable[..., Any], *arguments: object) -> Outcome:
    """Call a function; whatever goes wrong in it is told in the outcome."""
    started = time.monotonic()
    try:
        return Outcome(function(*arguments), seconds=time.monotonic() - started)
    except (Exception, SystemExit) as error:  # a plugin may raise anything
        code = error.exit_code if isinstance(error, XnerError) else 1
        return Outcome(problem=told(error), exit_code=code)


def quiet() -> dict[str, str]:
    """Return environment variables that keep the libraries' own reports off a worker's screen."""
    return {} if os.environ.get("XNER_DEBUG") else _QUIET


def serve() -> None:
    """Do the calls that come from stdin until it closes, and write their outcomes to stdout; the life of a worker."""
    sys.argv = sys.argv[1:]  # the command line of the process that began this one
    asked, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)  # a library must neither take a call away ...
    os.dup2(2, 1)  # ... nor print among the outcomes
    payloads = SimpleQueue[bytes]()
    threading.Thread(target=_listen, args=(asked, payloads), daemon=True).start()
    while True:
        pickle.dump(call(payloads.get()), answers)
        answers.flush()


def _listen(asked: BinaryIO, payloads: "SimpleQueue[bytes]") -> None:
    """Take in calls, and end the process, even from the midst of one, when nobody is there any more to hear of it."""
    with suppress(EOFError):
        while True:
            payloads.put(pickle.load(asked))
    os._exit(0)


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


class LocalPool:
    """Processes on this machine, begun when first needed.

    Args:
        environments: for each process, environment variables beside this process's own.
    """

    def __init__(self, environments: Sequence[Mapping[str, str]]) -> None:
        self.size = len(environments)
        self._workers = [_Worker(environment) for environment in environments]
        self._free = LifoQueue[_Worker]()  # the last to be free comes first, since it has everything imported
        for worker in reversed(self._workers):
            self._free.put(worker)
        self._threads = ThreadPoolExecutor(self.size)

    def submit(self, job: Job) -> Future[Outcome]:
        """Begin a call."""
        return self._threads.submit(self._call, job.payload())

    def _call(self, payload: bytes) -> Outcome:
        worker = self._free.get()
        try:
            return worker.call(payload)
        finally:
            self._free.put(worker)

    def close(self) -> None:
        """Kill the processes."""
        for worker in self._workers:
            worker.close()
        self._threads.shutdown(cancel_futures=True)


class _Worker:
    """A process that does one call after the other; after its death the next call begins a new one.

    A session of its own keeps Ctrl-C from it: it is ended by this process, or by its stdin when this one is gone.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None
        self._closed = False
        self._lock = threading.Lock()

    def call(self, payload: bytes) -> Outcome:
        """Do a call, and return how it ended, be it with the process's death."""
        process = self._begin()
        if process is None or process.stdin is None or process.stdout is None:
            return Outcome(problem="interrupted")
        try:
            pickle.dump(payload, process.stdin)
            process.stdin.flush()
            outcome: Outcome = pickle.load(process.stdout)
        except (OSError, EOFError, pickle.UnpicklingError):
            with suppress(OSError), process:
                code = process.wait()
            how = f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"
            return Outcome(problem=f"its process {how}; if memory is short, take fewer --jobs")
        return outcome

    def _begin(self) -> "subprocess.Popen[bytes] | None":
        """Return the living process, or None after `close`."""
        with self._lock:
            if self._closed:
                return None
            if self._process is None or self._process.poll() is not None:
                self._process = subprocess.Popen(
                    [sys.executable, "-P", "-c", _WORKER, *sys.argv],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    env={**os.environ, "PYTHONPATH": os.pathsep.join(_search_path()), **quiet(), **self._environment},
                    start_new_session=True,
                )
            return self._process

    def close(self) -> None:
        """Kill the process, and begin no other."""
        with self._lock:
            self._closed = True
            if self._process is not None:
                self._process.kill()
                self._process.wait()


def _search_path() -> list[str]:
    """Return where this process finds modules; "" stands for the working folder."""
    return [path or str(Path.cwd()) for path in sys.path]
