"""Digests of a folder's files: taken when it is done, and compared when it is used."""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from xner.errors import UsageError
from xner.store.shared import is_link

CHECK = "XNER_CACHE_CHECK"
"""The environment variable that says how much of a stage is compared when it is first used."""
_CHECKS = {"content": True, "size": False}
_REMEMBERED = 4096
Damage = tuple[Path, str]
"""A file, or the folder, and what is wrong with it."""


def checks_content() -> bool:
    """Return whether the bytes of files are compared, and not only their sizes, from XNER_CACHE_CHECK.

    Raises:
        UsageError: it says neither "content" nor "size".
    """
    asked = os.environ.get(CHECK) or "content"
    if asked not in _CHECKS:
        raise UsageError(f"{CHECK} {asked}: expected one of: {', '.join(_CHECKS)}")
    return _CHECKS[asked]


def digests_of(folder: Path, apart: str = "") -> dict[str, dict[str, object]]:
    """Return the size and the SHA-256 of each file in a folder, by its place there.

    Args:
        folder: whose files are as they will be.
        apart: the name of what is left out at its top.
    """
    found = dict[str, dict[str, object]]()
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        place = file.relative_to(folder)
        if place.parts[0] != apart:
            # a shared file is named by its digest, and was read when it was written
            sha256 = file.readlink().stem if is_link(file) else _sha256(file)
            found[place.as_posix()] = {"size": file.stat().st_size, "sha256": sha256}
    return found


def damages(folder: Path, digests: Mapping[str, Any], content: bool) -> Iterator[Damage]:
    """Yield what in a folder is not as it was when its digests were taken; what was not there then does not matter.

    Args:
        folder: the folder.
        digests: what `digests_of` returned.
        content: compare the bytes, too, and not only the sizes; those of a file are read once in a process.
    """
    for place, expected in digests.items():
        file = folder / place
        named = file.resolve() if is_link(file) else file
        try:
            size = file.stat().st_size
            if size != expected["size"]:
                yield named, f"it has {size:,} bytes; {expected['size']:,} were written"
            elif content and sha256_of(named) != expected["sha256"]:
                yield named, "its bytes are not those that were written"
        except FileNotFoundError:
            lost = f"the shared file {named.name} is not there" if file.is_symlink() else "it is not there"
            yield file, lost
        except OSError as error:  # a bad sector, for one
            yield named, f"it cannot be read: {error.strerror}"


def read_digests(record: Path) -> dict[str, Any] | None:
    """Return the digests in a JSON file, under "digests"; None if it has none, as before they were taken.

    Args:
        record: the file.

    Raises:
        OSError: it cannot be read.
        ValueError: it holds something else.
    """
    known = json.loads(record.read_text(encoding="utf-8"))
    if not isinstance(known, dict):
        raise ValueError("not an object")
    found = known.get("digests")
    if found is not None and not (isinstance(found, dict) and all(map(_is_digest, found.values()))):
        raise ValueError("not digests")
    return found


def sha256_of(file: Path) -> str:
    """Return the SHA-256 of a file's bytes; they are read again only if the file has changed."""
    status = file.stat()
    return _remembered(file, status.st_ino, status.st_size, status.st_mtime_ns)


def _is_digest(entry: object) -> bool:
    return isinstance(entry, dict) and isinstance(entry.get("size"), int) and isinstance(entry.get("sha256"), str)


@lru_cache(_REMEMBERED)
def _remembered(file: Path, *unchanged: int) -> str:
    return _sha256(file)


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
