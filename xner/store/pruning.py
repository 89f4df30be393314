"""Making the cache smaller."""

import os
import re
import shutil
import time
from collections.abc import Sequence, Sized
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from filelock import Timeout

from xner.errors import DataError, UsageError
from xner.machine.progress import Progress
from xner.store.cache import Cache, Entry, is_stage
from xner.store.places import DAMAGED, REMOVED, SHARED, cache_folder, cache_lock, stage_lock
from xner.store.shared import is_shared

_UNITS = {"": 1, "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
_SECONDS = {"h": 3600, "d": 86_400, "w": 604_800}
LIMIT = "XNER_CACHE_LIMIT"
"""The environment variable of how many bytes the cache may have after a run."""


@dataclass(frozen=True)
class Which:
    """Which stages are to be removed: those to which all of this applies, but none that a run in progress needs.

    Args:
        keep: only so many that no more than these bytes are left, the longest unused first; None: all.
        older: those that were not used for so many seconds; None: whenever they were used.
        unused: those that no run folder names.
        runs: where the run folders are.
    """

    keep: int | None = None
    older: int | None = None
    unused: bool = False
    runs: tuple[Path, ...] = ()

    def of(self, cache: Cache) -> list[Entry]:
        """Return these stages of a cache, the longest unused first."""
        before = time.time() - self.older if self.older is not None else float("inf")
        free = [entry for entry in cache.entries if not entry.busy and entry.last_used <= before]
        free = [entry for entry in free if not (self.unused and entry.runs)]
        return free if self.keep is None else cache.over(self.keep, free)


@dataclass(frozen=True)
class Pruned:
    """What was removed, or would be.

    Args:
        gone: the stages.
        shared: the names of the shared files.
        freed: bytes.
        left: the bytes that are left.
    """

    gone: tuple[Entry, ...]
    shared: tuple[str, ...]
    freed: int
    left: int

    def __str__(self) -> str:
        what = f"{counted(self.gone, 'stage')} and {counted(self.shared, 'shared file')}"
        return f"removed {what} of the cache, {told_size(self.freed)}"


def prune(root: Path, which: Which, dry: bool = False) -> Pruned:
    """Remove stages, and then the shared files that no stage has a link to any more.

    A stage goes in one move, so that it is there as a whole or not at all.

    Args:
        root: the cache.
        which: the stages.
        dry: remove nothing.

    Raises:
        DataError: it cannot be written.
    """
    if not root.is_dir():
        return Pruned((), (), 0, 0)
    if dry:
        cache = Cache.read(root, which.runs)
        return _pruned(cache, which.of(cache))
    try:
        with cache_lock(root):  # no run begins meanwhile, or makes a link to a shared file
            cache = Cache.read(root, which.runs)
            gone = [entry for entry in which.of(cache) if _remove(root, entry)]
            done = _pruned(cache, gone)
            _sweep(root, cache.without(gone))
    except OSError as error:
        raise DataError(f"{root}: cannot be made smaller: {error.strerror}") from error
    return done


def prune_to_limit(progress: Progress) -> None:
    """Make the cache as small as XNER_CACHE_LIMIT says, if it says anything.

    Args:
        progress: reports what was removed.

    Raises:
        UsageError: it says no size.
    """
    if (keep := limit()) is None:
        return
    try:
        done = prune(cache_folder(), Which(keep=keep))
    except DataError as error:  # the run is done all the same
        progress.say(str(error))
        return
    if done.freed:
        progress.say(f"{done}, since {LIMIT} is {told_size(keep)}")
    if done.left > keep:
        progress.say(f"the cache still has {told_size(done.left)}, which runs in progress need")


def limit() -> int | None:
    """Return how many bytes the cache may have after a run, from XNER_CACHE_LIMIT; None: as many as there are.

    Raises:
        UsageError: it says no size.
    """
    text = os.environ.get(LIMIT, "")
    return size_of(text, LIMIT) if text else None


def counted(things: Sized, what: str) -> str:
    """Return "1 stage", or "2 stages"."""
    return f"{len(things)} {what}{'s' * (len(things) != 1)}"


def told_size(size: int) -> str:
    """Return a number of bytes for people."""
    unit = next(unit for unit in ("TB", "GB", "MB", "KB", "B") if size >= _UNITS[unit] or unit == "B")
    return f"{size / _UNITS[unit]:.{unit in ('TB', 'GB'):d}f} {unit}"


def size_of(text: str, what: str) -> int:
    """Read a size such as "20GB", in bytes.

    Args:
        text: the size.
        what: where it stands, for messages.

    Raises:
        UsageError: it is none.
    """
    found = re.fullmatch(r"(\d+(?:\.\d+)?) ?([KMGT]?B?)", text.strip(), re.IGNORECASE | re.ASCII)
    unit = found[2].upper() if found else ""
    if not found or (unit and not unit.endswith("B")):
        raise UsageError(f"{what} {text}: expected a size such as 20GB or 500MB")
    return int(float(found[1]) * _UNITS[unit])


def age_of(text: str, what: str) -> int:
    """Read a time such as "30d", in seconds.

    Args:
        text: hours (h), days (d) or weeks (w).
        what: where it stands, for messages.

    Raises:
        UsageError: it is none.
    """
    found = re.fullmatch(r"(\d+)([hdw])", text.strip(), re.ASCII)
    if not found:
        raise UsageError(f"{what} {text}: expected a time such as 30d, 12h or 2w")
    return int(found[1]) * _SECONDS[found[2]]


def _pruned(cache: Cache, gone: Sequence[Entry]) -> Pruned:
    left = cache.without(gone)
    return Pruned(tuple(gone), tuple(cache.shared.keys() - left.shared), cache.size - left.size, left.size)


def _remove(root: Path, entry: Entry) -> bool:
    """Remove a stage, unless someone has begun to compute it."""
    lock = stage_lock(root, entry.key)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return False
    try:
        away = root / f"{entry.folder.name}{REMOVED}"
        shutil.rmtree(away, ignore_errors=True)
        entry.folder.rename(away)
        shutil.rmtree(away, ignore_errors=True)
    finally:
        lock.release()
    return True


def _sweep(root: Path, left: Cache) -> None:
    """Remove the shared files that are not left, what is set aside, and what a process that was killed left of both."""
    for ending in (REMOVED, DAMAGED):
        for folder in root.glob(f"*{ending}"):
            if is_stage(folder.name.removesuffix(ending)):
                shutil.rmtree(folder, ignore_errors=True)
    for file in (root / SHARED).glob("*"):
        if is_shared(file.name) and file.name not in left.shared:
            with suppress(FileNotFoundError):
                file.unlink()
