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
                file.flush()
                os.fsync(file.fileno())
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
    sync(file.parent)


def settle(folder: Path) -> None:
    """Let all that a folder has be on the disk, whatever happens to the machine afterwards."""
    for place, _, names in os.walk(folder):
        for file in (Path(place, name) for name in names):
            if not file.is_symlink():
                sync(file)
        sync(Path(place))


def sync(path: Path) -> None:
    """Let the bytes of a file, or the names in a folder, be on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def partial_of(folder: Path) -> Path:
    """Return where the content of a folder is gathered before it is moved into place."""
    return folder.parent / f".{folder.name}.partial"


@contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """Gather a folder's content beside it and move it into place in one move, or leave nothing if that fails.

    An earlier result of the same settings is moved away before, and removed afterwards.
    """
    partial = partial_of(folder)
    partial.mkdir(parents=True, exist_ok=True)
    try:
        yield partial
        settle(partial)
        put_in_place(partial, folder, folder.with_name(f".{folder.name}.former"))
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def put_in_place(partial: Path, folder: Path, former: Path) -> None:
    """Give a folder its name; what has it is moved away as a whole before, and removed afterwards.

    Args:
        partial: the folder; all that is in it is on the disk.
        folder: its name.
        former: where what has the name is moved to.
    """
    shutil.rmtree(former, ignore_errors=True)
    if folder.exists():
        folder.rename(former)
    partial.rename(folder)
    sync(folder.parent)
    shutil.rmtree(former, ignore_errors=True)


def missing(path: Path) -> DataError:
    """Return the error for a file or folder that does not exist, with the closest name that does."""
    if path.parent.is_dir():
        hint = did_you_mean(path.name, (file.name for file in path.parent.iterdir()))
        return DataError(f"{path}: no such file or folder.{hint}")
    return DataError(f"{path}: no such file or folder; '{path.parent}' does not exist either")
