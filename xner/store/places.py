"""Where things are in the cache of stages, and the locks of those who work there; nothing heavy is imported here."""

import os
from pathlib import Path

from filelock import FileLock
from platformdirs import user_cache_path

RECORD = "stage.json"
"""The file, inside a stage, of what its key was made of; its time is when the stage was last used."""
PARTIAL = ".partial"
"""What the folder of an unfinished stage ends with."""
REMOVED = ".removed"
"""What the folder of a stage ends with that is being removed."""
DAMAGED = ".damaged"
"""What the name of a stage's folder, or of a shared file, ends with that was found damaged and is set aside."""
SHARED = "shared"
"""The folder, beside the stages, of the files that they share."""
IN_USE = "in-use"
"""The folder, beside the stages, of the notes of runs in progress."""


def cache_folder() -> Path:
    """Return the folder of finished stages: XNER_CACHE, or a folder in the user's cache."""
    return Path(os.environ.get("XNER_CACHE") or user_cache_path("xner") / "stages")


def stage_lock(root: Path, key: str) -> FileLock:
    """Return the lock of a stage; who computes it or removes it holds it."""
    return FileLock(root / f"{key}.lock")


def cache_lock(root: Path) -> FileLock:
    """Return the lock of what belongs to no stage alone: shared files, and which stages are in use.

    It is held for moments by runs, and by whoever removes stages all the time. Who holds it never waits for a stage's.
    """
    return FileLock(root / "cache.lock")
