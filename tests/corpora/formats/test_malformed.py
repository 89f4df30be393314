"""Malformed files, a line each in malformed.tsv: what is refused names file and line, what is repaired is said once.

Its columns: the name of the file, its content as a literal of Python, "refused" or "repaired", the message's beginning.
"""

import ast
import re
from pathlib import Path

import pytest

from xner.corpora.formats.notes import Notes
from xner.corpora.formats.options import ReadOptions
from xner.corpora.formats.reading import read
from xner.errors import DataError

TABLE = (Path(__file__).parent / "malformed.tsv").read_text(encoding="utf-8")
ROWS = [line.split("\t") for line in TABLE.splitlines()]
WHOLE = re.compile(r"x(\.\w+)?(\.gz)?: (cannot be unpacked|cannot tell the form|not a Parquet file)|x\.json: 'utf-8'")
"""Files in which there are no lines, or it cannot be told which one it is."""


@pytest.mark.parametrize(("name", "content", "kind", "said"), ROWS)
def test_it_is_refused_or_repaired_in_one_line(tmp_path, name, content, kind, said):
    written = ast.literal_eval(content)
    path, notes = tmp_path / name, Notes()
    path.write_bytes(written if isinstance(written, bytes) else written.encode("utf-8", "surrogatepass"))
    if kind == "refused":
        with pytest.raises(DataError) as caught:
            list(read(path, ReadOptions(), notes))
        told = [str(caught.value)]
    else:
        assert list(read(path, ReadOptions(), notes))
        told = [*notes.lines()]
    assert len(told) == 1 and "\n" not in told[0]
    assert told[0].removeprefix(f"{tmp_path}/").startswith(said), told[0]


def test_there_are_many_and_they_name_file_and_line():
    assert len(ROWS) == len({(name, content) for name, content, *_ in ROWS}) >= 200
    assert {kind for _, _, kind, _ in ROWS} == {"refused", "repaired"}
    assert [said for *_, said in ROWS if not re.match(r"x\.\w+(\.gz)?:\d+: ", said) and not WHOLE.match(said)] == []


def test_a_repair_is_counted(tmp_path):
    (tmp_path / "x.conll").write_text("Ann\tb-per\nran\t0\n\nRome\tb-loc\n")
    notes = Notes()
    list(read(tmp_path / "x.conll", ReadOptions(), notes))
    assert [line.removeprefix(f"{tmp_path}/") for line in notes.lines()] == [
        "x.conll:1: the tag 'b-per' is read as B-PER (2 of this kind)",
        "x.conll:2: the tag '0' is read as O",
    ]


@pytest.mark.parametrize(
    ("name", "content"),
    [("x.jsonl", "[" * 10_000), ("x.json", "[" * 10_000), ("x.csv", "text,label\nAnn," + "[" * 5000)],
)
def test_what_is_nested_too_deeply_is_refused(tmp_path, name, content):
    (tmp_path / name).write_text(content)
    with pytest.raises(DataError, match=rf"{name}:\d: "):
        list(read(tmp_path / name, ReadOptions()))
