from math import exp, log, sqrt

import pytest
import torch

from xner.base import Pairs, SignalBatch, StudentBatch
from xner_mtmt.similarity import Similarity, cosines, scores


def cosine(one, other):
    dot = sum(a * b for a, b in zip(one, other, strict=True))
    return dot / sqrt(sum(a * a for a in one) * sum(b * b for b in other))


def sigmoid(x):
    return 1 / (1 + exp(-x))


def batch(words=9, width=5, seed=0, dtype=torch.float64, chosen=None):
    torch.manual_seed(seed)
    sentences = torch.arange(words) // 3
    words_chosen = torch.tensor(chosen) if chosen else torch.arange(words)
    inside = sentences[words_chosen]
    pairs = Pairs(words_chosen, inside[:, None] != inside[None, :])
    student = StudentBatch(torch.randn(words, width, dtype=dtype, requires_grad=True), torch.zeros(words, 3))
    return student, SignalBatch({"vectors": torch.randn(words, width + 2, dtype=dtype)}, sentences, pairs)


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-6), (torch.float32, 1e-5)])
def test_cosines_and_scores(dtype, tolerance):
    torch.manual_seed(0)
    vectors = 10 * torch.randn(7, 4, dtype=dtype)
    rows = vectors.tolist()
    expected = [[cosine(one, other) for other in rows] for one in rows]
    assert torch.allclose(cosines(vectors), torch.tensor(expected, dtype=dtype), atol=tolerance)
    expected = [[sigmoid(value) for value in row] for row in expected]
    assert torch.allclose(scores(vectors), torch.tensor(expected, dtype=dtype), atol=tolerance)


def test_scores_have_a_range():
    vectors = torch.tensor([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [3.0, 0.0]])
    assert scores(vectors)[0].tolist() == pytest.approx([0.731059, 0.268941, 0.5, 0.731059], abs=1e-6)
    torch.manual_seed(0)
    many = scores(torch.randn(200, 3))
    assert many.min() >= 0.2689 and many.max() <= 0.7311


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-6), (torch.float32, 1e-5)])
@pytest.mark.parametrize("chosen", [None, [1, 2, 4, 8]])
def test_the_loss_is_the_equation(dtype, tolerance, chosen):
    student, signals = batch(dtype=dtype, chosen=chosen)
    term = Similarity().losses(student, signals)
    places = signals.pairs.words.tolist()
    for row, one in enumerate(places):
        for column, other in enumerate(places):
            t = sigmoid(cosine(*(signals.columns["vectors"][place].tolist() for place in (one, other))))
            u = sigmoid(cosine(*(student.hidden[place].tolist() for place in (one, other))))
            expected = -t * log(u) - (1 - t) * log(1 - u)
            assert float(term.values[row, column].detach()) == pytest.approx(expected, abs=tolerance)
            assert bool(term.mask[row, column]) == (one // 3 != other // 3)


def test_by_hand():
    pairs = Pairs(torch.tensor([0, 1]), torch.tensor([[False, True], [True, False]]))
    student = StudentBatch(torch.tensor([[2.0, 0.0], [0.0, 5.0]]), torch.zeros(2, 3))  # cos 0, u = 1/2
    signals = SignalBatch({"vectors": torch.tensor([[1.0, 0.0], [0.6, 0.8]])}, torch.tensor([0, 1]), pairs)
    assert Similarity().losses(student, signals).values[0, 1].item() == pytest.approx(0.693147, abs=1e-6)


def test_the_student_that_agrees_has_the_least_loss():
    student, signals = batch(width=5)
    same = StudentBatch(signals.columns["vectors"], student.logits)
    best = Similarity().losses(same, signals).values
    assert (best <= Similarity().losses(student, signals).values + 1e-12).all()
    assert best.min() >= 0.5822  # the entropy of sigmoid(1): soft targets leave a floor


def test_the_gradient_goes_to_the_student_alone():
    student, signals = batch()
    term = Similarity().losses(student, signals)
    term.values[term.mask].sum().backward()
    assert student.hidden.grad.abs().sum() > 0
    assert not signals.columns["vectors"].requires_grad
    assert not list(Similarity().parameters())  # parameter-free: the student stays a plain checkpoint


def test_a_vector_of_zeros_is_no_disaster():
    student, signals = batch()
    with torch.no_grad():
        student.hidden[0] = 0
    values = Similarity().losses(student, signals).values
    values.sum().backward()
    assert values.isfinite().all() and student.hidden.grad.isfinite().all()


def test_what_it_needs():
    assert (Similarity.level, Similarity.needs) == ("pairs", ("vectors",))
    assert Similarity().config.coefficient == 1.0
