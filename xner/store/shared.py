"""Files that stages share: each is there once, named by the SHA-256 of its bytes, and stages have links to it."""

import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from xner.store.files import write_durably
from xner.store.places import DAMAGED, PARTIAL, SHARED, cache_lock

WEIGHTS = ".safetensors"
"""What the names of files of weights end with."""
_NAME = re.compile(rf"[0-9a-f]{{64}}\.\w+({re.escape(DAMAGED)})?|\.[0-9a-f]{{64}}\.\w+\.part")


@dataclass(frozen=True)
class SharedFiles:
    """The shared files of a cache.

    Args:
        root: the cache; the files are in its folder "shared".
    """

    root: Path

    @classmethod
    def around(cls, folder: Path) -> "SharedFiles | None":
        """Return where files of a folder can be shared: None unless it is inside of a stage that is being computed.

        Args:
            folder: for example a tagger's. Where the file system has no links, nothing is shared.
        """
        for place in (here := folder.absolute(), *here.parents):
            if place.name.endswith(PARTIAL) and (place.parent / SHARED).is_dir():
                return cls(place.parent) if _takes_links(place) else None
        return None

    def share(self, folder: Path, pieces: Sequence[memoryview], name: str | None = None) -> Path:
        """Put a link to the shared file of some bytes into a folder, and write that file unless it is there.

        The file is whole, and on the disk, before it has its name, and nobody removes it before the link is there.

        Args:
            folder: in a stage.
            pieces: the bytes, one piece after the other.
            name: of the link, in place of whatever has it; None: that of the shared file.

        Returns:
            the link.
        """
        digest = hashlib.sha256()
        for piece in pieces:
            digest.update(piece)
        file = self.root / SHARED / f"{digest.hexdigest()}{Path(name).suffix if name else WEIGHTS}"
        link = folder / (name or file.name)
        part = folder / f".{link.name}.part"
        with cache_lock(self.root):
            if not file.is_file() or file.stat().st_size != sum(piece.nbytes for piece in pieces):
                write_durably(file, pieces)
            part.unlink(missing_ok=True)
            part.symlink_to(os.path.relpath(file, folder.absolute()))
            part.replace(link)
        return link


def is_shared(name: str) -> bool:
    """Whether a file in the folder of shared ones is called as these are, or one that is being written or set aside."""
    return bool(_NAME.fullmatch(name))


def links(folder: Path) -> Iterator[Path]:
    """Yield the links to shared files in a stage."""
    yield from (path for path in folder.rglob("*") if is_link(path))


def is_link(path: Path) -> bool:
    """Whether something in a stage is a link to a shared file."""
    return path.is_symlink() and path.readlink().parent.name == SHARED


def lost(folder: Path) -> list[Path]:
    """Return the links in a stage to shared files that are not there."""
    return [link for link in links(folder) if not link.exists()]


def _takes_links(folder: Path) -> bool:
    link = folder / ".link"
    try:
        link.unlink(missing_ok=True)
        link.symlink_to(SHARED)
        link.unlink()
    except OSError:
        return False
    return True
