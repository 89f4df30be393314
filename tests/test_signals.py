import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xner.corpus import Corpus, Sentence
from xner.errors import UsageError, XnerError
from xner.signals import Signals, write


def corpus_of(lengths):
    return Corpus.from_sentences("x", "de", "train", (Sentence(["w"] * length) for length in lengths))


def rows_of(lengths, width=3, dtype=np.float32, name="p", seed=0):
    draw = np.random.default_rng(seed)
    return [{name: draw.standard_normal((length, width)).astype(dtype)} for length in lengths]


def check(signals, rows):
    for number, row in enumerate(rows):
        read = signals.row(number)
        assert set(read) == set(row)
        for name, values in row.items():
            assert read[name].dtype == values.dtype
            assert np.array_equal(read[name], values, equal_nan=True)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.integers(1, 9), min_size=1, max_size=30), st.integers(1, 5), st.sampled_from([np.float16, np.float32])
)
def test_what_was_written_is_read(tmp_path, lengths, width, dtype):
    rows = rows_of(lengths, width, dtype)
    write(tmp_path / "s.arrow", corpus_of(lengths), iter(rows))
    check(Signals.open([tmp_path / "s.arrow"]), rows)


@pytest.mark.parametrize("size", [255, 256, 257, 513, 700])
def test_more_sentences_than_one_record_batch(tmp_path, size):
    lengths = [1 + number % 5 for number in range(size)]
    rows = rows_of(lengths)
    write(tmp_path / "s.arrow", corpus_of(lengths), (row for row in rows))
    check(Signals.open([tmp_path / "s.arrow"]), rows)
    with pa.memory_map(str(tmp_path / "s.arrow")) as file:
        assert pa.ipc.open_file(file).num_record_batches == -(-size // 256)


def test_infinite_and_missing_numbers_survive(tmp_path):
    rows = [{"p": np.array([[np.nan, np.inf], [-np.inf, -0.0]], np.float32)}]
    write(tmp_path / "s.arrow", corpus_of([2]), rows)
    check(Signals.open([tmp_path / "s.arrow"]), rows)


def test_columns_of_several_teachers_stand_side_by_side(tmp_path):
    lengths = [2, 3, 1] * 100
    first = [a | b for a, b in zip(rows_of(lengths), rows_of(lengths, 2, np.float16, "q"), strict=True)]
    second = rows_of(lengths, 8, np.float16, "vectors", seed=1)
    write(tmp_path / "1.arrow", corpus_of(lengths), first)
    write(tmp_path / "2.arrow", corpus_of(lengths), second)
    signals = Signals.open([tmp_path / "1.arrow", tmp_path / "2.arrow"])
    assert list(signals.names()) == ["p", "q", "vectors"]
    check(signals, [a | b for a, b in zip(first, second, strict=True)])


def test_two_teachers_cannot_give_the_same_column(tmp_path):
    for name in ("1", "2"):
        write(tmp_path / name, corpus_of([2]), rows_of([2]))
    with pytest.raises(UsageError, match="two teachers provide the signal 'p'"):
        Signals.open([tmp_path / "1", tmp_path / "2"])


@pytest.mark.parametrize(
    "lengths",
    [[2, 3], [2, 3, 2], [3, 2, 1], [2, 3, 0]],
    ids=["too few sentences", "too many words", "another order", "too few words"],
)
def test_rows_that_do_not_fit_the_corpus(tmp_path, lengths):
    with pytest.raises(XnerError, match="do not fit x de/train: expected one row a word"):
        write(tmp_path / "s.arrow", corpus_of([2, 3, 1]), rows_of(lengths))


def test_every_column_must_fit(tmp_path):
    rows = [a | b for a, b in zip(rows_of([2, 3]), rows_of([3, 2], name="q"), strict=True)]
    with pytest.raises(XnerError, match="do not fit"):
        write(tmp_path / "s.arrow", corpus_of([2, 3]), rows)


def test_rows_left_over(tmp_path):
    with pytest.raises(XnerError, match="more rows than x de/train has sentences"):
        write(tmp_path / "s.arrow", corpus_of([2, 3]), rows_of([2, 3, 1]))


def test_rows_are_streamed(tmp_path):
    taken = []

    def rows():
        for row in rows_of([1] * 600):
            taken.append(row)
            yield row
            if len(taken) == 300:
                raise KeyError  # by now the first record batch is on disk

    with pytest.raises(KeyError):
        write(tmp_path / "s.arrow", corpus_of([1] * 600), rows())
    assert len(taken) == 300
    check(Signals.open([tmp_path / "s.arrow"]), rows_of([1] * 256))
