"""The text of a file as it is decoded, line by line or in blocks; compressed files and all encodings alike."""

import codecs
import gzip
import io
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import chain
from pathlib import Path
from typing import BinaryIO, TypeVar, cast

from xner.corpora.formats.notes import Notes
from xner.errors import DataError

Item = TypeVar("Item")
Line = TypeVar("Line", str, bytes)

COMPRESSED = ".gz"
PIECE = 1 << 14
"""How much is read at once where there are no lines."""
LONGEST = 1 << 24
"""How many bytes, or characters of an encoding with wider ones, a line may have."""
_HEAD = 4096
_MARKS = (  # the longer ones first, since that of UTF-32 begins like that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""The first bytes that tell an encoding, and can stand in no UTF-8."""


@contextmanager
def opened(path: Path) -> Iterator[io.BufferedReader]:
    """Open a file for its bytes, those of a .gz file unpacked.

    Raises:
        DataError: the file cannot be read, or what is compressed is broken; also while it is open.
    """
    try:
        with path.open("rb") as file:
            if path.suffix.lower() == COMPRESSED:
                yield io.BufferedReader(cast(io.RawIOBase, gzip.GzipFile(fileobj=file)))
            else:
                yield file
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise DataError(f"{path}: cannot be unpacked: {error}; make the .gz file again") from None
    except OSError as error:
        reason = error.strerror or str(error).partition("\n")[0]  # a library that reads it may say more
        raise DataError(f"{path}: cannot be read: {reason}") from None


def lines(path: Path, encoding: str, notes: Notes) -> Iterator[tuple[int, str]]:
    """Yield the lines of a file with their numbers, from 1, and without their ends.

    Args:
        path: the file; a .gz file is unpacked.
        encoding: what it is in, unless its first bytes tell UTF-16 or UTF-32.
        notes: where that is said.

    Raises:
        DataError: the file cannot be read, or is in another encoding; the message names the line.
    """
    with opened(path) as file:
        yield from lines_of(file, path, encoding, notes)


def lines_of(file: BinaryIO, path: Path, encoding: str, notes: Notes) -> Iterator[tuple[int, str]]:
    """Yield the lines of an open file; see `lines`."""
    buffered = file if isinstance(file, io.BufferedReader) else io.BufferedReader(cast(io.RawIOBase, file))
    head, number = buffered.peek(_HEAD), 0
    encoding = encoding_of(head, path, encoding, notes)
    try:
        if encoding.lower() != "utf-8" and "\n".encode(encoding) != b"\n":
            with _decoded(buffered, encoding) as text:
                for number, line in enumerate(iter(partial(text.readline, LONGEST + 1), ""), 1):
                    yield number, _of_length(line, path, number).rstrip("\n")
            return
        for number, raw in enumerate(_cut(buffered, head, path, notes), 1):
            _of_length(raw, path, number)
            yield number, raw.decode(encoding).removeprefix("\ufeff" if number == 1 else "").rstrip("\r\n")
    except UnicodeError as error:
        raise wrong_encoding(f"{path}:{number or 1}", error) from None


def _of_length(line: Line, path: Path, number: int) -> Line:
    """Return a line; one that takes all memory, as a few bytes of a .gz file may become, is refused."""
    if len(line) > LONGEST:
        raise DataError(
            f"{path}:{number}: the line has more than {LONGEST:,} bytes; is this text? A .json file need have no lines"
        )
    return line


def encoding_of(head: bytes, path: Path, encoding: str, notes: Notes) -> str:
    """Return the encoding of a file, which a byte order mark may tell better than the setting.

    Args:
        head: the file's first bytes.
        path: the file, for messages.
        encoding: what the setting says.
        notes: where it is said if that is another.

    Raises:
        DataError: it is UTF-16 without such a mark, read as something else.
    """
    if encoding.lower().replace("_", "-") not in ("utf-8", "utf8"):
        return encoding
    for mark, name in _MARKS:
        if head.startswith(mark):
            notes.add(f"{path}:1", f"the file is {name}, as its first bytes say, and is read so")
            return name
    for zeros, name in ((head[1:64:2], "utf-16-le"), (head[0:64:2], "utf-16-be")):
        if len(zeros) > 1 and not any(zeros):
            raise DataError(f"{path}:1: every second byte is zero, so this is no UTF-8; set `encoding` to {name}")
    return encoding


def wrong_encoding(where: str, error: UnicodeError) -> DataError:
    """Return the error for bytes that the encoding does not have."""
    advice = "save the file as utf-8, or set `encoding` (corpora.folder.encoding) to what it is, such as latin-1"
    return DataError(f"{where}: {error}; {advice}")


def blocks(file: io.BufferedReader, path: Path, encoding: str) -> Iterator[str]:
    """Yield the text of an open file in pieces of a fixed size.

    Raises:
        DataError: it is in another encoding.
    """
    try:
        with _decoded(file, encoding) as text:
            while piece := text.read(PIECE):
                yield piece
    except UnicodeError as error:
        raise wrong_encoding(str(path), error) from None


def peek(items: Iterable[Item], size: int) -> tuple[list[Item], Iterator[Item]]:
    """Look at the first of a stream: return them, and all items from the first on.

    What goes wrong on the way is raised only where the stream gets there.
    """
    head, rest = list[Item](), iter(items)
    try:
        for item in rest:
            head.append(item)
            if len(head) == size:
                break
    except DataError as error:
        return head, chain(head, _raising(error))
    return head, chain(head, rest)


def _raising(error: DataError) -> Iterator[Item]:
    raise error
    yield  # an empty stream until it is asked


@contextmanager
def _decoded(file: io.BufferedReader, encoding: str) -> Iterator[io.TextIOWrapper]:
    text = io.TextIOWrapper(file, encoding="utf-8-sig" if encoding.lower() == "utf-8" else encoding)
    try:
        yield text
    finally:
        text.detach()  # who opened the file closes it


def _cut(file: io.BufferedReader, head: bytes, path: Path, notes: Notes) -> Iterator[bytes]:
    """Yield the lines of a file as bytes; those of old Macs end with a carriage return alone."""
    if b"\n" in head or b"\r" not in head[:-1]:
        yield from iter(partial(file.readline, LONGEST + 1), b"")
        return
    notes.add(f"{path}:1", "lines end with a carriage return alone, as on old Macs, and are read so")
    kept = b""
    while piece := file.read(PIECE):
        *whole, kept = (kept + piece).split(b"\r")
        yield from whole
        if len(kept) > LONGEST:
            break
    if kept:
        yield kept
