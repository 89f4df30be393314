"""Stages on disk: a computation is stored under a key of all that it depends on, and never done twice."""

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from xner.errors import DataError
from xner.machine import processes
from xner.store.leases import in_use
from xner.store.places import PARTIAL, RECORD, SHARED, stage_lock
from xner.store.shared import lost

TAGGER = "tagger"
"""The folder, inside a stage, of the tagger that the stage made."""
NOTES = "notes.txt"
"""The file, inside a stage, of what must stand beside every score that builds on it, a line each."""
SCRATCH = "scratch"
"""The folder, inside a stage's, of what is needed only until the stage is done, such as checkpoints."""


@dataclass(frozen=True)
class Stage:
    """One step of a method.

    Args:
        title: what it does, for people.
        key: a hash of all that its result depends on.
        folder: where its result is, once it is done.
        inputs: the stages that it builds on.
    """

    title: str
    key: str
    folder: Path
    inputs: tuple["Stage", ...] = ()

    @property
    def done(self) -> bool:
        """Whether the result is there, with all that it shares with others."""
        return self.folder.is_dir() and not lost(self.folder)

    @property
    def notes(self) -> tuple[str, ...]:
        """What must stand beside every score that builds on it, once it is done."""
        file = self.folder / NOTES
        return tuple(file.read_text(encoding="utf-8").splitlines()) if file.is_file() else ()


def notes_of(stages: Sequence[Stage]) -> tuple[str, ...]:
    """Return what must stand beside every score of a run, each line once.

    Args:
        stages: those that the run is made of, done.
    """
    return tuple(dict.fromkeys(note for stage in stages for note in stage.notes))


def key_of(description: Mapping[str, object]) -> str:
    """Return a hash of everything in a description and of the versions of the libraries that compute."""
    everything = {**description, "torch": version("torch"), "transformers": version("transformers")}
    return hashlib.sha256(json.dumps(everything, sort_keys=True, default=_plain).encode()).hexdigest()[:20]


def _plain(value: object) -> object:
    """Return what JSON can hold; a set's own order is another one in every process."""
    return sorted(value, key=str) if isinstance(value, set | frozenset) else str(value)


@dataclass(frozen=True)
class StageStore:
    """The folder of finished stages, shared by all runs of a user.

    Args:
        root: the folder; it is made when first needed.
    """

    root: Path

    def folder(self, key: str) -> Path:
        """Return where the result of a stage is, or will be."""
        return self.root / key

    def in_use(self, stages: Sequence[Stage]) -> AbstractContextManager[None]:
        """Keep stages, done or not, from being removed while a run needs them; it is noted that they are used.

        Args:
            stages: all that the run is made of.
        """
        return in_use(self.root, [stage.key for stage in stages]) if processes.first() else nullcontext()

    def complete(self, stage: Stage, description: Mapping[str, object], work: Callable[[Path], None]) -> None:
        """Do a stage unless it is done; another run that is at the same stage is waited for.

        The processes of one run do a stage together; the first one locks it and puts the result in place.

        Args:
            stage: which one.
            description: what the key was made of; kept beside the result for people.
            work: fills a folder with the result. After a kill it gets the folder as it was left, with its checkpoints.

        Raises:
            DataError: the store's folder cannot be written, or what the stage builds on is not in it.
        """
        for needed in stage.inputs:
            if not needed.done:
                raise DataError(
                    f"{needed.folder}: there is no '{needed.title}' to build on; "
                    "on several machines XNER_CACHE must be a folder that all of them share"
                )
        with self._lock(stage) if processes.first() else nullcontext():
            if not processes.agreed(stage.done):
                self._do(stage, description, work)

    def _lock(self, stage: Stage) -> AbstractContextManager[object]:
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            return stage_lock(self.root, stage.key).acquire()
        except OSError as error:
            raise DataError(f"{self.root}: cannot write here; set XNER_CACHE to a folder that you may write") from error

    def _do(self, stage: Stage, description: Mapping[str, object], work: Callable[[Path], None]) -> None:
        partial = stage.folder.with_suffix(PARTIAL)
        partial.mkdir(exist_ok=True)
        (self.root / SHARED).mkdir(exist_ok=True)
        work(partial)
        processes.wait()
        if processes.first():
            shutil.rmtree(partial / SCRATCH, ignore_errors=True)
            known = {"title": stage.title, **description}
            (partial / RECORD).write_text(json.dumps(known, indent=2, default=str), encoding="utf-8")
            if stage.folder.is_dir():  # a shared file of it is lost
                shutil.rmtree(stage.folder)
            partial.rename(stage.folder)
        processes.wait()
