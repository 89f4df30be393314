import numpy as np
import pyarrow.parquet as pq
import pytest

from xner.errors import DataError
from xner.scoring.counts import Counts, precision_recall_f1
from xner.scoring.scores import count

COUNTS = count([["B-PER", "O", "B-x.y"], ["O"], ["B-PER"]], [["B-PER", "O", "B-PER"], ["O"], ["B-PER"]], "x")


def test_counts_by_sentence_and_type():
    assert COUNTS.types == ("PER", "x.y")
    assert COUNTS.values.tolist() == [[[1, 2, 1], [0, 0, 1]], [[0, 0, 0], [0, 0, 0]], [[1, 1, 1], [0, 0, 0]]]
    assert COUNTS.by_sentence.tolist() == [[1, 2, 2], [0, 0, 0], [1, 1, 1]]


def test_what_is_saved_is_loaded(tmp_path):
    COUNTS.save(tmp_path / "a.parquet")
    loaded = Counts.load(tmp_path / "a.parquet")
    assert loaded.types == COUNTS.types and np.array_equal(loaded.values, COUNTS.values)


def test_a_file_is_a_row_a_sentence_for_any_reader(tmp_path):
    COUNTS.save(tmp_path / "a.parquet")
    table = pq.read_table(tmp_path / "a.parquet").to_pydict()
    assert list(table) == ["sentence", "PER.tp", "PER.predicted", "PER.gold", "x.y.tp", "x.y.predicted", "x.y.gold"]
    assert (table["sentence"], table["PER.predicted"], table["x.y.gold"]) == ([0, 1, 2], [2, 0, 1], [1, 0, 0])


def test_sentences_without_any_entity_are_not_lost(tmp_path):
    count([["O"], ["O", "O"]], [["O"], ["O", "O"]], "x").save(tmp_path / "a.parquet")
    loaded = Counts.load(tmp_path / "a.parquet")
    assert (loaded.types, loaded.values.shape, loaded.by_sentence.tolist()) == ((), (2, 0, 3), [[0, 0, 0]] * 2)


def test_thousands_of_sentences_take_little_room(tmp_path):
    draw = np.random.default_rng(0)
    Counts(tuple("ABCDEFGH"), draw.poisson(0.2, (10_000, 8, 3)).astype(np.int32)).save(tmp_path / "a.parquet")
    assert (tmp_path / "a.parquet").stat().st_size < 100_000


@pytest.mark.parametrize("content", [None, b"", b"PAR1 no more", "other"])
def test_a_file_that_is_none(tmp_path, content):
    file = tmp_path / "a.parquet"
    if content == "other":
        COUNTS.save(file)
        pq.write_table(pq.read_table(file).drop_columns(["PER.tp"]), file)
    elif content is not None:
        file.write_bytes(content)
    with pytest.raises(DataError, match=r"a\.parquet: cannot be read as counts of entities: .*; `xner train` writes"):
        Counts.load(file)


def test_rates_of_any_shape():
    draw = np.random.default_rng(0)
    counts = draw.integers(0, 4, (2, 50, 3))
    counts[..., 0] = counts.min(axis=-1)
    found = precision_recall_f1(counts)
    assert found.shape == counts.shape and np.isfinite(found).all()
    for (right, predicted, gold), (p, r, f1) in zip(counts.reshape(-1, 3), found.reshape(-1, 3), strict=True):
        assert p == pytest.approx(100 * right / predicted if predicted else 0)
        assert r == pytest.approx(100 * right / gold if gold else 0)
        assert f1 == pytest.approx(2 * p * r / (p + r) if right else 0)
    assert (counts.sum(axis=-1) == 0).any()  # nothing there, nothing found
