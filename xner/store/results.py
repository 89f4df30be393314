"""Result folders: none is half-written, and none takes the place of another result."""

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from xner.errors import DataError


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


def partial_of(folder: Path) -> Path:
    """Return where a folder's content is whole_folder before it is moved into place."""
    return folder.parent / f".{folder.name}.partial"


@contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """Gather a folder's content beside it and move it into place in one move, or leave nothing if that fails.

    An earlier result of the same settings is removed.
    """
    partial = partial_of(folder)
    partial.mkdir(parents=True, exist_ok=True)
    try:
        yield partial
        if folder.exists():
            shutil.rmtree(folder)
        partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _empty(folder: Path) -> bool:
    return folder.is_dir() and not any(folder.iterdir())


def _same(record: Path, settings: Mapping[str, Any]) -> bool:
    try:
        found = json.loads(record.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(found, dict) and found.get("settings") == json.loads(json.dumps(settings))
