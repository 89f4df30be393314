from math import exp, log, sqrt

import pytest
import torch
from torch import nn

from xner.students.batch import Pairs, SignalBatch
from xner.tagging.states import WordStates
from xner.testing import AuxiliaryTaskContract
from xner_contrastive.contrastive import Contrastive, supervised_contrastive


class TestContrastive(AuxiliaryTaskContract):
    component = "contrastive"


def task(**settings):
    """The task for a student of width 5, in double precision, the same at every call."""
    torch.manual_seed(1)
    made = Contrastive(Contrastive.Config(projection=3, **settings))
    made.build(5)
    return made.double()


def batch(labels, sentences, chosen=None):
    """Random states, and a teacher that says these tags; the words chosen are paired across sentences."""
    torch.manual_seed(0)
    hidden = torch.randn(len(labels), 5, dtype=torch.float64, requires_grad=True)
    probabilities = (nn.functional.one_hot(torch.tensor(labels), 7) + torch.rand(len(labels), 7) / 2).double()
    words, places = torch.arange(len(labels)) if chosen is None else torch.tensor(chosen), torch.tensor(sentences)
    pairs = Pairs(words, places[words][:, None] != places[words][None, :])
    columns = {"probabilities": probabilities / probabilities.sum(-1, keepdim=True)}
    return WordStates(hidden, torch.zeros(len(labels), 7)), SignalBatch(columns, places, pairs)


def cosine(one, other):
    dot = sum(a * b for a, b in zip(one, other, strict=True))
    return dot / sqrt(sum(a * a for a in one) * sum(b * b for b in other))


def naive(vectors, labels, sentences, i, temperature, paired):
    """L_out of word i, term by term; None if there is no word of its class in another sentence."""
    others = [a for a in paired if sentences[a] != sentences[i]]
    positive = [p for p in others if labels[p] == labels[i]]
    if not positive:
        return None
    share = {a: exp(cosine(vectors[i], vectors[a]) / temperature) for a in others}
    return -sum(log(share[p] / sum(share.values())) for p in positive) / len(positive)


LABELS, SENTENCES = [0, 1, 2, 0, 1, 1, 0, 3, 2, 0, 1], [0, 0, 0, 1, 1, 1, 2, 2, 3, 3, 3]


@pytest.mark.parametrize("chosen", [None, [1, 2, 4, 7, 8, 9, 10]])
@pytest.mark.parametrize("temperature", [0.1, 1.0])
@pytest.mark.parametrize("anchors", ["all", "entities"])
def test_the_loss_is_the_equation(chosen, temperature, anchors):
    student, signals = batch(LABELS, SENTENCES, chosen)
    made = task(temperature=temperature, anchors=anchors)
    term = made.losses(student, signals)
    vectors, paired = made.head(student.hidden).tolist(), signals.pairs.words.tolist()
    assert term.values.shape == term.mask.shape == (11,)
    for i in range(11):
        expected = naive(vectors, LABELS, SENTENCES, i, temperature, paired) if i in paired else None
        if expected is not None:
            assert term.values[i].item() == pytest.approx(expected, abs=1e-9)
        assert term.mask[i].item() == (expected is not None and (anchors == "all" or LABELS[i] > 0))
    assert not term.mask[7]  # the only word of its class


def test_by_hand():
    """An anchor at the distance of one cosine from its like and of another from the rest: log(1 + 2 e^(0 - 1))."""
    vectors = torch.tensor([[2.0, 0.0], [3.0, 0.0], [0.0, 1.0], [0.0, -5.0]])
    term = supervised_contrastive(vectors, torch.tensor([1, 1, 2, 3]), ~torch.eye(4, dtype=torch.bool), 1.0)
    assert term.mask.tolist() == [True, True, False, False]
    assert term.values[:2].tolist() == pytest.approx([log(1 + 2 * exp(-1))] * 2, abs=1e-6)


def test_the_loss_falls_as_words_of_one_class_come_together():
    labels, others = torch.tensor([1, 1, 2, 2]), ~torch.eye(4, dtype=torch.bool)
    apart, together = torch.tensor([[1, 0], [0, 1], [1, 0], [0, 1.0]]), torch.tensor([[1, 0], [1, 0], [0, 1], [0, 1.0]])
    losses = [supervised_contrastive(vectors, labels, others, 0.1).values.mean() for vectors in (apart, together)]
    assert losses[0] > 10 > 1e-3 > losses[1]


@pytest.mark.parametrize(
    ("labels", "sentences", "anchors", "counted"),
    [
        ([1, 1, 1, 1], [0, 0, 1, 1], "all", 4),  # one class only: what is left is to be equally near to all
        ([1], [0], "all", 0),  # a single word
        ([1, 1], [0, 0], "all", 0),  # a single sentence, so no pairs
        ([1, 2, 3], [0, 1, 2], "all", 0),  # no two of a class
        ([0, 0, 0], [0, 1, 2], "entities", 0),  # all O
        ([0, 0, 0], [0, 1, 2], "all", 3),
    ],
)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_degenerate_batches_have_finite_losses_and_gradients(labels, sentences, anchors, counted, dtype):
    student, signals = batch(labels, sentences)
    made = task(anchors=anchors).to(dtype)
    term = made.losses(WordStates(student.hidden.to(dtype), student.logits), signals)
    assert int(term.mask.sum()) == counted
    loss = term.mean(torch.ones(len(labels), dtype=dtype))
    loss.backward()
    assert (loss.item() > 0) == (counted > 0)
    for gradient in (student.hidden.grad, *(weight.grad for weight in made.parameters())):
        assert gradient.isfinite().all() and (counted > 0 or not gradient.any())


def test_the_gradient_reaches_projection_head_and_encoder():
    student, signals = batch(LABELS, SENTENCES)
    made = task()
    made.losses(student, signals).mean(torch.ones(11)).backward()
    assert student.hidden.grad.any(-1).all()  # O too: they are what entities are told apart from
    assert all(weight.grad.any() for weight in made.parameters()) and len(list(made.parameters())) == 4


def test_its_settings():
    assert Contrastive().config.model_dump() == {
        "coefficient": 1.0,
        "temperature": 0.1,
        "projection": 128,
        "anchors": "entities",
    }
    for wrong in ({"temperature": 0}, {"projection": 0}, {"anchors": "some"}, {"tau": 0.1}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            Contrastive.Config(**wrong)
