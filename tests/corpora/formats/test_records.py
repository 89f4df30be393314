import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datasets import ClassLabel, Features, List, Value

from xner.corpora.corpus import Sentence
from xner.corpora.formats.options import ReadOptions
from xner.corpora.formats.reading import read
from xner.errors import DataError

TWO = [Sentence(["Ann", "ran"], ["B-PER", "O"]), Sentence(["Rome"], ["B-LOC"])]


@pytest.mark.parametrize("suffix", [".jsonl", ".json"])
def test_json_lines(parse, suffix):
    rows = [
        {"tokens": ["Ann", "ran"], "tags": ["S-PER", "O"], "id": 1},
        {"tokens": ["Rome"], "ner_tags": ["B-LOC"]},
        {"tokens": ["Rome"], "tags": None},
        {"text": "Ann ran."},
    ]
    content = "\n\n".join(map(json.dumps, rows))
    assert parse(content, f"x{suffix}") == [*TWO, Sentence(["Rome"]), Sentence(["Ann", "ran", "."])]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[1]", "expected an object"),
        ('{"words": ["a"]}', 'expected "tokens", a list of words, or "text", a sentence; found words'),
        ('{"tokens": "a b"}', 'expected "tokens", a list of words'),
        ('{"tokens": ["a", 1]}', 'expected "tokens", a list of words'),
        ('{"text": 1}', 'expected "tokens", a list of words'),
        ('{"tokens": ["a", "b"], "tags": ["O"]}', "2 tokens, but the tags are not a list of 2: ['O']"),
        ('{"tokens": ["a"], "tags": []}', "1 tokens, but the tags are not a list of 1: []"),
        ('{"tokens": ["a"], "tags": "O"}', "1 tokens, but the tags are not a list of 1: 'O'"),
        ('{"tokens": ["a"], "ner_tags": [3]}', "the tag 3 has no name"),
        ('{"tokens": ["a"], "tags": ["PER"]}', "'PER' is not a tag"),
        ('{"tokens": ["\\ud800"]}', "surrogate"),
    ],
)
def test_json_errors_name_the_line(parse, tmp_path, line, said):
    with pytest.raises(DataError) as caught:
        parse('{"tokens": ["a"]}\n\n' + line, "x.jsonl")
    assert str(caught.value).startswith(f"{tmp_path / 'x.jsonl'}:3: ")
    assert said in str(caught.value)


def write_parquet(path, columns, **features):
    table = pa.table(columns)
    if features:
        table = table.cast(Features(features).arrow_schema)
    pq.write_table(table, path)


CLASSES = List(ClassLabel(names=["O", "B-PER", "B-LOC"]))


def test_parquet(tmp_path):
    path = tmp_path / "x.parquet"
    tokens = [["Ann", "ran"], ["Rome"]]
    write_parquet(path, {"tokens": tokens, "tags": [["B-PER", "O"], ["B-LOC"]], "other": [1, 2]})
    assert list(read(path, ReadOptions())) == TWO
    words = List(Value("string"))
    write_parquet(path, {"tokens": tokens, "ner_tags": [[1, 0], [2]]}, tokens=words, ner_tags=CLASSES)
    assert list(read(path, ReadOptions())) == TWO
    write_parquet(path, {"text": ["Ann ran."]})
    assert list(read(path, ReadOptions())) == [Sentence(["Ann", "ran", "."])]


def test_parquet_errors_name_the_row(tmp_path):
    path = tmp_path / "x.parquet"
    write_parquet(path, {"tokens": [["a"], ["b"]], "tags": [[0], [1]]})
    with pytest.raises(DataError, match=r"x\.parquet: row 1: the tag 0 has no name"):
        list(read(path, ReadOptions()))
    columns = {"tokens": [["a"], ["b"]], "ner_tags": [[0], [-1]]}
    write_parquet(path, columns, tokens=List(Value("string")), ner_tags=CLASSES)
    with pytest.raises(DataError, match=r"x\.parquet: row 2: the tag -1 has no name"):
        list(read(path, ReadOptions()))
    path.write_bytes(b"PAR1 no")
    with pytest.raises(DataError, match=r"x\.parquet: not a Parquet file that can be read"):
        list(read(path, ReadOptions()))
