from dataclasses import replace
from math import sqrt
from random import Random
from statistics import mean, variance

import numpy as np
import pytest
import torch
from torch.nn.functional import binary_cross_entropy_with_logits

from naive import binary_cross_entropy, cosine, evaluator_loss, sigmoid
from xner.corpora.corpus import Corpus, Sentence
from xner.store.stages import TAGGER
from xner.tagging.states import WordStates
from xner.tagging.windows import collate
from xner.testing import TeacherContract, tiny_corpus
from xner.training.checkpoints import Dev, record_of
from xner.training.workbench import Workbench
from xner_mtmt.evaluator import EvaluatorSettings, SimilarityEvaluator, SimilarityLoss, pair_loss, unit_vectors
from xner_mtmt.pair_auc import pair_auc
from xner_mtmt.similarity import cosines


class TestEvaluator(TeacherContract):
    component = "similarity"


LABELS = [0, 1, 2, 0, 0, 3, 4, 0, 1, 0, 0, 0]  # O, B-LOC, I-LOC, O, O, B-ORG, I-ORG, ...
SENTENCES = [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 3]
SETTINGS = [("tag", "even"), ("tag", "uniform"), ("type", "even"), ("type", "uniform")]


def loss(vectors, labels, sentences, **settings):
    return pair_loss(vectors, torch.tensor(labels), torch.tensor(sentences), EvaluatorSettings(**settings))


def test_by_default_tags_are_compared_and_words_are_even():
    settings = EvaluatorSettings()
    assert (settings.same, settings.words, settings.scale) == ("tag", "even", 1)


@pytest.mark.parametrize(("same", "words"), SETTINGS)
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-6), (torch.float32, 1e-5)])
def test_the_loss_is_the_equation(same, words, dtype, tolerance):
    for seed in range(5):
        torch.manual_seed(seed)
        vectors = torch.randn(len(LABELS), 4, dtype=dtype)
        expected = evaluator_loss(vectors.tolist(), LABELS, SENTENCES, same, words)
        assert float(loss(vectors, LABELS, SENTENCES, same=same, words=words)) == pytest.approx(expected, abs=tolerance)


@pytest.mark.parametrize(("same", "words"), SETTINGS)
def test_drawing_pairs_one_by_one_comes_to_the_same(same, words):
    """Half alike and half not, of two words drawn evenly over the tags or as they come, in different sentences."""
    random = Random(366)  # the four settings' losses are at least 0.03 apart
    vectors = [[random.gauss() for _ in range(2)] for _ in LABELS]
    scores = [[sigmoid(cosine(one, other)) for other in vectors] for one in vectors]
    kinds = [(label + 1) // 2 for label in LABELS] if same == "type" else LABELS
    by_kind = [[place for place, other in enumerate(kinds) if other == kind] for kind in sorted(set(kinds))]
    values = {True: [], False: []}
    while min(map(len, values.values())) < 4000:
        groups = random.choices(by_kind, k=2) if words == "even" else [range(len(LABELS))] * 2
        i, j = map(random.choice, groups)
        if SENTENCES[i] != SENTENCES[j]:
            alike = kinds[i] == kinds[j]
            values[alike].append(binary_cross_entropy(float(alike), scores[i][j]))
    simulated = mean(map(mean, values.values()))
    error = sqrt(sum(variance(half) / len(half) for half in values.values())) / 2
    got = {(s, w): loss(torch.tensor(vectors), LABELS, SENTENCES, same=s, words=w).item() for s, w in SETTINGS}
    assert got.pop((same, words)) == pytest.approx(simulated, abs=3 * error)
    assert all(abs(other - simulated) > 6 * error for other in got.values())  # the tolerance tells them apart


@pytest.mark.parametrize("scale", [0.5, 10.0])
def test_the_scale_is_a_factor_of_the_cosine(scale):
    torch.manual_seed(0)
    vectors = torch.randn(len(LABELS), 4, dtype=torch.float64)
    expected = evaluator_loss(vectors.tolist(), LABELS, SENTENCES, scale=scale)
    assert float(loss(vectors, LABELS, SENTENCES, scale=scale)) == pytest.approx(expected, abs=1e-6)
    assert abs(expected - evaluator_loss(vectors.tolist(), LABELS, SENTENCES)) > 0.005


@pytest.mark.parametrize("scale", [1.0, 10.0])
def test_a_hard_negative_counts_by_its_score_which_has_no_gradient(scale):
    torch.manual_seed(3)
    vectors = torch.randn(len(LABELS), 4, dtype=torch.float64, requires_grad=True)
    lists, given = vectors.tolist(), {"scale": scale, "negatives": "hard"}
    expected = evaluator_loss(lists, LABELS, SENTENCES, **given)
    got = loss(vectors, LABELS, SENTENCES, **given)
    assert got.item() == pytest.approx(expected, abs=1e-6)
    assert abs(expected - evaluator_loss(lists, LABELS, SENTENCES, scale=scale)) > 0.005
    (gradient,) = torch.autograd.grad(got, vectors)
    fixed = torch.tensor([[sigmoid(scale * cosine(a, b)) for b in lists] for a in lists])
    labels, sentences = torch.tensor(LABELS), torch.tensor(SENTENCES)
    same = (labels[:, None] == labels[None, :]).double()
    drawn = (
        (sentences[:, None] != sentences[None, :])
        / torch.bincount(labels)[labels]
        / torch.bincount(labels)[labels][:, None]
    )
    values = binary_cross_entropy_with_logits(scale * cosines(vectors), same, reduction="none")
    halves = [(w * values).sum() / w.sum() for w in (drawn * same, drawn * (1 - same) * fixed)]
    assert torch.allclose(gradient, torch.autograd.grad(sum(halves) / 2, vectors)[0], atol=1e-7)


def test_type_forgets_where_in_the_entity_a_word_stands():
    torch.manual_seed(0)
    vectors = torch.randn(4, 3)
    inside, begin = [1, 2, 0, 4], [1, 1, 0, 3]
    numbers = [0, 1, 2, 3]
    assert loss(vectors, inside, numbers, same="type") == loss(vectors, begin, numbers, same="type")
    assert loss(vectors, inside, numbers, same="tag") != loss(vectors, begin, numbers, same="tag")


def test_the_loss_has_a_floor_and_a_ceiling():
    perfect = torch.tensor([[1.0, 0.0], [1.0, 0.0], [-1.0, 0.0], [-1.0, 0.0]])
    assert loss(perfect, [0, 0, 1, 1], [0, 1, 2, 3]).item() == pytest.approx(0.313262, abs=1e-6)
    torch.manual_seed(0)
    for _ in range(20):
        assert loss(torch.randn(12, 3), LABELS, SENTENCES) > 0.3132
    wrong = torch.tensor([[1.0, 0.0], [-1.0, 0.0], [1.0, 0.0]])  # opposite are alike and equal are not
    assert loss(wrong, [0, 0, 1], [0, 1, 1]).item() == pytest.approx(1.313262, abs=1e-6)
    assert loss(torch.zeros(12, 3), LABELS, SENTENCES).item() == pytest.approx(0.693147, abs=1e-6)


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
    assert float(value.detach()) == pytest.approx(evaluator_loss(vectors.tolist(), labels, sentences), abs=1e-6)
    assert vectors.grad.isfinite().all()


def test_unit_vectors():
    hidden = torch.tensor([[3.0, 4.0], [0.0, 2.0], [0.0, 0.0]])
    column = unit_vectors(WordStates(hidden, torch.zeros(3, 7)))["vectors"]
    assert column.dtype == torch.float16
    assert torch.allclose(column.float(), torch.tensor([[0.6, 0.8], [0, 1], [0, 0]]), atol=1e-3)


@pytest.fixture
def fitted(tiny_workbench):
    teacher = SimilarityEvaluator(SimilarityEvaluator.Config(epochs=8, learning_rate=3e-3, batch_size=16))
    teacher.fit(tiny_corpus(), tiny_workbench)
    return teacher


@pytest.mark.parametrize("sentences", ["entities", "all"])
def test_which_sentences_it_learns_from(tiny_workbench, monkeypatch, sentences):
    learned = []
    monkeypatch.setattr(Workbench, "train", lambda *args, **_: learned.append(args[3]))
    plain = Corpus.from_sentences("x", "en", "train", [Sentence(["so", "what"], ["O", "O"])])
    source = Corpus.concatenate([tiny_corpus(), plain])
    SimilarityEvaluator(SimilarityEvaluator.Config(sentences=sentences)).fit(source, tiny_workbench)
    expected = [sentence for sentence in source if sentences == "all" or set(sentence.tags) != {"O"}]
    assert list(learned[0]) == expected and len(expected) in (len(source), len(source) - 1)


def columns(teacher, corpus):
    return [row["vectors"] for row in teacher.label(corpus)]


def test_it_learns_which_words_have_the_same_tag(fitted, tiny_workbench):
    def loss_of(tagger):
        tagger.model.eval()
        batch = collate(list(tagger.windower.windows(tiny_corpus(split="dev"))), 0)
        with torch.no_grad():
            return float(SimilarityLoss(tagger, EvaluatorSettings())(batch))

    assert 0.3132 < loss_of(fitted._tagger) < loss_of(tiny_workbench.new_tagger()) - 0.1


@pytest.mark.parametrize("same", ["tag", "type"])
def test_where_there_are_dev_sentences_it_is_judged_by_their_word_pairs(tiny_workbench, same):
    dev = tiny_corpus(split="dev")
    teacher = SimilarityEvaluator(SimilarityEvaluator.Config(epochs=3, learning_rate=3e-3, batch_size=16, same=same))
    teacher.fit(tiny_corpus(), replace(tiny_workbench, dev=Dev("source-dev", (dev,))))
    record = record_of(tiny_workbench.folder)
    scores = [epoch["score"] for epoch in record["epochs"]]
    assert record["judge"] == "AUC of word pairs" and len(set(scores)) == 3
    assert pair_auc(teacher._tagger, dev, same) == pytest.approx(max(scores), abs=1e-4)


def test_it_gives_every_target_word_a_vector(fitted):
    target = tiny_corpus("xx").without_labels()
    rows = columns(fitted, target)
    assert SimilarityEvaluator.provides == SimilarityEvaluator.embeddings == ("vectors",)
    assert [row.shape for row in rows] == [(len(sentence.tokens), 32) for sentence in target]
    assert all(np.allclose(np.linalg.norm(row.astype(float), axis=-1), 1, atol=2e-3) for row in rows)


def test_saved_and_restored_it_says_the_same(fitted, tiny_workbench, tmp_path):
    fitted.save(tmp_path / "e")
    assert not (tmp_path / "e" / TAGGER).exists()  # its tag head knows nothing: no student may start from it
    again = SimilarityEvaluator()
    again.restore(tmp_path / "e", replace(tiny_workbench, seed=3))
    target = tiny_corpus("xx")
    assert all(map(np.array_equal, columns(fitted, target), columns(again, target)))


def test_the_objective_is_the_loss_of_the_hidden_states(tiny_workbench):
    tagger = tiny_workbench.new_tagger()
    tagger.model.eval()
    batch = collate(list(tagger.windower.windows(tiny_corpus(size=5))), 0)
    objective = SimilarityLoss(tagger, EvaluatorSettings(words="uniform"))
    states = objective.states(batch)
    columns = (states.hidden, batch["labels"], batch["sentences"])
    expected = evaluator_loss(*(column.tolist() for column in columns), words="uniform")
    assert objective(batch).item() == pytest.approx(expected, abs=1e-6)
    objective(batch).backward()
    assert tagger.model.bert.encoder.layer[0].output.dense.weight.grad.abs().sum() > 0
    assert tagger.model.classifier.weight.grad is None
