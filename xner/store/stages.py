"""Stages on disk: a computation is stored under a key of all that it depends on, and never done twice."""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from filelock import FileLock
from platformdirs import user_cache_path

from xner.errors import DataError
from xner.machine import processes

TAGGER = "tagger"
"""The folder, inside a stage, of the tagger that the stage made."""
SCRATCH = "scratch"
"""The folder, inside a stage's, of what is needed only until the stage is done, such as checkpoints."""
_PARTIAL = ".partial"


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
        """Whether the result is there."""
        return self.folder.is_dir()


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
            return FileLock(self.root / f"{stage.key}.lock").acquire()
        except OSError as error:
            raise DataError(f"{self.root}: cannot write here; set XNER_CACHE to a folder that you may write") from error

    def _do(self, stage: Stage, description: Mapping[str, object], work: Callable[[Path], None]) -> None:
        partial = stage.folder.with_suffix(_PARTIAL)
        partial.mkdir(exist_ok=True)
        work(partial)
        processes.wait()
        if processes.first():
            shutil.rmtree(partial / SCRATCH, ignore_errors=True)
            (partial / "stage.json").write_text(json.dumps(description, indent=2, default=str), encoding="utf-8")
            partial.rename(stage.folder)
        processes.wait()


def cache_folder() -> Path:
    """Return the folder of finished stages: XNER_CACHE, or a folder in the user's cache."""
    return Path(os.environ.get("XNER_CACHE") or user_cache_path("xner") / "stages")
