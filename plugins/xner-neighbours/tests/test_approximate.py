import sys
from importlib.util import find_spec

import numpy as np
import pytest

from xner.errors import UsageError
from xner_neighbours import approximate
from xner_neighbours.nearest import nearest, on_grid

WORDS, K = 4000, 20


@pytest.fixture(scope="module")
def grid():
    """Words in clusters, as those of a text are, and some that are the same."""
    rng = np.random.default_rng(0)
    rows = rng.standard_normal((60, 24))[rng.integers(60, size=WORDS)] + 0.4 * rng.standard_normal((WORDS, 24))
    rows[100:110] = rows[5]
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return on_grid(WORDS, [rows.astype(np.float32)])


def found(grid, k=K, probes=32):
    return np.concatenate(list(approximate.nearest(grid, k, probes, "")))


def recall(numbers, exact):
    return np.mean([len(set(one) & set(other)) / len(other) for one, other in zip(numbers, exact, strict=True)])


needs_faiss = pytest.mark.skipif(
    find_spec("faiss") is None,
    reason="faiss is not installed: pip install 'xner-neighbours[large]'",
)


@needs_faiss
def test_it_finds_nearly_all_that_the_exact_search_does(grid):
    exact = np.concatenate(list(nearest(grid, K)))
    few, many, all_of_them = (recall(found(grid, probes=probes), exact) for probes in (1, 32, WORDS))
    assert few < many and many > 0.95 and all_of_them > 0.999


@needs_faiss
def test_it_finds_the_same_every_time(grid):
    assert np.array_equal(found(grid), found(grid))


@needs_faiss
def test_what_is_the_same_is_left_out_and_the_nearest_come_first(grid):
    numbers = found(grid, probes=WORDS)
    assert not any(place in row for place, row in enumerate(numbers))
    same = {5, *range(100, 110)}
    assert not any(same & set(numbers[place].tolist()) for place in same)
    cosines = grid @ grid.T / np.linalg.norm(grid, axis=1)
    assert (np.diff(np.take_along_axis(cosines, numbers, 1), axis=1) <= 1e-3).all()


@needs_faiss
def test_what_is_missing_is_told(grid):
    assert (found(grid[100:111], k=11)[:10] == [10, *[-1] * 10]).all()


def test_without_faiss_one_line_says_what_to_install(grid, monkeypatch):
    monkeypatch.setitem(sys.modules, "faiss", None)
    with pytest.raises(UsageError) as error:
        next(approximate.nearest(grid, K, 32, "refiners.neighbour-agreement.exact=4000"))
    assert str(error.value) == (
        'the neighbours of 4,000 words need faiss: pip install "xner-neighbours[large]"; or compare each with each, '
        "which takes long: --set refiners.neighbour-agreement.exact=4000"
    )
