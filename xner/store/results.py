"""Result folders: none takes the place of another result."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from xner.errors import DataError
from xner.filenames import unfit
from xner.store.files import partial_of

MANIFEST = "manifest.json"
"""The file, in a run folder, of all that the run depends on."""
STUDENT = "student"
"""The folder, inside a run, of the tagger for the target language."""


def claim(folder: Path, settings: Mapping[str, Any], record: str, explicit: bool) -> Path:
    """Find a folder for a result before hours are spent on it.

    Args:
        folder: where the result should go.
        settings: what it will be a result of; a folder whose record has the same settings may be replaced.
        record: the JSON file in a result folder that has a field "settings".
        explicit: the user named the folder, so no other will do; otherwise a number is appended.

    Raises:
        DataError: the folder is another result's, or cannot be written.
    """
    if reason := unfit(folder.name):
        raise DataError(f"{folder}: cannot be the name of a result's folder: {reason}; choose another --out")
    free, number = folder, 1
    while _taken(free, settings, record):
        if explicit and free.is_symlink():
            raise DataError(f"{folder}: is a link, which a result cannot replace; choose another --out, or remove it")
        if explicit:
            raise DataError(f"{folder}: is there already and holds something else; choose another --out, or remove it")
        number += 1
        free = folder.with_name(f"{folder.name}-{number}")
    try:
        partial = partial_of(free)
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        partial.rmdir()
    except OSError as error:
        raise DataError(f"{free}: cannot write here: {error.strerror}; choose another place with --out") from error
    return free


def _taken(folder: Path, settings: Mapping[str, Any], record: str) -> bool:
    """Return whether a folder is another result's, or a link: what it leads to is not ours to replace."""
    there = folder.exists() and not _empty(folder) and not _same(folder / record, settings)
    return there or folder.is_symlink()


def _empty(folder: Path) -> bool:
    return folder.is_dir() and not any(folder.iterdir())


def _same(record: Path, settings: Mapping[str, Any]) -> bool:
    try:
        found = json.loads(record.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(found, dict) and found.get("settings") == json.loads(json.dumps(settings))
