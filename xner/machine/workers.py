"""Processes on this machine that do jobs, one call after the other.

A worker imports this module before it knows how many threads it may have, so nothing heavy is imported here.
"""

import os
import pickle
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from queue import LifoQueue, SimpleQueue
from typing import BinaryIO

from xner.machine.jobs import Job, Outcome, call, quiet

_SECONDS = 20
"""How long a worker may take to save what it is at; schedulers wait some 30 seconds before they kill."""
_WORKER = "from xner.machine.workers import serve; serve()"


def serve() -> None:
    """Do the calls that come from stdin until it closes, and write their outcomes to stdout; the life of a worker."""
    sys.argv = sys.argv[1:]  # the command line of the parent
    asked, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)  # a library must neither take a call away ...
    os.dup2(2, 1)  # ... nor print among the outcomes
    payloads = SimpleQueue[bytes]()
    threading.Thread(target=_listen, args=(asked, payloads), daemon=True).start()
    while True:
        pickle.dump(call(payloads.get()), answers)
        answers.flush()


def _listen(asked: BinaryIO, payloads: "SimpleQueue[bytes]") -> None:
    """Take in calls, and end the process, even in the midst of one, when its parent is gone."""
    with suppress(EOFError):
        while True:
            payloads.put(pickle.load(asked))  # nosec B301 # from our own parent
    os._exit(0)


class LocalPool:
    """Processes on this machine, started when first needed.

    Args:
        environments: for each process, environment variables besides this process's own.
    """

    def __init__(self, environments: Sequence[Mapping[str, str]]) -> None:
        self.size = len(environments)
        self._workers = [_Worker(environment) for environment in environments]
        self._free = LifoQueue[_Worker]()  # the last to be free comes first, since it has everything imported
        for worker in reversed(self._workers):
            self._free.put(worker)
        self._threads = ThreadPoolExecutor(self.size)

    def submit(self, job: Job) -> Future[Outcome]:
        """Start a call."""
        return self._threads.submit(self._call, job.payload())

    def _call(self, payload: bytes) -> Outcome:
        worker = self._free.get()
        try:
            return worker.call(payload)
        finally:
            self._free.put(worker)

    def close(self) -> None:
        """End the processes; one that is training saves a checkpoint first, unless that takes too long."""
        try:
            for worker in self._workers:
                worker.ask_to_end()
            end = time.monotonic() + _SECONDS
            for worker in self._workers:
                worker.wait(end - time.monotonic())
        finally:  # whoever waits for this may have had enough
            for worker in self._workers:
                worker.kill()
            self._threads.shutdown(cancel_futures=True)


class _Worker:
    """A process that does one call after the other; if it dies, the next call starts a new one.

    A session of its own keeps Ctrl-C from it: it is ended by this process, or by its stdin when this one is gone.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None
        self._closed = False
        self._lock = threading.Lock()

    def call(self, payload: bytes) -> Outcome:
        """Do a call, and return how it ended, even if the process died."""
        process = self._begin()
        if process is None or process.stdin is None or process.stdout is None:
            return Outcome(problem="interrupted")
        try:
            pickle.dump(payload, process.stdin)
            process.stdin.flush()
            outcome: Outcome = pickle.load(process.stdout)  # nosec B301 # from our own child
        except (OSError, EOFError, pickle.UnpicklingError):
            with suppress(OSError), process:
                code = process.wait()
            how = f"killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
            return Outcome(problem=f"worker {how}; if memory is short, lower --jobs")
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

    def ask_to_end(self) -> None:
        """Send SIGTERM to the process, and start no other."""
        with self._lock:
            self._closed = True
            if self._process is not None:
                self._process.terminate()

    def wait(self, seconds: float) -> None:
        """Wait for the end of the process, but not for ever."""
        if self._process is not None:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(max(0.0, seconds))

    def kill(self) -> None:
        """Kill the process, if it has not ended."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()


def _search_path() -> list[str]:
    """Return where this process finds modules; "" stands for the working folder."""
    return [path or str(Path.cwd()) for path in sys.path]
