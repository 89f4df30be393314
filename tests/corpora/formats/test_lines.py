"""Line ends, encodings and compressed files."""

import gzip
import io
import re
import tracemalloc
from itertools import islice
from pathlib import Path

import pytest

from xner.corpora.corpus import Sentence
from xner.corpora.formats.lines import lines, lines_of, peek
from xner.corpora.formats.notes import Notes
from xner.corpora.formats.options import ReadOptions
from xner.corpora.formats.reading import read
from xner.errors import DataError

TWO = [Sentence(["Müller", "ran"], ["B-PER", "O"]), Sentence(["Rome"], ["B-LOC"])]
CONTENT = "Müller\tB-PER\nran\tO\n\nRome\tB-LOC\n"


def test_lines_that_end_with_a_carriage_return_alone(told):
    sentences, _, notes = told(CONTENT.replace("\n", "\r"))
    assert sentences == TWO
    assert notes == ["x.conll:1: lines end with a carriage return alone, as on old Macs, and are read so"]
    assert told(CONTENT.replace("\n", "\r").rstrip("\r")).sentences == TWO
    assert [s.tokens for s in told("Ann ran.\rRome\r", "x.txt").sentences] == [["Ann", "ran", "."], ["Rome"]]


def test_line_numbers_of_old_macs(refused):
    assert refused("a\tO\rb\tB-X\rc\tB-\r").startswith("x.conll:3: 'B-' is not a tag")


def test_a_long_file_of_an_old_mac(parse):
    content = "".join(f"word{number}\tO\r" for number in range(20_000))
    assert parse(content)[0].tokens[-1] == "word19999"


@pytest.mark.parametrize("end", ["\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("name", ["x.conll", "x.conll.gz", "x.jsonl", "x.csv", "x.txt"])
def test_a_line_that_would_take_all_memory_is_refused(refused, monkeypatch, name, encoding, end):
    monkeypatch.setattr("xner.corpora.formats.lines.LONGEST", 20_000)
    content = f"{'a' * 20_000}{end}{'a' * 200_000}{end}".encode(encoding)
    message = refused(content, name)
    assert re.match(rf"{name}:2?1?: the line has more than 20,000 bytes; is this text\?", message), message


def test_other_line_ends_are_no_news(told):
    for end in ("\n", "\r\n"):
        assert told(CONTENT.replace("\n", end)) == (TWO, "", [])


def test_a_carriage_return_inside_of_a_line(refused):
    assert refused("a\tO\nb\rc\tO\n") == "x.conll:2: has a carriage return inside; end all lines in one way"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_a_byte_order_mark_tells_the_encoding(told, encoding):
    said = [f"x.conll:1: the file is {encoding}, as its first bytes say, and is read so"]
    assert told(CONTENT.encode(encoding)) == (TWO, "", said)
    assert told(CONTENT.encode(encoding), encoding=encoding) == (TWO, "", [])
    line = '{"text": "Müller ran"}\n'
    assert told(line.encode(encoding), "x.jsonl").sentences == [Sentence(["Müller", "ran"])]
    assert told(f"[{line}]".encode(encoding), "x.json").sentences == [Sentence(["Müller", "ran"])]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-16", "utf-32-le", "utf-8-sig", "cp1252", "UTF8"])
def test_an_encoding_that_is_set(told, encoding):
    for end in ("\n", "\r\n", "\r"):
        assert told(CONTENT.replace("\n", end).encode(encoding), encoding=encoding).sentences == TWO


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_without_a_mark_is_told(refused, encoding):
    said = f"x.conll:1: every second byte is zero, so this is no UTF-8; set `encoding` to {encoding}"
    assert refused("Ann\tB-PER\nran\tO\n".encode(encoding)) == said


def test_bytes_of_another_encoding_name_the_line_and_the_setting(refused):
    message = refused("a\tO\nMüller\tO\n".encode("latin-1"))
    assert message.startswith("x.conll:2: 'utf-8' codec can't decode byte 0xfc")
    assert message.endswith("set `encoding` (corpora.folder.encoding) to what it is, such as latin-1")
    assert refused(b"\xff\xfeA", encoding="utf-16").startswith("x.conll:1: 'utf-16-le' codec can't decode")
    assert refused('[{"text": "Müller"}]'.encode("latin-1"), "x.json").startswith("x.json: 'utf-8' codec can't decode")


def test_a_broken_compressed_file(tmp_path):
    whole = gzip.compress(CONTENT.encode() * 100)
    for data in (whole[:-20], b"no gzip at all", whole[:20] + b"\0" * 20 + whole[40:]):
        (tmp_path / "x.conll.gz").write_bytes(data)
        with pytest.raises(DataError, match=r"x\.conll\.gz: cannot be unpacked: .*; make the \.gz file again"):
            list(read(tmp_path / "x.conll.gz", ReadOptions()))


@pytest.mark.parametrize("name", ["x.conll", "x.conll.gz", "x.jsonl.gz", "x.json", "x.json.gz", "x.csv", "x.txt"])
def test_memory_does_not_grow_with_a_file(tmp_path, name):
    row = {
        "x.conll": "word{0}\tO\n\n",
        "x.jsonl": '{{"tokens": ["word{0}"], "tags": ["O"]}}\n',
        "x.json": '{{"tokens": ["word{0}"], "tags": ["O"]}},',
        "x.csv": "{0},word{0},O\n",
        "x.txt": "word{0}\n",
    }[name.removesuffix(".gz")]
    start = {"x.json": "[", "x.csv": "sentence_id,word,tag\n"}.get(name.removesuffix(".gz"), "")
    content = start + "".join(map(row.format, range(12_000)))
    content = content.rstrip(",") + "]" if ".json" in name and "jsonl" not in name else content
    (tmp_path / name).write_bytes(gzip.compress(content.encode()) if name.endswith(".gz") else content.encode())
    sentences = read(tmp_path / name, ReadOptions())
    list(islice(sentences, 1000))
    tracemalloc.start()
    try:
        assert sum(1 for _ in sentences) == 11_000
        assert tracemalloc.get_traced_memory()[1] < 400_000
    finally:
        tracemalloc.stop()


def test_what_is_wrong_later_is_raised_later():
    def stream():
        yield from "ab"
        raise DataError("no")

    head, items = peek(stream(), 5)
    assert head == [next(items), next(items)] == ["a", "b"]
    with pytest.raises(DataError, match="no"):
        next(items)
    head, items = peek(iter("abc"), 2)
    assert (head, "".join(items)) == (["a", "b"], "abc")


def test_numbers_of_lines(tmp_path):
    (tmp_path / "x").write_bytes(b"\xef\xbb\xbfa\n\nb")
    assert list(lines(tmp_path / "x", "utf-8", Notes())) == [(1, "a"), (2, ""), (3, "b")]


def test_a_pipe_is_read_as_a_file():
    assert list(lines_of(io.BytesIO(b"a\nb\n"), Path("-"), "utf-8", Notes())) == [(1, "a"), (2, "b")]
