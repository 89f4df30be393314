import pytest
import torch

from naive import binary_cross_entropy, cosine, sigmoid
from xner.students.batch import Pairs, SignalBatch
from xner.tagging.states import WordStates
from xner.testing import AuxiliaryTaskContract
from xner_mtmt.similarity import Similarity, cosines, scores


class TestSimilarity(AuxiliaryTaskContract):
    component = "similarity"


def batch(words=9, width=5, seed=0, dtype=torch.float64, chosen=None):
    torch.manual_seed(seed)
    sentences = torch.arange(words) // 3
    words_chosen = torch.tensor(chosen) if chosen else torch.arange(words)
    inside = sentences[words_chosen]
    pairs = Pairs(words_chosen, inside[:, None] != inside[None, :])
    student = WordStates(torch.randn(words, width, dtype=dtype, requires_grad=True), torch.zeros(words, 3))
    return student, SignalBatch({"vectors": torch.randn(words, width + 2, dtype=dtype)}, sentences, pairs)


def scaled(scale):
    return Similarity(Similarity.Config(scale=scale))


def of_tags(scale):
    return Similarity(Similarity.Config(scale=scale, student="tags"))


def losses(hidden, vectors):
    """The losses of all pairs of words in different sentences."""
    sentences = torch.arange(len(hidden))
    pairs = Pairs(sentences, sentences[:, None] != sentences[None, :])
    student = WordStates(hidden, torch.zeros(len(hidden), 3))
    return scaled(1).losses(student, SignalBatch({"vectors": vectors}, sentences, pairs)).values


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
    vectors = torch.tensor([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [3.0, 0.0], [0.0, 0.0]])
    assert scores(vectors)[0].tolist() == pytest.approx([0.731059, 0.268941, 0.5, 0.731059, 0.5], abs=1e-6)
    torch.manual_seed(0)
    many = scores(torch.randn(200, 3))
    assert many.min() >= 0.2689 and many.max() <= 0.7311
    probabilities = scores(torch.cat([torch.eye(7), torch.randn(99, 7).softmax(-1), torch.full((1, 7), 1 / 7)]))
    assert probabilities.min() == 0.5 and probabilities.max() <= 0.7311  # no cosine below zero


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-6), (torch.float32, 1e-5)])
@pytest.mark.parametrize("chosen", [None, [1, 2, 4, 8]])
@pytest.mark.parametrize("scale", [1, 10])
def test_the_loss_is_the_equation(dtype, tolerance, chosen, scale):
    student, signals = batch(dtype=dtype, chosen=chosen)
    term = scaled(scale).losses(student, signals)
    places = signals.pairs.words.tolist()
    for row, one in enumerate(places):
        for column, other in enumerate(places):
            t, u = (
                sigmoid(scale * cosine(vectors[one].tolist(), vectors[other].tolist()))
                for vectors in (signals.columns["vectors"], student.hidden)
            )
            expected = binary_cross_entropy(t, u)
            assert float(term.values[row, column].detach()) == pytest.approx(expected, abs=tolerance)
            assert bool(term.mask[row, column]) == (one // 3 != other // 3)


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-6), (torch.float32, 1e-5)])
def test_the_students_tags_are_compared(dtype, tolerance):
    student, signals = batch(dtype=dtype, chosen=[1, 2, 4, 8])
    logits = torch.randn(9, 3, dtype=dtype, requires_grad=True)
    term = of_tags(4).losses(WordStates(student.hidden, logits), signals)
    places, q = signals.pairs.words.tolist(), logits.softmax(-1).tolist()
    for row, one in enumerate(places):
        for column, other in enumerate(places):
            t = sigmoid(4 * cosine(*(signals.columns["vectors"][place].tolist() for place in (one, other))))
            u = sum(q[one][tag] * q[other][tag] for tag in range(3))
            expected = binary_cross_entropy(t, u)
            assert float(term.values[row, column].detach()) == pytest.approx(expected, abs=tolerance)
    term.values.sum().backward()
    assert logits.grad is not None and student.hidden.grad is None  # the states learn through the tag head


def test_tags_that_are_sure_have_finite_losses():
    logits = torch.tensor([[100.0, 0.0, 0.0], [100.0, 0.0, 0.0], [0.0, 100.0, 0.0]], requires_grad=True)
    sentences = torch.arange(3)
    pairs = Pairs(sentences, sentences[:, None] != sentences[None, :])
    signals = SignalBatch({"vectors": torch.eye(3)}, sentences, pairs)
    values = of_tags(1).losses(WordStates(torch.zeros(3, 2), logits), signals).values
    assert values.isfinite().all()
    values.sum().backward()
    assert logits.grad.isfinite().all()


def test_the_student_that_agrees_has_the_least_loss():
    student, signals = batch(width=5)
    same = WordStates(signals.columns["vectors"], student.logits)
    best = Similarity().losses(same, signals).values
    assert (best <= Similarity().losses(student, signals).values + 1e-12).all()


def test_soft_targets_leave_a_floor():
    """It is the target's entropy, least where the target is sigmoid(1) or sigmoid(-1), and there is a ceiling."""
    ends = torch.tensor([[1.0, 0.0], [-1.0, 0.0], [1.0, 0.0]])
    assert losses(ends, ends)[0].tolist() == pytest.approx([0.582203, 0.582203, 0.582203], abs=1e-6)
    # the target is sigmoid(1), the student says sigmoid(-1): -0.731059 ln 0.268941 - 0.268941 ln 0.731059
    assert losses(ends, ends[[0, 0, 0]])[0, 1].item() == pytest.approx(1.044320, abs=1e-6)
    torch.manual_seed(0)
    for scale in (0, 1, 1e6):
        many = losses(scale * torch.randn(50, 2), torch.randn(50, 2))
        assert many.min() >= 0.5822 and many.max() <= 1.0444


def test_the_gradient_goes_to_the_student_alone():
    student, signals = batch()
    term = Similarity().losses(student, signals)
    term.values[term.mask].sum().backward()
    assert student.hidden.grad.abs().sum() > 0
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
