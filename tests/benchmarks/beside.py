"""Row: what a training loses when another program wants a core."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from unittest import mock

from tests.benchmarks.bench import Bench
from tests.benchmarks.result import Line, Result, Table
from xner.machine.hardware import waiting
from xner.machine.progress import Progress
from xner.plugin.manager import Plugins
from xner.runs import run as runs
from xner.runs.mixing import configure

STEPS, WARM = 12, 3
PATIENT = 3
"""Steps that are enough where each takes many seconds."""
LONG = {"GOMP_SPINCOUNT": "300000"}
"""What GNU's OpenMP does by itself."""

ABOUT = """Steps of the recognizer's training, {threads} threads, batches of 32, alone and beside a program that never
rests. Threads share a step, and who is ready first waits for the others: GNU's OpenMP looks 300,000 times whether they
are ready before it sleeps, and keeps the core from them meanwhile if there is a program more than there are cores. The
command line lets it look 2,000 times (`GOMP_SPINCOUNT`, unless that or `OMP_WAIT_POLICY` is set)."""


def measure(bench: Bench) -> Result:
    """Train for some steps, with and without a busy program."""
    settings = bench.settings(32 * (STEPS + WARM + 2), 1) | {"method": "direct"}
    with mock.patch.dict(os.environ, {"OMP_WAIT_POLICY": "", "GOMP_SPINCOUNT": ""}):
        del os.environ["OMP_WAIT_POLICY"], os.environ["GOMP_SPINCOUNT"]
        short = waiting()
    ours, theirs = (_step(bench, settings, variables, STEPS) for variables in (short, LONG))
    with _busy():
        ours_beside, theirs_beside = _step(bench, settings, short, STEPS), _step(bench, settings, LONG, PATIENT)
    rows = (("2,000 looks, as the command line", ours, ours_beside), ("300,000 looks", theirs, theirs_beside))
    return Result(
        title="Beside other programs",
        about=ABOUT.format(threads=bench.threads),
        passport={
            "command": f"xner train --method direct --src en --tgt pt --dataset FOLDER --limit-source "
            f"{settings['source.limit']} --limit-target 1",
            "data": f"UNER English; the mean of {STEPS} steps after {WARM}, of {PATIENT} where they are slow",
            "repeats": "seed 0; once",
        },
        lines=(
            _line("training alone, ms a step", ours, theirs),
            _line("beside a busy program, ms a step", ours_beside, theirs_beside),
        ),
        tables=(
            Table(
                title="Milliseconds a step",
                header=("a thread that waits", "alone", "beside a busy program"),
                rows=tuple((name, 1000 * alone, 1000 * beside) for name, alone, beside in rows),
            ),
        ),
    )


def _line(measured: str, ours: float, theirs: float) -> Line:
    return Line(measured=measured, xner=1000 * ours, against="GNU OpenMP's own waiting", other=1000 * theirs)


def _step(bench: Bench, settings: Mapping[str, Any], variables: Mapping[str, str], steps: int) -> float:
    with mock.patch.dict(os.environ, variables):
        return float(bench.child("beside:seconds", {"settings": settings, "steps": steps})["seconds"])


@contextmanager
def _busy() -> Iterator[None]:
    """Keep a core busy; in a session of its own, since Linux shares the cores among sessions."""
    with subprocess.Popen([sys.executable, "-c", "while True: pass"], start_new_session=True) as program:
        try:
            yield
        finally:
            program.kill()


def seconds(settings: Mapping[str, Any], steps: int) -> dict[str, float]:
    """Return the seconds of a step of the recognizer's training.

    Args:
        settings: of a run, by dotted name.
        steps: how many, after a few that warm up; the run ends then.
    """
    plugins, watch = Plugins.load(), _Steps(steps)
    with tempfile.TemporaryDirectory() as folder, suppress(_EnoughError):
        runs.train(configure(plugins, settings), plugins, Path(folder) / "run", watch)
    return {"seconds": watch.seconds / steps}


class _EnoughError(Exception):
    """All steps that count are done."""


class _Steps(Progress):
    """Takes the time of the steps between two reports of the training loop, and ends the run."""

    def __init__(self, steps: int) -> None:
        super().__init__(quiet=True)
        self.steps, self.seen, self.seconds = steps, 0, 0.0

    def advance(self, share: float, words: int) -> None:
        """Take note of a step."""
        self.seen += 1
        if self.seen == WARM:
            self.seconds = -time.perf_counter()
        elif self.seen == WARM + self.steps:
            self.seconds += time.perf_counter()
            raise _EnoughError
