"""Files and folders that are written whole or not at all."""

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from xner.errors import DataError, did_you_mean


@contextmanager
def writing(target: Path | str | TextIO) -> Iterator[TextIO]:
    """Open a file that replaces `target` when all is written; a handle, pipe or device is written to directly."""
    if not isinstance(target, str | Path):
        yield target
        return
    final = Path(target)
    direct = final.exists() and not final.is_file()
    final = final if direct else final.resolve()  # a link stays, the file that it leads to is replaced
    path = final if direct else final.with_name(f".{final.name}.{os.getpid()}.part")
    try:
        with path.open("w", encoding="utf-8", newline="\n") as file:
            yield file
        if not direct:
            path.replace(final)
    except OSError as error:
        raise DataError(f"{target}: cannot be written: {error.strerror}") from None
    finally:
        if not direct:
            with suppress(OSError):
                path.unlink()


def write_durably(file: Path, pieces: Sequence[memoryview]) -> None:
    """Write a file that has its name only once all its bytes are on the disk, whatever happens to the machine.

    Args:
        file: its folder is there.
        pieces: the bytes, one piece after the other.
    """
    part = file.with_name(f".{file.name}.part")
    with part.open("wb") as stream:
        for piece in pieces:
            stream.write(piece)
        stream.flush()
        os.fsync(stream.fileno())
    part.replace(file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def partial_of(folder: Path) -> Path:
    """Return where the content of a folder is gathered before it is moved into place."""
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


def missing(path: Path) -> DataError:
    """Return the error for a file or folder that does not exist, with the closest name that does."""
    if path.parent.is_dir():
        hint = did_you_mean(path.name, (file.name for file in path.parent.iterdir()))
        return DataError(f"{path}: no such file or folder.{hint}")
    return DataError(f"{path}: no such file or folder; '{path.parent}' does not exist either")
