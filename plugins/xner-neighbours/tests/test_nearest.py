import itertools
import tracemalloc
from fractions import Fraction

import numpy as np
import pytest

from xner_neighbours.nearest import nearest, on_grid

WORDS, WIDTH = 41, 5


def unit(rows):
    rows = np.asarray(rows, np.float64)
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture
def drawn():
    rows = unit(np.random.default_rng(0).standard_normal((WORDS, WIDTH)))
    rows[20] = rows[3]  # two words whose vectors are the same
    rows[30] = rows[7] + np.float32(2e-4)  # and two that differ as half precision rounds
    return rows


def grid_of(rows):
    return on_grid(len(rows), [rows[:4], rows[4:]])


def found(grid, k, cells):
    return np.concatenate(list(nearest(grid, k, cells)))


def naive(grid, k):
    """A second reading: one pair after the other, in whole numbers; the signed square of a cosine orders as it does."""
    rows = [[int(value) for value in row] for row in grid]

    def dot(a, b):
        return sum(x * y for x, y in zip(a, b, strict=True))

    result = []
    for place, mine in enumerate(rows):
        others = []
        for number, other in enumerate(rows):
            if dot(mine, mine) + dot(other, other) - 2 * dot(mine, other) > 168:
                product = dot(mine, other)
                others.append((-Fraction(product * abs(product), dot(other, other)), number))
        numbers = [number for _, number in sorted(others)][:k]
        assert place not in numbers
        result.append(numbers + [-1] * (k - len(numbers)))
    return result


@pytest.mark.parametrize("k", [1, 7, WORDS])
@pytest.mark.parametrize("block", [1, 3, 13, WORDS, 10 * WORDS])
def test_it_is_what_all_pairs_give_whatever_the_block(drawn, k, block):
    grid = grid_of(drawn)
    assert found(grid, k, block * WORDS).tolist() == naive(grid, k)


def test_of_equally_near_ones_the_lower_number_comes_first():
    near, far = [1, 0.2, 0], [0, 0, 1]
    rows = unit([far, near, [1, 0, 0], near, near, far])
    assert found(grid_of(rows), 2, 7)[2].tolist() == [1, 3]  # of 1, 3 and 4
    assert found(grid_of(rows), 5, 7)[2].tolist() == [1, 3, 4, 0, 5]
    assert found(grid_of(rows), 5, 7)[1].tolist() == [2, 0, 5, -1, -1]  # without the two that are the same


def test_vectors_that_differ_by_rounding_are_the_same(drawn):
    numbers = found(grid_of(drawn), WORDS, WORDS)
    for one, other in ((3, 20), (7, 30)):
        assert other not in numbers[one] and one not in numbers[other]
        assert (numbers[one] >= 0).sum() == WORDS - 2
    assert (numbers[0] >= 0).sum() == WORDS - 1


def test_words_are_near_by_their_cosine_and_not_by_their_product():
    grid = np.array([[100, 0], [60, 60], [3000, 2900], [90, 20]], np.float32)
    assert found(grid, 3, 4).tolist() == naive(grid, 3)
    assert found(grid, 3, 4)[0].tolist() == [3, 2, 1]


def test_the_grid_changes_cosines_by_little():
    rows = unit(np.random.default_rng(1).standard_normal((200, 384)))
    grid = grid_of(rows).astype(np.float64)
    lengths = np.linalg.norm(grid, axis=1)
    cosines = grid @ grid.T / lengths / lengths[:, None]
    assert np.abs(cosines - rows.astype(np.float64) @ rows.T.astype(np.float64)).max() < 1e-3


def test_the_grid_is_whole_numbers_and_no_vector_is_longer_than_its_steps():
    for width in (1, 3, 768, 1536):
        rows = unit(np.random.default_rng(width).standard_normal((50, width)))
        grid = grid_of(rows)
        assert grid.dtype == np.float32 and np.array_equal(grid, np.rint(grid))
        assert (np.square(grid.astype(np.float64)).sum(1) <= 2**24).all()


def test_sums_are_exact_in_any_order():
    grid = grid_of(unit(np.random.default_rng(2).standard_normal((100, 768))))
    order = np.random.default_rng(3).permutation(768)
    whole = grid.astype(np.int64) @ grid.T.astype(np.int64)
    assert np.array_equal(grid @ grid.T, whole)
    assert np.array_equal(grid[:, order] @ grid[:, order].T, whole)


def test_memory_grows_with_the_words_and_not_with_their_pairs():
    words, peaks = (1000, 4000), []
    for number in words:
        grid = grid_of(unit(np.random.default_rng(0).standard_normal((number, 4))))
        tracemalloc.start()
        for block in nearest(grid, 5, cells=20_000):
            assert len(block) <= 20
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 2 * peaks[0] < words[1] ** 2


def test_every_word_is_in_one_block(drawn):
    sizes = [len(block) for block in nearest(grid_of(drawn), 2, 4 * WORDS)]
    assert sizes == [4] * 10 + [1] and list(itertools.accumulate(sizes))[-1] == WORDS
