from math import log, sqrt

import numpy as np
import pytest
import torch

from xner.testing import tiny_corpus
from xner_iterative.features import SAID, sentence_features, standardised, surer

TARGET = tiny_corpus("xx", size=12).without_labels()


@pytest.fixture
def tagger(tiny_workbench):
    return tiny_workbench.new_tagger()


@pytest.fixture
def sure(heard):
    """A teacher that is sure of legal tags, more or less: the tags of the corpus itself."""
    corpus, rows = tiny_corpus("xx", size=12), []
    order = ["O", "B-LOC", "I-LOC", "B-ORG", "I-ORG", "B-PER", "I-PER"]
    for number, sentence in enumerate(corpus):
        best = np.array([order.index(tag) for tag in sentence.tags])
        share = 0.5 + 0.04 * number
        rows.append((1 - share) / 7 + share * np.eye(7)[best])
    return heard(rows), [sum(tag.startswith("B-") for tag in sentence.tags) for sentence in corpus], rows


def naive(tagger, rows, entities, size, seed):
    hidden = [[*row["hidden"]] for row in tagger.states(TARGET, lambda states: {"hidden": states.hidden})]
    width = len(hidden[0][0])
    matrix = np.random.default_rng(seed).standard_normal((width, size)) / sqrt(width)
    table, confident = [], []
    for vectors, said, found in zip(hidden, rows, entities, strict=True):
        mean = [sum(float(v[place]) for v in vectors) / len(vectors) for place in range(width)]
        projected = [sum(mean[i] * matrix[i][j] for i in range(width)) for j in range(size)]
        largest = sum(max(float(p) for p in word) for word in said) / len(said)
        entropy = sum(-sum(float(p) * log(float(p)) for p in word) for word in said) / len(said)
        table.append([*projected, found, len(said), largest, entropy])
        confident.append(largest)
    columns = []
    for column in zip(*table, strict=True):
        mean = sum(column) / len(column)
        deviation = sqrt(sum((value - mean) ** 2 for value in column) / len(column))
        columns.append([(value - mean) / deviation for value in column])
    return [list(row) for row in zip(*columns, strict=True)], confident


def naively_surer(largest, found):
    """Above the lower one of the two in the middle, among those of the same kind."""
    kinds = [sorted(each for each, f in zip(largest, found, strict=True) if f == kind) for kind in (False, True)]
    return [each > kinds[f][(len(kinds[f]) - 1) // 2] for each, f in zip(largest, found, strict=True)]


def test_features_are_what_a_naive_reading_gives(tagger, sure):
    signals, entities, rows = sure
    features, confident = sentence_features(tagger, TARGET, signals, 5, seed=3)
    expected, largest = naive(tagger, rows, entities, 5, seed=3)
    assert features.shape == (len(TARGET), 5 + SAID)
    assert torch.allclose(features, torch.tensor(expected).float(), atol=1e-3)
    assert confident.tolist() == naively_surer(largest, [number > 0 for number in entities])
    assert any(confident) and not all(confident)


def test_the_projection_is_of_the_seed(tagger, sure):
    signals = sure[0]
    one, again, other = (sentence_features(tagger, TARGET, signals, 5, seed)[0] for seed in (0, 0, 1))
    assert torch.equal(one, again) and not torch.allclose(one[:, :5], other[:, :5], atol=0.1)
    assert torch.equal(one[:, 5:], other[:, 5:])


def test_a_column_of_one_value_says_nothing():
    table = torch.tensor([[1.0, 5.0], [3.0, 5.0]])
    assert standardised(table).tolist() == [[-1, 0], [1, 0]]
    assert standardised(torch.tensor([[7.0]])).tolist() == [[0]]


def test_sentences_with_entities_and_those_without_are_halved_apart():
    sure, found = [0.99, 0.98, 0.97, 0.7, 0.6, 0.5], [False] * 3 + [True] * 3
    expected = [True, False, False, True, False, False]
    assert surer(torch.tensor(sure), torch.tensor(found)).tolist() == naively_surer(sure, found) == expected


@pytest.mark.parametrize("found", [True, False])
def test_sentences_of_one_kind_are_halved(found):
    assert surer(torch.tensor([0.1, 0.9, 0.8, 0.2]), torch.full((4,), found)).tolist() == [False, True, True, False]
