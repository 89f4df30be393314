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
from xner.store.files import put_in_place
from xner.store.integrity.digests import Damage, checks_content
from xner.store.integrity.stage import flaws, seal, sealed, set_aside
from xner.store.leases import in_use
from xner.store.places import PARTIAL, REMOVED, SHARED, stage_lock

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
        makes_corpus: its result is a corpus, which later stages read.
    """

    title: str
    key: str
    folder: Path
    inputs: tuple["Stage", ...] = ()
    makes_corpus: bool = False

    @property
    def done(self) -> bool:
        """Whether the result is there, with all its files, also those that it shares, each as long as it was."""
        return self.folder.is_dir() and not any(flaws(self.folder, content=False))

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


def _clear(partial: Path) -> None:
    """Remove what a start that was killed has left, such as files half-written, but no checkpoints."""
    for path in partial.rglob("*"):
        if SCRATCH not in path.relative_to(partial).parts and (path.is_symlink() or path.is_file()):
            path.unlink()


def _unheard(line: str) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class StageStore:
    """The folder of finished stages, shared by all runs of a user.

    Args:
        root: the folder; it is made when first needed.
        tell: is told, in a line, what was found damaged.
    """

    root: Path
    tell: Callable[[str], None] = _unheard

    def folder(self, key: str) -> Path:
        """Return where the result of a stage is, or will be."""
        return self.root / key

    def in_use(self, stages: Sequence[Stage]) -> AbstractContextManager[None]:
        """Keep stages, done or not, from being removed while a run needs them; it is noted that they are used.

        Args:
            stages: all that the run is made of.
        """
        return in_use(self.root, [stage.key for stage in stages]) if processes.first() else nullcontext()

    def ready(self, stage: Stage) -> bool:
        """Return whether a stage is done and undamaged; what is damaged of it is set aside, to be computed anew.

        Its bytes are compared, or only the sizes of its files, as XNER_CACHE_CHECK says. The processes of a run ask
        together.

        Args:
            stage: which one.

        Raises:
            DataError: it is damaged, and the cache cannot be written.
        """
        return processes.agreed(processes.first() and self._sound(stage))

    def _sound(self, stage: Stage) -> bool:
        content = checks_content()
        if not stage.folder.is_dir():
            return False
        if not any(flaws(stage.folder, content)):
            return True
        with self._lock(stage):
            if found := list(flaws(stage.folder, content)) if stage.folder.is_dir() else []:  # nobody has mended it
                self._set_aside(stage, found)
            return stage.done

    def _set_aside(self, stage: Stage, found: Sequence[Damage]) -> None:
        (path, problem), *more = found
        wrong = f"{path}: {problem}{f', and {len(more)} more' if more else ''}"
        try:
            aside = set_aside(self.root, stage.folder, found)
        except OSError as error:
            raise DataError(f"{wrong}; it cannot be set aside: {error.strerror}") from error
        kept = f", set aside as {aside[0]}" if aside else ""
        self.tell(f"{stage.title}: damaged ({wrong}){kept}; computed anew")

    def complete(self, stage: Stage, description: Mapping[str, object], work: Callable[[Path], None]) -> None:
        """Do a stage unless it is done; another run that is at the same stage is waited for.

        The processes of one run do a stage together; the first one locks it and puts the result in place.

        Args:
            stage: which one.
            description: what the key was made of; kept beside the result for people.
            work: fills a folder with the result. After a kill it gets the folder with what was left in its scratch
                folders, such as checkpoints.

        Raises:
            DataError: the store's folder cannot be written, or what the stage builds on is not in it.
        """
        for needed in stage.inputs:
            if not self.ready(needed):
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
        if not processes.agreed(processes.first() and sealed(partial)):  # or else it was killed just before its move
            if processes.first():
                partial.mkdir(exist_ok=True)
                (self.root / SHARED).mkdir(exist_ok=True)
                _clear(partial)
            processes.wait()
            work(partial)
            processes.wait()
            if processes.first():
                seal(partial, {"title": stage.title, **description}, SCRATCH)
        if processes.first():
            shutil.rmtree(partial / SCRATCH, ignore_errors=True)
            put_in_place(partial, stage.folder, stage.folder.with_suffix(REMOVED))
        processes.wait()
