from collections import Counter

import pytest
import torch

from naive import across
from xner.students.batch import Pairs, SignalBatch
from xner.testing import WeightingContract
from xner_mtmt.weightings.even_types import EvenTypes


class TestEvenTypes(WeightingContract):
    component = "even-types"


CLASSES = [0, 0, 0, 0, 1, 2, 2, 3, 0, 4]  # O, B-LOC, I-LOC, B-ORG, I-ORG
SENTENCES = [0, 0, 1, 1, 1, 2, 2, 2, 3, 3]


def weigh(words, sentences=SENTENCES):
    sentences = torch.tensor(sentences)
    probabilities = torch.eye(5)[torch.tensor(CLASSES)] * 0.6 + 0.08
    words = torch.tensor(words)
    pairs = Pairs(words, sentences[words][:, None] != sentences[words][None, :])
    return EvenTypes().weigh(SignalBatch({"probabilities": probabilities}, sentences, pairs))


@pytest.mark.parametrize("words", [list(range(10)), [0, 2, 4, 5, 7, 9]])
def test_pairs_are_even_over_types(words):
    types = [(CLASSES[word] + 1) // 2 for word in words]
    frequency = Counter(types)
    pairs = across(range(len(words)), [SENTENCES[word] for word in words])
    plain = {(i, j): 1 / frequency[types[i]] / frequency[types[j]] for i, j in pairs}
    mean = sum(plain.values()) / len(plain)
    weights = weigh(words)
    assert weights.words.tolist() == [1.0] * 10
    for i, j in pairs:
        assert float(weights.pairs[i, j]) == pytest.approx(plain[i, j] / mean, rel=1e-5)


def test_a_rare_type_counts_as_much_as_a_frequent_one():
    weights = weigh(list(range(10)), sentences=list(range(10)))  # all pairs count, but for those of a word with itself
    shares = {}
    for i, j in across(range(10), list(range(10))):
        types = tuple(sorted(((CLASSES[i] + 1) // 2, (CLASSES[j] + 1) // 2)))
        if types[0] != types[1]:
            shares[types] = shares.get(types, 0) + float(weights.pairs[i, j])
    assert list(shares.values()) == pytest.approx([shares[0, 1]] * 3, rel=1e-5)


def test_one_sentence_has_no_pairs():
    weights = weigh([0, 1], sentences=[5] * 10)
    assert weights.pairs.isfinite().all() and weights.words.isfinite().all()
