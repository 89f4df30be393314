"""Which stages runs in progress need, so that nobody removes them: each run has a note, locked as long as it lives."""

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

from filelock import FileLock, Timeout

from xner.store.places import IN_USE, RECORD, cache_lock


@contextmanager
def in_use(root: Path, keys: Sequence[str]) -> Iterator[None]:
    """Keep stages from being removed, those that are done and those that will be, and note that they were used now.

    Where nobody can write, nobody can remove anything either, and nothing is noted.

    Args:
        root: the cache.
        keys: of the stages.
    """
    note = root / IN_USE / f"{os.getpid()}-{uuid4().hex}.json"
    lock = FileLock(note.with_suffix(".lock"))
    with suppress(OSError):
        note.parent.mkdir(parents=True, exist_ok=True)
        with cache_lock(root):  # whoever removes stages is done, or will see the note
            lock.acquire()
            note.write_text(json.dumps(list(keys)), encoding="utf-8")
            for key in keys:
                touch(root / key)
    try:
        yield
    finally:
        with suppress(OSError):
            for key in keys:
                touch(root / key)
            note.unlink()
        lock.release()
        with suppress(OSError):
            Path(lock.lock_file).unlink()


def touch(stage: Path) -> None:
    """Note that a stage, if it is there, was used now."""
    with suppress(OSError):
        os.utime(stage / RECORD)


def needed(root: Path) -> set[str]:
    """Return the keys of all stages that runs in progress need; notes of runs that were killed are removed."""
    keys = set[str]()
    for note in (root / IN_USE).glob(f"*-{'[0-9a-f]' * 32}.json"):
        if held(FileLock(note.with_suffix(".lock"))):
            with suppress(OSError, ValueError):  # it has ended meanwhile
                keys |= set(json.loads(note.read_text(encoding="utf-8")))
        else:
            with suppress(OSError):
                note.unlink()
                note.with_suffix(".lock").unlink()
    return keys


def held(lock: FileLock) -> bool:
    """Whether a process holds a lock."""
    if not Path(lock.lock_file).exists():
        return False
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return True
    except OSError:
        return False
    lock.release()
    return False
