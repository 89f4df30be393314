import torch

from xner.students.batch import Pairs, SignalBatch
from xner.students.weighting import Uniform
from xner.testing import WeightingContract


class TestUniform(WeightingContract):
    component = "uniform"


def test_every_word_and_pair_counts_the_same():
    pairs = Pairs(torch.tensor([0, 2]), torch.ones(2, 2, dtype=torch.bool))
    weights = Uniform().weigh(SignalBatch({}, torch.tensor([0, 0, 1]), pairs))
    assert weights.words.tolist() == [1, 1, 1] and weights.pairs.tolist() == [[1, 1], [1, 1]]
