from math import sqrt

import numpy as np
import pytest

from xner.teachers.combination import averaged, joined


def weights_of(count, seed=0):
    return np.random.default_rng(seed).dirichlet(np.ones(count))


def parts_of(count, words=5, width=7, seed=0, dtype=np.float32):
    draw = np.random.default_rng(seed)
    return [draw.standard_normal((words, width)).astype(dtype) for _ in range(count)]


def cosine(one, other):
    dot = sum(a * b for a, b in zip(one, other, strict=True))
    return dot / sqrt(sum(a * a for a in one) * sum(b * b for b in other))


@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_averaged_is_the_equation(count):
    for seed in range(5):
        parts, weights = parts_of(count, seed=seed), weights_of(count, seed).tolist()
        got = averaged(parts, np.array(weights))
        assert got.dtype == np.float32 and got.shape == (5, 7)
        for word in range(5):
            for column in range(7):
                expected = sum(weights[k] * float(parts[k][word, column]) for k in range(count))
                assert got[word, column] == pytest.approx(expected, abs=1e-6)


def test_averaged_by_hand():
    parts = [np.float32([[0.8, 0.2]]), np.float32([[0.4, 0.6]])]
    assert averaged(parts, np.array([0.75, 0.25]))[0].tolist() == pytest.approx([0.7, 0.3], abs=1e-6)


def test_probabilities_stay_probabilities():
    parts = [np.random.default_rng(k).dirichlet(np.ones(9), 50).astype(np.float32) for k in range(4)]
    got = averaged(parts, weights_of(4))
    assert (got >= 0).all() and np.allclose(got.sum(-1), 1, atol=1e-6)


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
@pytest.mark.parametrize("count", [2, 3])
def test_the_cosine_of_joined_vectors_is_the_weighted_sum_of_their_cosines(count, dtype):
    """sum_k sqrt(w_k w'_k) cos_k, whatever the lengths of the vectors."""
    for seed in range(5):
        one, other = parts_of(count, seed=seed, dtype=dtype), parts_of(count, seed=seed + 100, dtype=dtype)
        w, v = weights_of(count, seed).tolist(), weights_of(count, seed + 100).tolist()
        a, b = joined(one, np.array(w)).astype(float), joined(other, np.array(v)).astype(float)
        for i in range(5):
            for j in range(5):
                cosines = [cosine(one[k][i].tolist(), other[k][j].tolist()) for k in range(count)]
                expected = sum(sqrt(w[k] * v[k]) * cosines[k] for k in range(count))
                assert cosine(a[i].tolist(), b[j].tolist()) == pytest.approx(expected, abs=1e-6)


def test_with_the_same_weights_it_is_their_weighted_mean():
    one, other = parts_of(3), parts_of(3, seed=1)
    w = np.array([0.5, 0.2, 0.3])
    a, b = joined(one, w), joined(other, w)
    expected = sum(w[k] * cosine(one[k][2].tolist(), other[k][4].tolist()) for k in range(3))
    assert cosine(a[2].tolist(), b[4].tolist()) == pytest.approx(expected, abs=1e-6)
    assert min(cosine(one[k][2].tolist(), other[k][4].tolist()) for k in range(3)) < expected


def test_joined_vectors_are_of_length_one():
    parts = [part * 10.0**k for k, part in enumerate(parts_of(3))]
    got = joined(parts, weights_of(3))
    assert got.shape == (5, 21) and got.dtype == np.float32
    assert np.allclose(np.linalg.norm(got.astype(float), axis=-1), 1, atol=1e-6)


def test_joined_by_hand():
    got = joined([np.float32([[3.0, 4.0]]), np.float32([[0.0, 2.0]])], np.array([0.36, 0.64]))
    assert got[0].tolist() == pytest.approx([0.36, 0.48, 0.0, 0.8], abs=1e-6)


def test_a_teacher_of_no_weight_and_a_vector_of_zeros():
    parts = [np.float32([[3.0, 4.0]]), np.float32([[1.0, 1.0]])]
    assert joined(parts, np.array([1.0, 0.0]))[0].tolist() == pytest.approx([0.6, 0.8, 0, 0], abs=1e-6)
    assert joined([np.zeros((1, 2), np.float32), parts[1]], np.array([0.5, 0.5]))[0, :2].tolist() == [0, 0]
