from math import exp, sqrt

import pytest
import torch

from xner.base import Pairs, SignalBatch
from xner_mtmt.reliability import Reliability, Unweighted


def cosine(one, other):
    dot = sum(a * b for a, b in zip(one, other, strict=True))
    return dot / sqrt(sum(a * a for a in one) * sum(b * b for b in other))


def sigmoid(x):
    return 1 / (1 + exp(-x))


def batch(sentences, seed=0, dtype=torch.float64, chosen=None, sharpness=2.0):
    torch.manual_seed(seed)
    sentences = torch.tensor(sentences)
    words = torch.arange(len(sentences)) if chosen is None else torch.tensor(chosen)
    pairs = Pairs(words, sentences[words][:, None] != sentences[words][None, :])
    columns = {
        "probabilities": (sharpness * torch.randn(len(sentences), 7, dtype=dtype)).softmax(-1),
        "vectors": torch.randn(len(sentences), 4, dtype=dtype),
    }
    return SignalBatch(columns, sentences, pairs)


def naive(signals, form):
    """alpha of every word, beta and gamma of every pair of words, as the paper has them."""
    p, v = (signals.columns[name].tolist() for name in ("probabilities", "vectors"))
    alpha = [max(row) ** 2 for row in p]
    beta, gamma = {}, {}
    for i in range(len(p)):
        for j in range(len(p)):
            t = sigmoid(cosine(v[i], v[j]))
            beta[i, j] = (2 * t - 1) ** 2 if form == "paper" else min((2 * t - 1) ** 2 + 0.5, 1)
            gamma[i, j] = 1 - abs(sigmoid(cosine(p[i], p[j])) - t)
    return alpha, beta, gamma


def weigh(signals, form="paper"):
    return Reliability(Reliability.Config(beta=form)).weigh(signals)


BATCHES = [
    ([0, 0, 0, 1, 1, 2], None),
    ([0, 1, 2, 3], None),
    ([0, 0, 0, 0, 0, 1], None),
    ([0, 0, 1, 1, 2, 2, 3], [1, 2, 5, 6]),
]


@pytest.mark.parametrize("form", ["paper", "authors"])
@pytest.mark.parametrize(("sentences", "chosen"), BATCHES)
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-6), (torch.float32, 1e-5)])
def test_the_weights_add_up_to_the_sum_over_pairs(form, sentences, chosen, dtype, tolerance):
    """For any losses: mean over words of w_i l_i = mean over pairs of gamma_ij (alpha_i l_i + alpha_j l_j)."""
    signals = batch(sentences, dtype=dtype, chosen=chosen)
    alpha, beta, gamma = naive(signals, form)
    weights = weigh(signals, form)
    places = signals.pairs.words.tolist()
    pairs = [(i, j) for i in places for j in places if sentences[i] != sentences[j]]
    torch.manual_seed(1)
    losses = torch.rand(len(sentences)).tolist()
    expected = sum(gamma[i, j] * (alpha[i] * losses[i] + alpha[j] * losses[j]) for i, j in pairs) / len(pairs)
    got = sum(w * loss for w, loss in zip(weights.words.tolist(), losses, strict=True)) / len(sentences)
    assert got == pytest.approx(expected, abs=tolerance)
    for row, i in enumerate(places):
        for column, j in enumerate(places):
            if sentences[i] != sentences[j]:
                assert float(weights.pairs[row, column]) == pytest.approx(gamma[i, j] * beta[i, j], abs=tolerance)
    assert all(weights.words[place] == 0 for place in range(len(sentences)) if place not in places)


def test_by_hand():
    pairs = Pairs(torch.tensor([0, 1]), torch.tensor([[False, True], [True, False]]))
    columns = {
        "probabilities": torch.tensor([[0.6, 0.3, 0.1], [0.2, 0.7, 0.1]]),
        "vectors": torch.tensor([[1.0, 0.0], [0.6, 0.8]]),  # cos 0.6, t = 0.645656, beta = 0.084863
    }
    signals = SignalBatch(columns, torch.tensor([0, 1]), pairs)
    gamma = 0.9814298  # cos(p, p') = 0.6821865, its sigmoid 0.6642265
    paper, authors = weigh(signals), weigh(signals, "authors")
    # two words, two pairs: each word stands in both
    assert paper.words.tolist() == pytest.approx([2 * gamma * 0.36, 2 * gamma * 0.49], abs=1e-5)
    assert paper.pairs[0, 1].item() == pytest.approx(gamma * 0.084863, abs=1e-6)
    assert torch.equal(paper.words, authors.words)
    assert authors.pairs[0, 1].item() == pytest.approx(gamma * 0.584863, abs=1e-5)


@pytest.mark.parametrize("sharpness", [0.0, 1.0, 30.0])
def test_ranges(sharpness):
    signals = batch(list(range(60)), sharpness=sharpness)
    for form in ("paper", "authors"):
        alpha, beta, gamma = naive(signals, form)
        got = weigh(signals, form).pairs / torch.tensor([[beta[i, j] for j in range(60)] for i in range(60)])
        off = ~torch.eye(60, dtype=torch.bool)  # on the diagonal beta and gamma are 0.2136 and 1
        assert got[off].min() >= 0.538 and got[off].max() <= 1.0 + 1e-9
        gammas = torch.tensor([[gamma[i, j] for j in range(60)] for i in range(60)])
        betas = weigh(signals, form).pairs / gammas
        low, high = (0, 0.2136) if form == "paper" else (0.5, 0.7136)
        assert low <= betas.min() and betas.max() <= high
        assert all(1 / 49 <= value <= 1 for value in alpha)


def test_an_unsure_teacher_counts_less():
    pairs = Pairs(torch.arange(3), ~torch.eye(3, dtype=torch.bool))
    sure, unsure = [0.98, 0.01, 0.01], [0.4, 0.3, 0.3]
    columns = {"probabilities": torch.tensor([sure, unsure, sure]), "vectors": torch.ones(3, 2)}
    weights = weigh(SignalBatch(columns, torch.arange(3), pairs))
    assert weights.words[0] == weights.words[2] > 4 * weights.words[1]
    assert weights.pairs[0, 2] > weights.pairs[0, 1]  # the teachers disagree on the second pair


@pytest.mark.parametrize("weighting", [Reliability(), Unweighted()])
def test_weights_are_constants(weighting):
    signals = batch([0, 0, 1, 2])
    weights = weighting.weigh(signals)
    assert not weights.words.requires_grad and not weights.pairs.requires_grad
    assert (weights.words >= 0).all() and (weights.pairs >= 0).all()
    assert weights.words.shape == (4,) and weights.pairs.shape == (4, 4)


@pytest.mark.parametrize("weighting", [Reliability(), Unweighted()])
def test_a_batch_of_one_sentence_has_no_pairs_and_no_weight(weighting):
    weights = weighting.weigh(batch([5, 5, 5]))
    assert weights.words.tolist() == [0, 0, 0]
    assert weights.pairs.isfinite().all()


@pytest.mark.parametrize(("sentences", "chosen"), BATCHES)
def test_without_weighting_alpha_beta_and_gamma_are_one(sentences, chosen):
    signals = batch(sentences, chosen=chosen)
    weights = Unweighted().weigh(signals)
    places = signals.pairs.words.tolist()
    pairs = [(i, j) for i in places for j in places if sentences[i] != sentences[j]]
    torch.manual_seed(1)
    losses = torch.rand(len(sentences)).tolist()
    expected = sum(losses[i] + losses[j] for i, j in pairs) / len(pairs)
    got = sum(w * loss for w, loss in zip(weights.words.tolist(), losses, strict=True)) / len(sentences)
    assert got == pytest.approx(expected, abs=1e-6)
    assert (weights.pairs == 1).all()


def test_what_they_need():
    assert Reliability.needs == ("probabilities", "vectors")
    assert Unweighted.needs == ()
    assert Reliability().config.beta == "paper"
