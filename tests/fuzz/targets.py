"""What is fed with bytes, and what must hold whatever these are: a result that is whole, or one line of xner's own."""

import gzip
import re
import tomllib
from collections.abc import Callable
from pathlib import Path

from xner.corpora.corpus import Corpus
from xner.corpora.formats.notes import Notes
from xner.corpora.formats.options import ReadOptions
from xner.corpora.formats.reading import READERS, read
from xner.errors import DataError, UsageError, XnerError
from xner.runs.config import build
from xner_demo.q4 import read_q4

Target = Callable[[bytes, Path], None]
"""Takes bytes and an empty folder for them."""

SUFFIXES = sorted({reader: suffix for suffix, reader in reversed(READERS.items())}.values())
"""One suffix of each reader."""
_TAG = re.compile(r"O|[BI]-.+", re.DOTALL)


def file_reader(suffix: str) -> Target:
    """Return the target that reads bytes as a file with this suffix, plain or in a .gz."""

    def target(data: bytes, folder: Path) -> None:
        path, notes = folder / f"x{suffix}", Notes()
        path.write_bytes(data)
        try:
            sentences = list(read(path, ReadOptions(), notes))
        except DataError as error:
            _check_line(error, str(folder))
            return
        for tokens, tags in sentences:
            assert all(isinstance(token, str) and token for token in tokens), tokens
            assert tags is None or len(tags) == len(tokens), (tokens, tags)
            assert all(map(_TAG.fullmatch, tags or [])), tags
        assert all("\n" not in line for line in notes.lines()), notes.lines()
        try:
            Corpus.from_sentences("x", "de", "train", sentences)
        except DataError as error:
            _check_line(error, "x de/train")

    return target


def unpacked(data: bytes, folder: Path) -> None:
    """Read bytes as a .gz file: as they are, or packed where they are not."""
    file_reader(".conll.gz")(data if data[:2] == b"\x1f\x8b" else gzip.compress(data), folder)


def embedded_encoder(data: bytes, folder: Path) -> None:
    """Parse the embedded encoder's file."""
    path = folder / "x.bin"
    path.write_bytes(data)
    try:
        weights = read_q4(path)
    except DataError as error:
        _check_line(error, str(path))
        return
    assert all(array.ndim == 1 for array in weights.arrays.values())


def settings(data: bytes, folder: Path) -> None:
    """Build a run's settings from TOML; those that are accepted are the same when they are read back."""
    try:
        given = tomllib.loads(data.decode())
    except ValueError:  # tomllib's own work
        return
    try:
        built = build(given)
    except UsageError as error:
        _check_line(error, "")
        return
    assert build(built.model_dump()) == built


TARGETS: dict[str, Target] = {
    **{f"read{suffix}": file_reader(suffix) for suffix in SUFFIXES},
    "read.gz": unpacked,
    "q4": embedded_encoder,
    "settings": settings,
}
"""By the names that `make fuzz ONLY=...` takes."""


def _check_line(error: XnerError, start: str) -> None:
    text = str(error)
    assert text.startswith(start) and "\n" not in text and len(text) < 2000, text
