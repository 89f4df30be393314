"""A stage that is done: sealed with digests of its files, checked when it is used, and set aside if it is damaged."""

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from xner.store.files import settle, write_durably
from xner.store.integrity.digests import Damage, damages, digests_of, read_digests
from xner.store.places import DAMAGED, RECORD, SHARED, cache_lock
from xner.store.shared import WEIGHTS, lost


def seal(folder: Path, known: Mapping[str, object], apart: str) -> None:
    """Put all that a stage has on the disk, and then, as the last file, its record with the digests of the others.

    Args:
        folder: the stage's.
        known: what the record says beside the digests.
        apart: the name of what does not belong to the result; empty: all does.
    """
    (folder / RECORD).unlink(missing_ok=True)  # of a folder that was damaged, or was sealed before it was changed
    settle(folder)
    record = json.dumps({**known, "digests": digests_of(folder, apart)}, indent=2, default=str)
    write_durably(folder / RECORD, [memoryview(record.encode())])


def sealed(folder: Path) -> bool:
    """Whether a stage's folder, which has not its name yet, is done and whole."""
    with suppress(OSError, ValueError):
        digests = read_digests(folder / RECORD)
        return digests is not None and not any(damages(folder, digests, content=True))
    return False


def flaws(folder: Path, content: bool) -> Iterator[Damage]:
    """Yield what is wrong with a stage that is done.

    Args:
        folder: the stage's.
        content: compare the bytes of its files, too, and not only whether they are there and as long as they were.
    """
    record = folder / RECORD
    try:
        digests = read_digests(record)
    except FileNotFoundError:
        yield folder, f"there is no {RECORD} in it"
    except (OSError, ValueError):
        yield record, "it cannot be read"
    else:
        yield from _undigested(folder) if digests is None else damages(folder, digests, content)


def set_aside(root: Path, folder: Path, found: Sequence[Damage]) -> list[Path]:
    """Rename what is damaged of a stage, so that it is written anew; who calls holds the stage's lock.

    Args:
        root: the cache.
        folder: the stage's.
        found: what is wrong with it.

    Returns:
        where what was renamed is now. What is shared with others is not if it is not there at all, and the stage itself
        is not if all that is wrong is in what it shares.

    Raises:
        OSError: the cache cannot be written.
    """
    shared = {path for path, _ in found if path.parent == (root / SHARED).resolve()}
    links = set(lost(folder))
    gone = list[Path]()
    with cache_lock(root):
        for path in sorted(shared):
            gone += _renamed(path)
    if any(path not in shared | links for path, _ in found):
        shutil.rmtree(folder.with_name(folder.name + DAMAGED), ignore_errors=True)
        gone += _renamed(folder)
    return gone


def _renamed(path: Path) -> list[Path]:
    """Rename a damaged file or folder, if nobody else has done so."""
    away = path.with_name(path.name + DAMAGED)
    with suppress(FileNotFoundError):
        return [path.replace(away)]
    return []


def _undigested(folder: Path) -> Iterator[Damage]:
    """Yield what can be seen to be wrong with a stage that was made before digests were taken."""
    for link in lost(folder):
        yield link, f"the shared file {link.readlink().name} is not there"
    for file in sorted(folder.rglob(f"*{WEIGHTS}")):
        if not file.is_symlink() and not _whole(file):
            yield file, "it is not as long as it says"


def _whole(file: Path) -> bool:
    """Return whether a safetensors file has as many bytes as its header speaks of."""
    with file.open("rb") as stream:
        length = int.from_bytes(stream.read(8), "little")
        if length > file.stat().st_size:
            return False
        try:
            header = json.loads(stream.read(length))
            ends = [entry["data_offsets"][1] for name, entry in header.items() if name != "__metadata__"]
        except (ValueError, AttributeError, LookupError, TypeError):
            return False
    return file.stat().st_size == 8 + length + max(ends, default=0)
