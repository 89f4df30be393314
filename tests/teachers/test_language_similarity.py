from dataclasses import replace
from math import exp, log, sqrt

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from transformers import set_seed

from xner.corpora.corpus import Corpus, Sentence
from xner.corpora.labels import LabelSet
from xner.store.ragged import Ragged, write
from xner.teachers.language_similarity import (
    CombinationSettings,
    LanguageClassifier,
    _trained,
    learn,
    read,
    restore,
    similarities,
    weigh,
)
from xner.testing import tiny_corpus

QUICK = CombinationSettings(epochs=20, learning_rate=1e-2, batch_size=16)
SOURCES = [tiny_corpus("en"), tiny_corpus("zz", size=40)]


def classifier_of(count, hidden=6, rank=3, seed=0):
    torch.manual_seed(seed)
    return LanguageClassifier(torch.randn(count, hidden), rank).double()


@pytest.mark.parametrize("count", [2, 3, 5])
def test_the_score_is_the_equation(count):
    """(U x) . (V mu_k), summed up one product at a time."""
    made = classifier_of(count)
    vectors = torch.randn(4, 6, dtype=torch.float64)
    u, v, mu = made.u.weight.tolist(), made.v.weight.tolist(), made.languages.tolist()
    scores = made(vectors).tolist()
    for n, x in enumerate(vectors.tolist()):
        for k in range(count):
            expected = 0.0
            for r in range(3):
                left = sum(u[r][i] * x[i] for i in range(6))
                right = sum(v[r][i] * mu[k][i] for i in range(6))
                expected += left * right
            assert scores[n][k] == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("count", [2, 3, 5])
def test_the_penalty_is_the_equation_and_that_of_the_authors_code_up_to_a_constant(count):
    made = classifier_of(count)
    mu = made.languages.tolist()
    small = sum(
        (sum(mu[a][i] * mu[b][i] for i in range(6)) - (a == b)) ** 2 for a in range(count) for b in range(count)
    )
    large = sum((sum(row[i] * row[j] for row in mu) - (i == j)) ** 2 for i in range(6) for j in range(6))
    assert made.penalty().item() == pytest.approx(small, abs=1e-6)
    assert large - small == pytest.approx(6 - count, abs=1e-6)


def test_orthonormal_embeddings_cost_nothing():
    made = LanguageClassifier(torch.eye(6)[:3], 2)
    assert made.penalty().item() == 0
    with torch.no_grad():
        made.languages[1] *= 2
    assert made.penalty().item() == 9


def test_similarities_are_the_equation():
    for seed in range(5):
        torch.manual_seed(seed)
        scores = 3 * torch.randn(7, 3, dtype=torch.float64) + 5
        flat = [x for row in scores.tolist() for x in row]
        mean = sum(flat) / 21
        tau = 1 / (sum((x - mean) ** 2 for x in flat) / 20)  # the unbiased variance of all scores
        got = similarities(scores).tolist()
        for n, row in enumerate(scores.tolist()):
            total = sum(exp(tau * x) for x in row)
            assert got[n] == pytest.approx([exp(tau * x) / total for x in row], abs=1e-6)


def test_similarities_by_hand():
    scores = torch.tensor([[1.0, -1.0], [1.0, -1.0]], dtype=torch.float64)  # variance 4/3, tau 3/4, sigmoid(1.5)
    assert similarities(scores)[0].tolist() == pytest.approx([0.8175745, 0.1824255], abs=1e-6)


@pytest.mark.parametrize("scores", [[[2.0, 2.0]], [[0.0, 0.0, 0.0]] * 4, [[1e6, 1e6]]])
def test_equal_scores_have_equal_weights(scores):
    got = similarities(torch.tensor(scores, dtype=torch.float64))
    assert torch.allclose(got, torch.full_like(got, 1 / len(scores[0])))


@pytest.fixture
def workbench(tiny_workbench, tmp_path):
    """Makes benches, each with a folder of its own."""

    def make(name, **changes):
        folder = tmp_path / name
        folder.mkdir()
        return replace(tiny_workbench, folder=folder, **changes)

    return make


def learned(workbench, sources=SOURCES, settings=QUICK):
    learn(sources, workbench, settings)
    return workbench.folder


def vectors_of(workbench, corpus):
    """g(x), by hand: the mean of the untrained encoder's last hidden states at the words' first sub-words."""
    tagger = workbench.new_tagger()
    tagger.model.eval()
    found = []
    for sentence in corpus:
        pieces = tagger.tokenizer(sentence.tokens, is_split_into_words=True, return_tensors="pt")
        words = pieces.word_ids(0)
        with torch.no_grad():
            states = tagger.model(**pieces, output_hidden_states=True).hidden_states[-1][0]
        found.append(torch.stack([states[words.index(word)] for word in range(len(sentence.tokens))]).mean(0))
    return torch.stack(found)


def test_it_learns_to_tell_the_languages_apart(workbench):
    fitted = restore(learned(workbench("learned")))
    for number, language in enumerate(("en", "zz")):
        scores = fitted(vectors_of(workbench(language), tiny_corpus(language, "dev")))
        assert scores.shape == (60, 2)
        assert (scores.argmax(-1) == number).float().mean() > 0.9


def test_language_embeddings_begin_as_the_mean_of_the_languages_sentences(workbench):
    still = CombinationSettings(epochs=1, learning_rate=1e-12)
    fitted = restore(learned(workbench("still"), settings=still))
    for number, source in enumerate(SOURCES):
        expected = vectors_of(workbench(source.language), source).mean(0)
        assert torch.allclose(fitted.languages[number], expected, atol=1e-5)


def test_the_penalty_pulls_the_embeddings_apart(workbench):
    strong, none = (
        restore(learned(workbench(f"o{factor}"), settings=QUICK.model_copy(update={"orthogonality": factor})))
        for factor in (10.0, 0.0)
    )
    assert strong.penalty() < 0.1 * none.penalty()


def test_the_label_set_has_no_part_in_it(workbench):
    """A tag head of another size draws other random numbers before the classifier does."""
    more = workbench("more", labels=LabelSet(("A", "B", "C", "D", "E")))
    one, other = (load_file(learned(made) / "classifier.safetensors") for made in (workbench("few"), more))
    assert all(torch.equal(one[name], other[name]) for name in one)


def naive_loss(weights, rows, numbers, orthogonality):
    """The mean cross-entropy of the languages and the penalty, in plain Python."""
    mu, u, v = weights["languages"], weights["u.weight"], weights["v.weight"]
    count, width, rank = len(mu), len(mu[0]), len(u)
    total = 0.0
    for x, number in zip(rows, numbers, strict=True):
        left = [sum(u[r][i] * x[i] for i in range(width)) for r in range(rank)]
        scores = [sum(left[r] * sum(v[r][i] * m[i] for i in range(width)) for r in range(rank)) for m in mu]
        total += log(sum(map(exp, scores))) - scores[number]
    products = [[sum(a * b for a, b in zip(one, other, strict=True)) for other in mu] for one in mu]
    penalty = sum((products[a][b] - (a == b)) ** 2 for a in range(count) for b in range(count))
    return total / len(rows) + orthogonality * penalty


def naive_training(weights, rows, numbers, order, settings):
    """AdamW with clipped gradients by finite differences, and a rate that falls to zero linearly."""
    places = [(name, i, j) for name, w in weights.items() for i in range(len(w)) for j in range(len(w[0]))]
    steps, size = len(order) // settings.batch_size, settings.batch_size
    m, v = dict.fromkeys(places, 0.0), dict.fromkeys(places, 0.0)
    for step in range(steps):
        chosen = order[step * size : (step + 1) * size]
        gradient = {}
        for name, i, j in places:
            found = []
            for change in (1e-5, -2e-5):
                weights[name][i][j] += change
                batch = [rows[n] for n in chosen], [numbers[n] for n in chosen]
                found.append(naive_loss(weights, *batch, settings.orthogonality))
            weights[name][i][j] += 1e-5
            gradient[name, i, j] = (found[0] - found[1]) / 2e-5
        norm = sqrt(sum(g * g for g in gradient.values()))
        assert norm > 1  # else nothing would be clipped
        rate = settings.learning_rate * (1 - step / steps)
        for place, raw in gradient.items():
            g, (name, i, j) = raw / norm, place
            m[place], v[place] = 0.9 * m[place] + 0.1 * g, 0.999 * v[place] + 0.001 * g * g
            move = m[place] / (1 - 0.9 ** (step + 1)) / (sqrt(v[place] / (1 - 0.999 ** (step + 1))) + 1e-8)
            weights[name][i][j] -= rate * (settings.weight_decay * weights[name][i][j] + move)
    return weights


def test_the_training_is_that_of_the_paper(workbench, tmp_path):
    draw = np.random.default_rng(0)
    vectors = 3 * draw.standard_normal((8, 1, 3)).astype(np.float32)
    write(tmp_path / "v", [[{"vector": vector} for vector in vectors]])
    numbers = np.array([0, 0, 0, 1, 1, 2, 2, 2])
    settings = CombinationSettings(
        rank=2, epochs=2, batch_size=4, learning_rate=0.05, weight_decay=0.5, orthogonality=0.1
    )
    made = _trained(Ragged(tmp_path / "v"), numbers, workbench("stage"), settings).state_dict()
    set_seed(0)
    means = np.stack([vectors[numbers == number, 0].mean(0) for number in range(3)])
    start = LanguageClassifier(torch.from_numpy(means), 2).double().state_dict()
    order = np.random.default_rng(0)
    order = [*order.permutation(8).tolist(), *order.permutation(8).tolist()]
    rows = vectors[:, 0].astype(float).tolist()
    weights = {name: weight.tolist() for name, weight in start.items()}
    expected = naive_training(weights, rows, numbers.tolist(), order, settings)
    for name, weight in expected.items():
        assert torch.allclose(made[name].double(), torch.tensor(weight, dtype=torch.float64), atol=1e-5)
        assert not torch.allclose(made[name].double(), start[name], atol=1e-2)


@pytest.mark.parametrize("rank", [1, 8])
def test_the_rank_is_a_setting(workbench, rank):
    fitted = restore(learned(workbench("rank"), settings=CombinationSettings(epochs=1, rank=rank)))
    assert fitted.u.weight.shape == fitted.v.weight.shape == (rank, 32)


def test_tags_are_not_looked_at(workbench):
    bare = [source.without_labels() for source in SOURCES]
    folders = [learned(workbench("labelled")), learned(workbench("unlabelled"), bare)]
    one, other = ((folder / "classifier.safetensors").read_bytes() for folder in folders)
    assert one == other


def test_the_same_seed_gives_the_same_classifier(workbench):
    runs = [learned(workbench(name, seed=seed)) for name, seed in (("one", 0), ("two", 0), ("three", 1))]
    one, two, three = (load_file(run / "classifier.safetensors")["u.weight"] for run in runs)
    assert torch.equal(one, two) and not torch.equal(one, three)


def test_every_target_sentence_has_its_own_weights_in_its_own_row(workbench):
    english, other = list(tiny_corpus("en", "test", 30)), list(tiny_corpus("zz", "test", 30))
    order = [0, 1, 1, 0, 1, 0, 0, 1, 1, 1] * 3
    target = Corpus.from_sentences(
        "x", "xx", "train", ((english, other)[kind][place] for place, kind in enumerate(order))
    )
    fitted = learned(workbench("learned"))
    weighing = workbench("weighed")
    weigh(target, weighing, fitted)
    weights = read(weighing.folder)
    assert weights.shape == (30, 2) and np.allclose(weights.sum(-1), 1, atol=1e-9)
    assert np.mean(weights.argmax(-1) == order) > 0.9
    scores = restore(fitted)(vectors_of(workbench("again"), target)).detach().double()
    assert np.allclose(weights, similarities(scores).numpy(), atol=1e-4)


def test_a_long_sentence_has_one_vector(workbench):
    target = Corpus.from_sentences("x", "xx", "train", [Sentence(["zed"] * 200), Sentence(["ko"])])
    weighing = workbench("weighed")
    weigh(target, weighing, learned(workbench("learned")))
    assert read(weighing.folder).shape == (2, 2)


def test_a_target_like_one_source_gives_it_the_greater_weight(workbench):
    fitted = learned(workbench("learned"))
    for number, language in enumerate(("en", "zz")):
        weighing = workbench(f"to-{language}")
        weigh(tiny_corpus(language, "test"), weighing, fitted)
        assert read(weighing.folder).mean(0).argmax() == number
