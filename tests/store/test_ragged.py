import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xner.store.ragged import Ragged, interleave, write


def rows_of(lengths, width=3, dtype=np.float32, seed=0):
    draw = np.random.default_rng(seed)
    return [
        {"p": draw.standard_normal((length, width)).astype(dtype), "n": np.arange(2 * length, dtype=np.int32)}
        for length in lengths
    ]


def check(file, rows):
    assert len(file) == len(rows)
    for number, row in enumerate(rows):
        read = file.row(number)
        assert set(read) == set(row)
        for name, values in row.items():
            assert read[name].dtype == values.dtype
            assert np.array_equal(read[name], values, equal_nan=name == "p")
    for name in rows[0]:
        assert file.lengths(name).tolist() == [len(row[name]) for row in rows]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.integers(0, 9), min_size=1, max_size=30),
    st.integers(1, 5),
    st.sampled_from([np.float16, np.float32]),
    st.integers(1, 7),
)
def test_what_was_written_is_read(tmp_path, lengths, width, dtype, size):
    rows = rows_of(lengths, width, dtype)
    write(tmp_path / "f", [rows[start : start + size] for start in range(0, len(rows), size)])
    check(Ragged(tmp_path / "f"), rows)


def test_infinite_and_missing_numbers_survive(tmp_path):
    rows = [{"p": np.array([[np.nan, np.inf], [-np.inf, -0.0]], np.float32)}]
    write(tmp_path / "f", [rows])
    check(Ragged(tmp_path / "f"), rows)


def test_batches_are_written_as_they_come(tmp_path):
    def batches():
        yield rows_of([1, 2])
        raise KeyError

    with pytest.raises(KeyError):
        write(tmp_path / "f", batches())
    check(Ragged(tmp_path / "f"), rows_of([1, 2]))


@pytest.mark.parametrize("parts", [1, 2, 3])
@pytest.mark.parametrize("batches", [3, 4, 7])
def test_files_whose_batches_were_dealt_out_become_the_one_file(tmp_path, parts, batches):
    groups = [rows_of([1, 2, number], seed=number) for number in range(batches)]
    paths = [tmp_path / str(number) for number in range(parts)]
    for number, path in enumerate(paths):
        write(path, groups[number::parts])
    write(tmp_path / "whole", groups)
    interleave(paths, tmp_path / "joined")
    assert (tmp_path / "joined").read_bytes() == (tmp_path / "whole").read_bytes()
    assert not any(path.exists() for path in paths)


def test_the_file_is_mapped_and_not_read(tmp_path):
    write(tmp_path / "f", [[{"p": np.zeros((1_000_000, 4), np.float32)}]])
    before = pa.total_allocated_bytes()
    Ragged(tmp_path / "f").row(0)
    assert pa.total_allocated_bytes() - before < 100_000
