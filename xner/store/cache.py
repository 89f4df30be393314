"""The cache of stages, looked at from outside: what is in it, who uses it, what may go, and whether it is sound."""

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from xner.store.leases import held, needed
from xner.store.places import PARTIAL, RECORD, SHARED, stage_lock
from xner.store.results import MANIFEST
from xner.store.shared import is_shared, links

_STAGE = re.compile(rf"([0-9a-f]{{20}})({re.escape(PARTIAL)})?")
"""Of all that there may be in a folder, only what is called like this is a stage."""
_RUNS = (MANIFEST, f"*/{MANIFEST}", f"*/*/{MANIFEST}")
"""Where runs are: the folder is one, or has some, or has comparisons."""


@dataclass(frozen=True)
class Entry:
    """A stage in the cache.

    Args:
        folder: where it is.
        key: of the stage.
        title: what it does, for people; of older versions there is only its kind.
        size: bytes that are its own.
        shares: the names of the shared files that it has links to.
        last_used: seconds since the epoch.
        done: whether it is finished; otherwise the folder has what its computation goes on from.
        busy: whether a run in progress needs it.
        runs: the run folders that it was done for.
    """

    folder: Path
    key: str
    title: str
    size: int
    shares: frozenset[str]
    last_used: float
    done: bool
    busy: bool
    runs: tuple[str, ...]


@dataclass(frozen=True)
class Cache:
    """All that is in the cache.

    Args:
        root: where it is.
        entries: the stages, the longest unused first.
        shared: the bytes of each shared file, by name.
    """

    root: Path
    entries: tuple[Entry, ...]
    shared: dict[str, int]

    @classmethod
    def read(cls, root: Path, runs: Sequence[Path] = ()) -> "Cache":
        """Look at a cache.

        Args:
            root: where it is.
            runs: folders in which run folders, or comparisons', are.
        """
        users, busy = _users(runs), needed(root)
        found = (_entry(root, folder, users, busy) for folder in root.glob("*") if is_stage(folder.name))
        entries = sorted((entry for entry in found if entry), key=lambda entry: (entry.last_used, entry.key))
        files = (file for file in (root / SHARED).glob("[!.]*") if is_shared(file.name))
        return cls(root, tuple(entries), {file.name: file.stat().st_size for file in files})

    @cached_property
    def size(self) -> int:
        """The bytes of all of it."""
        return sum(entry.size for entry in self.entries) + sum(self.shared.values())

    def without(self, gone: Sequence[Entry]) -> "Cache":
        """Return what is left without some stages, and without shared files that no stage has a link to then."""
        folders = {entry.folder for entry in gone}
        left = tuple(entry for entry in self.entries if entry.folder not in folders)
        linked = {name for entry in left for name in entry.shares}
        return Cache(self.root, left, {name: size for name, size in self.shared.items() if name in linked})

    def over(self, keep: int, among: Sequence[Entry]) -> list[Entry]:
        """Return the first of some stages without which no more is left than is to be kept, or all of them.

        Args:
            keep: bytes.
            among: stages that may go, in this order.
        """
        count = Counter(name for entry in self.entries for name in entry.shares)
        size = self.without(()).size
        gone = list[Entry]()
        for entry in among:
            if size <= keep:
                break
            gone.append(entry)
            count.subtract(entry.shares)
            size -= entry.size + sum(self.shared.get(name, 0) for name in entry.shares if not count[name])
        return gone


def is_stage(name: str) -> bool:
    """Whether a folder in the cache is called as those of stages are, finished or not."""
    return bool(_STAGE.fullmatch(name))


def _entry(root: Path, folder: Path, users: Mapping[str, Sequence[str]], busy: set[str]) -> Entry | None:
    """Return what a stage's folder has; None if it has just gone."""
    key = folder.name.removesuffix(PARTIAL)
    record = folder / RECORD
    try:
        files = [file.lstat().st_size for file in folder.rglob("*") if file.is_file() and not file.is_symlink()]
        used = (record if record.is_file() else folder).stat().st_mtime
        shares = frozenset(link.readlink().name for link in links(folder))
    except OSError:
        return None
    return Entry(
        folder=folder,
        key=key,
        title=_title(record),
        size=sum(files),
        shares=shares,
        last_used=used,
        done=folder.name == key,
        busy=key in busy or held(stage_lock(root, key)),
        runs=tuple(users.get(key, ())),
    )


def _title(record: Path) -> str:
    """Return what a stage does, for people."""
    with suppress(OSError, ValueError):
        known = json.loads(record.read_text(encoding="utf-8"))
        if isinstance(known, dict):
            return str(known.get("title") or known.get("stage") or "")
    return ""


def _users(folders: Sequence[Path]) -> dict[str, list[str]]:
    """Return the run folders that each stage was done for, by its key."""
    users = dict[str, list[str]]()
    for manifest in sorted({file for folder in folders for place in _RUNS for file in folder.glob(place)}):
        with suppress(OSError, ValueError, KeyError, TypeError):  # someone else's file of that name
            for stage in json.loads(manifest.read_text(encoding="utf-8"))["stages"]:
                users.setdefault(stage["key"], []).append(str(manifest.parent))
    return users
