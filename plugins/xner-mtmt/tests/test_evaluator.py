from collections import Counter
from dataclasses import replace
from math import exp, log, sqrt

import numpy as np
import pytest
import torch

from xner.base import TAGGER, StudentBatch
from xner.encoding import collate
from xner.testing import tiny_corpus
from xner_mtmt.evaluator import Evaluator, EvaluatorSettings, SimilarityLoss, pair_loss, unit_vectors

LABELS = [0, 1, 2, 0, 0, 3, 4, 0, 1, 0, 0, 0]  # O, B-LOC, I-LOC, O, O, B-ORG, I-ORG, ...
SENTENCES = [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 3]


def cosine(one, other):
    dot = sum(a * b for a, b in zip(one, other, strict=True))
    return dot / sqrt(sum(a * a for a in one) * sum(b * b for b in other))


def naive(vectors, labels, sentences, same="tag", words="even"):
    """The expectation of BCE(t, sigmoid(cos)) when half of the pairs are alike and half are not."""
    kinds = [(label + 1) // 2 for label in labels] if same == "type" else labels
    frequency = Counter(kinds)
    halves = []
    for alike in (True, False):
        total = mass = 0.0
        for i in range(len(labels)):
            for j in range(len(labels)):
                if sentences[i] == sentences[j] or (kinds[i] == kinds[j]) != alike:
                    continue
                chance = 1 / frequency[kinds[i]] / frequency[kinds[j]] if words == "even" else 1.0
                score = 1 / (1 + exp(-cosine(vectors[i], vectors[j])))
                total += chance * -log(score if alike else 1 - score)
                mass += chance
        halves.append(total / mass if mass else 0.0)
    return sum(halves) / 2


def loss(vectors, labels, sentences, **settings):
    return pair_loss(vectors, torch.tensor(labels), torch.tensor(sentences), EvaluatorSettings(**settings))


@pytest.mark.parametrize("same", ["tag", "type"])
@pytest.mark.parametrize("words", ["even", "uniform"])
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-6), (torch.float32, 1e-5)])
def test_the_loss_is_the_equation(same, words, dtype, tolerance):
    for seed in range(5):
        torch.manual_seed(seed)
        vectors = torch.randn(len(LABELS), 4, dtype=dtype)
        expected = naive(vectors.tolist(), LABELS, SENTENCES, same, words)
        assert float(loss(vectors, LABELS, SENTENCES, same=same, words=words)) == pytest.approx(expected, abs=tolerance)


def test_by_hand():
    vectors = torch.tensor([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]])
    # the words of tag 1 have cos 0; the third has cos -1 with the first and cos 0 with the second
    alike, different = log(2), (log(2) + log(1 + exp(-1))) / 2
    for words in ("even", "uniform"):
        got = loss(vectors, [1, 1, 0], [0, 1, 2], words=words)
        assert got.item() == pytest.approx((alike + different) / 2, abs=1e-6)


def test_drawing_pairs_one_by_one_comes_to_the_same():
    """Words evenly over the tags, pairs across sentences, half alike and half not: the loss is their expectation."""
    torch.manual_seed(0)
    vectors = torch.randn(len(LABELS), 4)
    draw = np.random.default_rng(0)
    by_tag = [[place for place, label in enumerate(LABELS) if label == tag] for tag in sorted(set(LABELS))]
    totals = {True: [], False: []}
    while min(map(len, totals.values())) < 1500:
        i, j = (draw.choice(by_tag[draw.integers(len(by_tag))]) for _ in range(2))
        if SENTENCES[i] != SENTENCES[j]:
            alike = LABELS[i] == LABELS[j]
            score = 1 / (1 + exp(-cosine(vectors[i].tolist(), vectors[j].tolist())))
            totals[alike].append(-log(score if alike else 1 - score))
    expected = (np.mean(totals[True]) + np.mean(totals[False])) / 2
    assert loss(vectors, LABELS, SENTENCES).item() == pytest.approx(expected, abs=0.02)


def test_type_forgets_where_in_the_entity_a_word_stands():
    torch.manual_seed(0)
    vectors = torch.randn(4, 3)
    inside, begin = [1, 2, 0, 4], [1, 1, 0, 3]
    numbers = [0, 1, 2, 3]
    assert loss(vectors, inside, numbers, same="type") == loss(vectors, begin, numbers, same="type")
    assert loss(vectors, inside, numbers, same="tag") != loss(vectors, begin, numbers, same="tag")


def test_the_loss_has_a_floor():
    perfect = torch.tensor([[1.0, 0.0], [1.0, 0.0], [-1.0, 0.0], [-1.0, 0.0]])
    assert loss(perfect, [0, 0, 1, 1], [0, 1, 2, 3]).item() == pytest.approx(0.313262, abs=1e-6)
    torch.manual_seed(0)
    for _ in range(20):
        assert loss(torch.randn(12, 3), LABELS, SENTENCES) > 0.3132
    assert loss(-perfect, [0, 1, 1, 0], [0, 1, 2, 3]).item() <= 1.3133  # and a ceiling


def test_even_words_do_not_let_o_drown_the_entities():
    """A hundred O words against two entities: the pairs of the entities count as much as before."""
    vectors = torch.eye(3)[[0] * 100 + [1, 2]]
    labels, numbers = [0] * 100 + [1, 1], list(range(102))
    even, uniform = (loss(vectors, labels, numbers, words=words) for words in ("even", "uniform"))
    assert even > uniform + 0.05  # the two entities, which should be alike and are not, are heard


@pytest.mark.parametrize(
    ("labels", "sentences"),
    [([0, 1], [0, 0]), ([0], [0]), ([1, 1, 1], [0, 1, 2]), ([0, 1, 2], [0, 1, 2])],
    ids=["one sentence", "one word", "all alike", "none alike"],
)
def test_halves_without_pairs(labels, sentences):
    torch.manual_seed(0)
    vectors = torch.randn(len(labels), 3, requires_grad=True)
    value = loss(vectors, labels, sentences)
    value.backward()
    assert float(value.detach()) == pytest.approx(naive(vectors.tolist(), labels, sentences), abs=1e-6)
    assert vectors.grad.isfinite().all()


def test_unit_vectors():
    hidden = torch.tensor([[3.0, 4.0], [0.0, 2.0], [0.0, 0.0]])
    column = unit_vectors(StudentBatch(hidden, torch.zeros(3, 7)))["vectors"]
    assert column.dtype == torch.float16
    assert torch.allclose(column.float(), torch.tensor([[0.6, 0.8], [0, 1], [0, 0]]), atol=1e-3)


@pytest.fixture
def fitted(tiny_bench):
    teacher = Evaluator(Evaluator.Config(epochs=8, learning_rate=3e-3, batch_size=16))
    teacher.fit(tiny_corpus(), tiny_bench)
    return teacher


def columns(teacher, corpus):
    return [row["vectors"] for row in teacher.label(corpus)]


def test_it_learns_which_words_have_the_same_tag(fitted, tiny_bench):
    def loss_of(tagger):
        tagger.model.eval()
        batch = collate(list(tagger.encoder.windows(tiny_corpus(split="dev"))), 0)
        with torch.no_grad():
            return float(SimilarityLoss(tagger, EvaluatorSettings())(batch))

    assert 0.3132 < loss_of(fitted._tagger) < loss_of(tiny_bench.new_tagger()) - 0.1


def test_it_gives_every_target_word_a_vector(fitted):
    target = tiny_corpus("xx").without_labels()
    rows = columns(fitted, target)
    assert Evaluator.provides == Evaluator.embeddings == ("vectors",)
    assert [row.shape for row in rows] == [(len(sentence.tokens), 32) for sentence in target]
    assert all(np.allclose(np.linalg.norm(row.astype(float), axis=-1), 1, atol=2e-3) for row in rows)


def test_saved_and_restored_it_says_the_same(fitted, tiny_bench, tmp_path):
    fitted.save(tmp_path / "e")
    assert not (tmp_path / "e" / TAGGER).exists()  # its tag head knows nothing: no student may start from it
    again = Evaluator()
    again.restore(tmp_path / "e", replace(tiny_bench, seed=3))
    target = tiny_corpus("xx")
    assert all(map(np.array_equal, columns(fitted, target), columns(again, target)))


def test_the_objective_is_the_loss_of_the_hidden_states(tiny_bench):
    tagger = tiny_bench.new_tagger()
    tagger.model.eval()
    batch = collate(list(tagger.encoder.windows(tiny_corpus(size=5))), 0)
    objective = SimilarityLoss(tagger, EvaluatorSettings(words="uniform"))
    states = objective.states(batch)
    expected = naive(states.hidden.tolist(), batch["labels"].tolist(), batch["sentences"].tolist(), words="uniform")
    assert float(objective(batch).detach()) == pytest.approx(expected, abs=1e-5)
    objective(batch).backward()
    assert tagger.model.bert.encoder.layer[0].output.dense.weight.grad.abs().sum() > 0
    assert tagger.model.classifier.weight.grad is None
