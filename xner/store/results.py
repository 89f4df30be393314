"""Result folders: none takes the place of another result."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from xner.errors import DataError
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
    free, number = folder, 1
    while free.exists() and not _empty(free) and not _same(free / record, settings):
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


def _empty(folder: Path) -> bool:
    return folder.is_dir() and not any(folder.iterdir())


def _same(record: Path, settings: Mapping[str, Any]) -> bool:
    try:
        found = json.loads(record.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(found, dict) and found.get("settings") == json.loads(json.dumps(settings))
