import numpy as np
import pytest
from naive_alignment import itermax

from xner.testing import AlignerContract
from xner_resources.aligners.itermax import Itermax


class TestItermax(AlignerContract):
    component = "itermax"


@pytest.mark.parametrize("iterations", [1, 2, 5])
@pytest.mark.parametrize("discount", [0.3, 0.9, 1])
def test_the_links_are_those_of_a_naive_reading(iterations, discount):
    aligner = Itermax(Itermax.Config(iterations=iterations, discount=discount))
    for seed in range(20):
        draw = np.random.default_rng(seed)
        similarity = draw.random(draw.integers(1, 7, size=2))
        assert list(aligner.links(similarity)) == itermax(similarity.tolist(), iterations, discount)


def test_what_is_left_over_is_aligned_with_what_has_a_link():
    similarity = np.array([[0.9, 0.1], [0.8, 0.2], [0.1, 0.7]])
    assert Itermax(Itermax.Config(iterations=1)).links(similarity) == ((0, 0), (2, 1))
    assert Itermax().links(similarity) == ((0, 0), (1, 0), (2, 1))
