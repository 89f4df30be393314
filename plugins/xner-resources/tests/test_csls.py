import numpy as np
import pytest

from xner_resources.csls import nearest


def unit(rows):
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def naive(source, target, k):
    """A second reading of CSLS, pair by pair in plain Python."""

    def cosine(x, y):
        return sum(a * b for a, b in zip(x, y, strict=True))

    def crowd(x, others):
        best = sorted((cosine(x, other) for other in others), reverse=True)[:k]
        return sum(best) / len(best)

    found = []
    for x in source:
        scores = [2 * cosine(x, y) - crowd(x, target) - crowd(y, source) for y in target]
        found.append(scores.index(max(scores)))
    return found


@pytest.mark.parametrize("k", [1, 3, 50])
@pytest.mark.parametrize("cells", [1, 30, 2**24])
def test_it_is_what_a_naive_reading_gives(k, cells):
    for seed in range(4):
        draw = np.random.default_rng(seed)
        source, target = unit(draw.standard_normal((11, 4))), unit(draw.standard_normal((8, 4)))
        assert nearest(source, target, k, cells).tolist() == naive(source.tolist(), target.tolist(), k)


def test_a_word_that_is_near_to_all_is_nobodys():
    source = unit(np.array([[1, 0.2], [1, -0.2], [1, 0.1], [0.3, 1]]))
    target = unit(np.array([[1, 0.0], [1, 0.5], [1, -0.5]]))
    by_cosine, by_csls = (source @ target.T).argmax(1), nearest(source, target, 3)
    assert (by_cosine == 0).sum() > (by_csls == 0).sum()
