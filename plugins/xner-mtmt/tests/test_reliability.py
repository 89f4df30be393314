import pytest
import torch

from naive import across, alpha_of, beta_of, cosine, gamma_of, sigmoid
from xner.students.batch import Pairs, SignalBatch
from xner.testing import WeightingContract
from xner_mtmt.weightings.reliability import Reliability, Unweighted


class TestReliability(WeightingContract):
    component = "reliability"


class TestUnweighted(WeightingContract):
    component = "unweighted"


def signals_of(probabilities, vectors, sentences=None, chosen=None):
    sentences = torch.arange(len(probabilities)) if sentences is None else torch.tensor(sentences)
    words = torch.arange(len(sentences)) if chosen is None else torch.tensor(chosen)
    pairs = Pairs(words, sentences[words][:, None] != sentences[words][None, :])
    return SignalBatch({"probabilities": probabilities, "vectors": vectors}, sentences, pairs)


def batch(sentences, seed=0, dtype=torch.float64, chosen=None, sharpness=2.0):
    torch.manual_seed(seed)
    size = len(sentences)
    probabilities = (sharpness * torch.randn(size, 7, dtype=dtype)).softmax(-1)
    return signals_of(probabilities, torch.randn(size, 4, dtype=dtype), sentences, chosen)


def naive(signals, form):
    """alpha of every word, beta and gamma of every pair of words, as the paper has them."""
    p, v = (signals.columns[name].tolist() for name in ("probabilities", "vectors"))
    t = [[sigmoid(cosine(one, other)) for other in v] for one in v]
    beta = [[beta_of(score, form) for score in row] for row in t]
    gamma = [[gamma_of(p[i], p[j], t[i][j]) for j in range(len(p))] for i in range(len(p))]
    return [alpha_of(row) for row in p], beta, gamma


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
def test_the_weights_add_up_to_the_sum_over_pairs(form, sentences, chosen):
    """For any losses: mean over words of w_i l_i = mean over pairs of gamma_ij (alpha_i l_i + alpha_j l_j)."""
    signals = batch(sentences, chosen=chosen)
    alpha, beta, gamma = naive(signals, form)
    weights = weigh(signals, form)
    places = signals.pairs.words.tolist()
    pairs = across(places, sentences)
    torch.manual_seed(1)
    losses = torch.rand(len(sentences)).tolist()
    expected = sum(gamma[i][j] * (alpha[i] * losses[i] + alpha[j] * losses[j]) for i, j in pairs) / len(pairs)
    got = sum(w * loss for w, loss in zip(weights.words.tolist(), losses, strict=True)) / len(sentences)
    assert got == pytest.approx(expected, abs=1e-6)
    for i, j in pairs:
        place = places.index(i), places.index(j)
        assert float(weights.pairs[place]) == pytest.approx(gamma[i][j] * beta[i][j], abs=1e-6)
    assert all(weights.words[place] == 0 for place in range(len(sentences)) if place not in places)


@pytest.mark.parametrize("form", ["paper", "authors"])
def test_a_scale_is_a_factor_of_the_evaluators_cosine(form):
    signals = batch([0, 0, 1, 2, 2])
    p, v = (signals.columns[name].tolist() for name in ("probabilities", "vectors"))
    weights = Reliability(Reliability.Config(beta=form, scale=8.0)).weigh(signals)
    for i, j in across(range(5), [0, 0, 1, 2, 2]):
        t = sigmoid(8 * cosine(v[i], v[j]))
        expected = gamma_of(p[i], p[j], t) * beta_of(t, form)
        assert float(weights.pairs[i, j]) == pytest.approx(expected, abs=1e-6)


def test_beta_of_mean_one_keeps_its_proportions():
    signals = batch([0, 0, 1, 2, 2])
    _, beta, gamma = naive(signals, "paper")
    pairs = across(range(5), [0, 0, 1, 2, 2])
    mean = sum(beta[i][j] for i, j in pairs) / len(pairs)
    weights, plain = Reliability(Reliability.Config(mean_one=True)).weigh(signals), weigh(signals)
    assert torch.equal(weights.words, plain.words)
    for i, j in pairs:
        assert float(weights.pairs[i, j]) == pytest.approx(gamma[i][j] * beta[i][j] / mean, abs=1e-6)
    alone = Reliability(Reliability.Config(mean_one=True)).weigh(batch([5, 5, 5]))
    assert alone.pairs.isfinite().all()  # no pair counts


def extreme(dtype):
    """Vectors equal, opposite, zero, huge and tiny, each with probabilities sure and undecided."""
    torch.manual_seed(0)
    direction = torch.randn(4, dtype=dtype)
    vectors = [direction, direction, -direction, 0 * direction, 1e6 * direction, 1e-6 * direction]
    sure = torch.eye(7, dtype=dtype)
    probabilities = [sure[0], sure[0], sure[3], torch.full((7,), 1 / 7, dtype=dtype)]
    pairs = [(p, v) for p in probabilities for v in vectors]
    return signals_of(*(torch.stack(column) for column in zip(*pairs, strict=True)))


def parts(signals):
    """alpha, beta and gamma by what the weighting says alone: of words that all stand in different sentences."""
    paper, authors = weigh(signals), weigh(signals, "authors")
    size = len(signals.sentences)
    off = ~torch.eye(size, dtype=torch.bool)
    gamma = 2 * (authors.pairs - paper.pairs)  # gamma (beta + 1/2) and gamma beta: the clamp at 1 never acts
    alpha = paper.words * (size - 1) / torch.where(off, gamma + gamma.T, 0).sum(1)
    return alpha, (paper.pairs / gamma)[off], gamma[off]


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-6), (torch.float32, 1e-5)])
def test_alpha_beta_and_gamma_of_extreme_signals(dtype, tolerance):
    signals = extreme(dtype)
    off = ~torch.eye(24, dtype=torch.bool)
    expected = [torch.tensor(values, dtype=dtype) for values in naive(signals, "paper")]
    for got, right in zip(parts(signals), (expected[0], expected[1][off], expected[2][off]), strict=True):
        assert torch.allclose(got, right, atol=tolerance)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_ranges(dtype):
    """Nothing leaves its range, and extreme signals reach both ends of it."""
    many = [batch(list(range(60)), dtype=dtype, sharpness=sharpness) for sharpness in (0.0, 1.0, 30.0)]
    ends = (1 / 49, 1), (0, 0.213552), (0.537883, 1)  # alpha; (2 * 0.731059 - 1)^2; 1 - (0.731059 - 0.268941)
    for values, (low, high) in zip(parts(extreme(dtype)), ends, strict=True):
        assert [values.min().item(), values.max().item()] == pytest.approx([low, high], abs=1e-5)
    for signals in many:
        for values, (low, high) in zip(parts(signals), ends, strict=True):
            assert low - 1e-5 <= values.min() and values.max() <= high + 1e-5
        authors = weigh(signals, "authors").pairs
        assert authors.min() >= 0.537883 * 0.5 - 1e-6 and authors.max() <= 0.713553


def test_an_unsure_teacher_counts_less():
    sure, unsure = [0.98, 0.01, 0.01], [0.4, 0.3, 0.3]
    weights = weigh(signals_of(torch.tensor([sure, unsure, sure]), torch.ones(3, 2)))
    assert weights.words[0] == weights.words[2] > 4 * weights.words[1]
    assert weights.pairs[0, 2] > weights.pairs[0, 1]  # the teachers disagree on the second pair


@pytest.mark.parametrize("weighting", [Reliability(), Unweighted()])
def test_weights_are_not_negative(weighting):
    weights = weighting.weigh(batch([0, 0, 1, 2]))
    assert (weights.words >= 0).all() and (weights.pairs >= 0).all()
    assert weights.words.shape == (4,) and weights.pairs.shape == (4, 4)


@pytest.mark.parametrize("weighting", [Reliability(), Unweighted()])
def test_a_batch_of_one_sentence_has_no_pairs_and_no_weight(weighting):
    weights = weighting.weigh(batch([5, 5, 5]))
    assert weights.words.tolist() == [0, 0, 0]
    assert weights.pairs.isfinite().all()


def test_what_they_need():
    assert Reliability.needs == ("probabilities", "vectors")
    assert Unweighted.needs == ()
    assert Reliability().config.beta == "paper"
