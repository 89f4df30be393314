import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datasets import ClassLabel, Dataset, DatasetDict, Features, List, Value

from xner.corpora.corpus import Sentence
from xner.corpora.formats.notes import Notes
from xner.corpora.formats.options import ReadOptions
from xner.corpora.formats.reading import is_saved, read, saved_splits
from xner.errors import DataError

TWO = [Sentence(["Ann", "ran"], ["B-PER", "O"]), Sentence(["Rome"], ["B-LOC"])]


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


def test_parquet_with_spans_and_with_names_that_are_set(tmp_path):
    path, notes = tmp_path / "x.parquet", Notes()
    write_parquet(path, {"text": ["Ann ran."], "entities": [[{"start": 0, "end": 3, "label": "PER"}]], "n": [1]})
    assert list(read(path, ReadOptions(), notes)) == [Sentence(["Ann", "ran", "."], ["B-PER", "O", "O"])]
    assert notes.layout == "keys: text, entities"
    write_parquet(path, {"words": [["Ann", "ran"]], "labels": [[1, 0]]})
    assert list(read(path, ReadOptions(names=("O", "B-PER")))) == TWO[:1]
    write_parquet(path, {"form": [["Ann", "ran"]], "gold": [["B-PER", "O"]]})
    assert list(read(path, ReadOptions(token_column="form", tag_column="gold"))) == TWO[:1]


def test_a_column_of_parquet_that_may_be_labels_is_named(tmp_path):
    path = tmp_path / "x.parquet"
    write_parquet(path, {"tokens": [["Ann"]], "gold": [["B-PER"]]})
    with pytest.raises(
        DataError, match=r'x\.parquet: row 1: the key "gold" is not read.*set corpora.folder.tag_column=gold or =none'
    ):
        list(read(path, ReadOptions()))


@pytest.fixture
def saved(tmp_path):
    """A folder that save_to_disk wrote, with numbers for tags and their names."""
    features = Features(tokens=List(Value("string")), ner_tags=CLASSES, id=Value("string"))
    rows = {"tokens": [["Ann", "ran"], ["Rome"]], "ner_tags": [[1, 0], [2]], "id": ["0", "1"]}
    return Dataset.from_dict(rows, features=features)


def test_a_saved_data_set(saved, tmp_path):
    saved.save_to_disk(str(tmp_path / "one"))
    assert is_saved(tmp_path / "one") and not is_saved(tmp_path)
    assert list(read(tmp_path / "one", ReadOptions())) == TWO
    (tmp_path / "one" / "state.json").write_text("{}")
    with pytest.raises(DataError, match=r"one: not a data set that can be read: "):
        read(tmp_path / "one", ReadOptions())


def test_saved_data_sets_with_splits(saved, tmp_path):
    DatasetDict({"train": saved, "validation": saved}).save_to_disk(str(tmp_path / "several"))
    assert saved_splits(tmp_path / "several") == ["train", "validation"]
    assert saved_splits(tmp_path) == []
    with pytest.raises(DataError, match="several: is a folder; expected a file"):
        read(tmp_path / "several", ReadOptions())


def test_rows_of_a_saved_data_set_that_are_wrong(tmp_path):
    Dataset.from_dict({"tokens": [["a"], ["b"]], "tags": [["O"], ["B-"]]}).save_to_disk(str(tmp_path / "x"))
    with pytest.raises(DataError, match=r"x: row 2: 'B-' is not a tag"):
        list(read(tmp_path / "x", ReadOptions()))


@pytest.mark.parametrize("name", ["../other/data-00000-of-00001.arrow", "/etc/passwd", "..", ""])
def test_a_saved_data_set_has_no_file_outside_of_its_folder(tmp_path, name):
    for part in ("mine", "other"):
        Dataset.from_dict({"tokens": [["Ann"]], "tags": [["B-PER"]]}).save_to_disk(tmp_path / part)
    state = tmp_path / "mine" / "state.json"
    known = json.loads(state.read_text())
    state.write_text(json.dumps({**known, "_data_files": [{"filename": name}]}))
    with pytest.raises(DataError, match=rf"state.json: the file '{name}' is not in this folder: .*; save it anew$"):
        list(read(tmp_path / "mine", ReadOptions()))
    state.write_text(json.dumps(known))
    assert list(read(tmp_path / "mine", ReadOptions())) == [Sentence(["Ann"], ["B-PER"])]
