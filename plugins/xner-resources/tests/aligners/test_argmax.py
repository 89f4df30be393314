import numpy as np
import pytest
from naive_alignment import argmax

from xner.testing import AlignerContract
from xner_resources.aligners.argmax import Argmax, mutual


class TestArgmax(AlignerContract):
    component = "argmax"


@pytest.mark.parametrize("shape", [(1, 1), (4, 6), (7, 3)])
def test_the_links_are_those_of_a_naive_reading(shape):
    for seed in range(20):
        similarity = np.random.default_rng(seed).random(shape)
        assert list(Argmax().links(similarity)) == sorted(argmax(similarity.tolist(), lambda i, j: True))


def test_of_equal_ones_the_first_and_none_where_none_may_be():
    assert mutual(np.ones((2, 2))) == ((0, 0),)
    assert mutual(np.array([[-np.inf, -np.inf], [-np.inf, 0.1]])) == ((1, 1),)
