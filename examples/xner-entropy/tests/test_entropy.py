from math import exp, log

import pytest
import torch

from xner.students.batch import Pairs, SignalBatch
from xner.testing import WeightingContract
from xner_entropy.entropy import Entropy, certainty


class TestEntropy(WeightingContract):
    component = "entropy"


def signals_of(probabilities, chosen=None):
    columns = {"probabilities": probabilities}
    sentences = torch.arange(len(probabilities)) // 2
    words = torch.arange(len(probabilities)) if chosen is None else torch.tensor(chosen)
    pairs = Pairs(words, sentences[words][:, None] != sentences[words][None, :])
    return SignalBatch(columns, sentences, pairs)


def entropy(row):
    return -sum(p * log(p) for p in row if p > 0)


def teacher(words=6, tags=7, seed=0):
    torch.manual_seed(seed)
    return (3 * torch.randn(words, tags, dtype=torch.float64)).softmax(-1)


@pytest.mark.parametrize("chosen", [None, [0, 3, 5]])
def test_the_weights_are_the_equation(chosen):
    probabilities = teacher()
    signals = signals_of(probabilities, chosen)
    weights, rows, paired = Entropy().weigh(signals), probabilities.tolist(), signals.pairs.words.tolist()
    assert weights.words.tolist() == pytest.approx([exp(-entropy(row)) for row in rows])
    for i, one in enumerate(paired):
        for j, other in enumerate(paired):
            # the entropy of both tags together, were they drawn independently
            joint = [p * q for p in rows[one] for q in rows[other]]
            assert weights.pairs[i, j].item() == pytest.approx(exp(-entropy(joint)))


def test_by_hand():
    probabilities = torch.tensor([[1, 0, 0, 0], [0.5, 0.5, 0, 0], [0.25, 0.25, 0.25, 0.25]])
    weights = Entropy().weigh(signals_of(probabilities))
    assert weights.words.tolist() == pytest.approx([1, 1 / 2, 1 / 4])  # one over the tags between which it hesitates
    assert weights.pairs[0].tolist() == pytest.approx([1, 1 / 2, 1 / 4])
    assert weights.pairs[1].tolist() == pytest.approx([1 / 2, 1 / 4, 1 / 8])


def test_surer_words_count_more():
    logits = torch.tensor([[0.0, 1.0, 2.0]])
    certain = [certainty((scale * logits).softmax(-1)).item() for scale in (0, 0.5, 1, 2, 50)]
    assert certain == sorted(certain) and certain[0] == pytest.approx(1 / 3) and certain[-1] == pytest.approx(1)


@pytest.mark.parametrize(("words", "chosen"), [(1, None), (2, None), (4, [2])])
def test_degenerate_batches(words, chosen):
    weights = Entropy().weigh(signals_of(teacher(words), chosen))
    size = len(chosen or range(words))
    assert weights.words.shape == (words,) and weights.pairs.shape == (size, size)
    assert weights.words.isfinite().all() and weights.pairs.isfinite().all()


def test_weights_have_no_gradient_and_are_never_below_zero_or_above_one():
    weights = Entropy().weigh(signals_of(torch.cat([teacher(50), torch.eye(7, dtype=torch.float64)])))
    for part in (weights.words, weights.pairs):
        assert not part.requires_grad and part.min() > 0 and part.max() <= 1 + 1e-9


def test_it_has_no_settings():
    with pytest.raises(ValueError, match="temperature"):
        Entropy.Config(temperature=1)
