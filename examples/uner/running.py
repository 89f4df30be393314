"""Running the cells, one after the other; what each stage took is written down beside its score."""

import json
import shutil
import subprocess
import time
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import argmax
from experiment import Job
from pydantic import BaseModel
from store import Store

from xner.comparing.record import Cell
from xner.comparing.work import CellWork
from xner.errors import XnerError
from xner.machine.memory import peak_memory
from xner.machine.progress import Progress
from xner.plugin.manager import Plugins
from xner.runs.loading import Library


class Finished(BaseModel):
    """A cell that has ended.

    Args:
        cell: its scores, under its row's title in place of the method, and its name in place of the folder.
        commit: the state of the code.
    """

    cell: Cell
    commit: str


class Cost(BaseModel):
    """What a stage, or the scoring of a cell, took.

    Args:
        title: what it is.
        seconds: how long it took.
        peak_memory_mb: the most that the process held, in MiB, in its run up to its end.
    """

    title: str
    seconds: float
    peak_memory_mb: int


class Clock(Progress):
    """Progress that writes down what each stage of a cell took.

    Args:
        store: where to.
        keys: the keys of the stages by title; any other title is the scoring.
        name: the cell's name, for its scoring.
    """

    def __init__(self, store: Store, keys: Mapping[str, str], name: str) -> None:
        super().__init__()
        self._store, self._keys, self._name = store, keys, name
        self._scoring: Cost | None = None

    @contextmanager
    def stage(self, title: str) -> Iterator[None]:
        """Show a stage, and write down what it took."""
        started = time.monotonic()
        with super().stage(title):
            yield
        cost = Cost(title=title, seconds=time.monotonic() - started, peak_memory_mb=peak_memory())
        if title in self._keys:
            self._store.save(self._keys[title], cost)
            return
        before = self._scoring or cost.model_copy(update={"seconds": 0.0})  # scoring; then looking at what came out
        self._scoring = cost.model_copy(update={"title": before.title, "seconds": before.seconds + cost.seconds})
        self._store.save(self._name, self._scoring)


def run(jobs: Sequence[Job], store: Store, plugins: Plugins) -> None:
    """Do every cell that is not done; one that fails, of whatever, does not lose the others."""
    commit, progress, library = _commit(), Progress(), Library()
    for job in jobs:
        before = store.load(Finished, job.name)
        title = f"{job.row} on {job.target}, seed {job.seed}"
        try:
            known = before.cell if before and before.cell.metrics else None
            request = replace(job.request, before=known)
            to_do = CellWork(plugins, progress, library).plan(request)
            if to_do.finished:
                progress.say(f"{title}: done before")
                continue
            progress.say(title)
            clock = Clock(store, {step.title: step.key for step in to_do.steps}, job.name)
            cell = CellWork(plugins, clock, library).score(request)
            store.keep(job.name, job.request.folder)
            argmax.score(job, store, plugins, library)
        except Exception as error:
            if not isinstance(error, XnerError):
                traceback.print_exc()
            problem = str(error) if isinstance(error, XnerError) else f"{type(error).__name__}: {error}".splitlines()[0]
            progress.say(f"{title}: failed: {problem}")
            cell = job.request.cell.model_copy(update={"problem": problem})
        store.save(
            job.name, Finished(cell=cell.model_copy(update={"method": job.row, "folder": job.name}), commit=commit)
        )


def clear(jobs: Sequence[Job], cache: Path) -> None:
    """Remove the students of cells that have ended, hundreds of megabytes each; the run folders have their tags."""
    for job in jobs:
        file = job.request.folder / "manifest.json"
        stages = json.loads(file.read_text(encoding="utf-8"))["stages"] if file.is_file() else []
        for stage in stages:
            if stage["title"].startswith("student"):
                shutil.rmtree(cache / stage["key"], ignore_errors=True)


def _commit() -> str:
    """Return which code this is, with a + if it was changed since; empty without git."""
    git = ["git", "-C", str(Path(__file__).parents[2])]
    code = ["xner", "plugins", "examples"]  # the page that this writes is not among them
    try:
        commit = subprocess.run([*git, "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True)
        changed = subprocess.run(
            [*git, "status", "--porcelain", "-uno", "--", *code], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return ""
    return commit.stdout.strip() + ("+" if changed.stdout.strip() else "")
