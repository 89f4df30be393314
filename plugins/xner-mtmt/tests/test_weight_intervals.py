from itertools import combinations, pairwise

import numpy as np
import pytest

from naive import cosine, sigmoid
from xner.testing import SectionContract
from xner_mtmt.pair_auc import WordPairs
from xner_mtmt.sections.weight_intervals import _BOUNDS, WeightIntervals, f1, paired


class TestWeightIntervals(SectionContract):
    component = "weight-intervals"


class View:
    """What the section asks of a run."""

    def __init__(self, corpus, workbench, columns):
        self.tested, self.workbench, self.columns = corpus, workbench, columns

    def say(self, column, corpus):
        return iter(self.columns[column])


@pytest.fixture
def view(labelled, tiny_workbench):
    corpus = labelled("Ada saw Rome", "B-PER O B-LOC", "Oslo and Ada", "B-LOC O B-PER", "Noor in Lima", "B-PER O B-LOC")
    draw = np.random.default_rng(0)
    rows = [draw.dirichlet([0.3] * 7, size=3).astype(np.float32) for _ in corpus]
    vectors = [draw.normal(size=(3, 4)).astype(np.float32) for _ in corpus]
    return View(corpus, tiny_workbench, {"probabilities": rows, "vectors": vectors})


def word_f1(pairs):
    right = sum(gold == said != "O" for gold, said in pairs)
    whole = sum(gold != "O" for gold, _ in pairs) + sum(said != "O" for _, said in pairs)
    return round(200 * right / whole, 2) if whole else None


def naive(view):
    """Each weight's value with what it stands for, word by word and pair by pair."""
    tags = view.workbench.labels.tags
    words = [
        (s, p.tolist(), v.tolist(), gold, tags[int(p.argmax())])
        for s, sentence in enumerate(view.tested)
        for p, v, gold in zip(view.columns["probabilities"][s], view.columns["vectors"][s], sentence.tags, strict=True)
    ]
    alphas = [(max(p) ** 2, (gold, said)) for _, p, _, gold, said in words]
    pairs = []
    for one, two in combinations(words, 2):
        if one[0] != two[0]:
            t, s = sigmoid(cosine(one[2], two[2])), sigmoid(cosine(one[1], two[1]))
            right = (t > 0.5) == (one[3] == two[3])
            pairs.append(((2 * t - 1) ** 2, 1 - abs(s - t), right, [one[3:], two[3:]]))
    return alphas, pairs


def test_every_interval_against_a_second_reading(view):
    parts = WeightIntervals().look(view)
    tables = {part.heads[0]: part.rows for part in parts if part.kind == "table"}
    alphas, pairs = naive(view)

    def inside(name, values):
        bounds = _BOUNDS[name]
        return [[v for v in values if low < v[0] <= high] for low, high in pairwise(bounds)]

    assert [row[1:] for row in tables["alpha"]] == [
        (len(g), word_f1([w for _, w in g])) for g in inside("alpha", alphas)
    ]
    betas = inside("beta", [(beta, right) for beta, _, right, _ in pairs])
    assert [row[1:] for row in tables["beta"]] == [
        (len(g), round(100 * sum(r for _, r in g) / len(g), 2) if g else None) for g in betas
    ]
    gammas = inside("gamma", [(gamma, right, both) for _, gamma, right, both in pairs])
    assert [row[1:] for row in tables["gamma"]] == [
        (
            len(g),
            round(100 * sum(r for _, r, _ in g) / len(g), 2) if g else None,
            word_f1([word for *_, both in g for word in both]) if g else None,
        )
        for g in gammas
    ]
    assert sum(row[1] for row in tables["alpha"]) == 9 and sum(row[1] for row in tables["gamma"]) == 27  # none is lost


def test_curves_have_the_mean_weight_of_each_interval(view):
    curve, table = WeightIntervals().look(view)[:2]
    alphas = [value for value, _ in naive(view)[0]]
    expected = [
        (round(sum(here) / len(here), 4), row[2])
        for row, (low, high) in zip(table.rows, pairwise(_BOUNDS["alpha"]), strict=True)
        if (here := [value for value in alphas if low < value <= high]) and row[2] is not None
    ]
    assert np.array(*curve.lines.values()) == pytest.approx(np.array(expected), abs=1e-4)


@pytest.mark.parametrize("cosine_of", [-1.0, 0.0, 1.0])
def test_all_weights_lie_in_an_interval_at_the_ends_too(labelled, cosine_of):
    pairs = WordPairs.draw(labelled("a", "O", "b", "O"))
    vectors = np.array([[1.0, 0.0], [cosine_of, 1.0 if not cosine_of else 0.0]])
    said = np.array(["O", "O"])
    for p in ([[1.0, 0.0], [1.0, 0.0]], [[1.0, 0.0], [0.0, 1.0]]):
        found = paired(pairs, np.array(p), vectors, said, said)
        assert _BOUNDS["gamma"][0] < found.gamma[0] <= _BOUNDS["gamma"][-1]
        assert _BOUNDS["beta"][0] <= found.beta[0] <= _BOUNDS["beta"][-1]


def test_f1_of_words():
    gold, said = np.array(["B-PER", "O", "B-LOC", "O"]), np.array(["B-PER", "B-PER", "O", "O"])
    assert f1(gold, said) == 50.0 and f1(gold[1:2], gold[1:2]) is None
