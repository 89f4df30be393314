import itertools

import numpy as np
import pytest

from xner.testing import RefinerContract
from xner_consensus.tag_chain import TagChain

TAGS = ["O", "B-LOC", "I-LOC", "B-PER", "I-PER"]
LENGTHS = [1, 2, 4]


class TestTagChain(RefinerContract):
    component = "tag-chain"


class TestTagChainHard(RefinerContract):
    component = "tag-chain"

    @pytest.fixture
    def settings(self):
        return {"strength": 1, "output": "hard"}


def refined(target, signals, **settings):
    refiner = TagChain(TagChain.Config(**settings))
    refiner.prepare(target(*("w " * length for length in LENGTHS)), signals)
    return [refiner.refine(number, signals)["probabilities"] for number in range(len(signals))], refiner.notes


def fits(before, tag):
    return tag[0] != "I" or before[2:] == tag[2:]


def naive(rows, source, strength):
    """A second reading: all paths, one after the other; their weights, and how much of them each tag has."""
    first = {tag: 1 + sum(tags[0] == tag for tags in source) if fits("O", tag) else 0 for tag in TAGS}
    then = {
        (a, b): 1 + sum((a, b) == pair for tags in source for pair in itertools.pairwise(tags)) if fits(a, b) else 0
        for a in TAGS
        for b in TAGS
    }
    total = sum(first.values()) + sum(then.values())
    prior = {tag: (first[tag] + sum(then[a, tag] for a in TAGS)) / total for tag in TAGS}

    def factor(count, counts, tag):
        return (count / counts / prior[tag]) ** strength if count else 0

    weights = {}
    for path in itertools.product(TAGS, repeat=len(rows)):
        weight = factor(first[path[0]], sum(first.values()), path[0])
        for a, b in itertools.pairwise(path):
            weight *= factor(then[a, b], sum(then[a, c] for c in TAGS), b)
        for row, tag in zip(rows, path, strict=True):
            weight *= float(row[TAGS.index(tag)])
        weights[path] = weight
    whole = sum(weights.values())
    marginals = [
        [sum(weight for path, weight in weights.items() if path[place] == tag) / whole for tag in TAGS]
        for place in range(len(rows))
    ]
    return marginals, max(weights, key=weights.__getitem__)


@pytest.mark.parametrize("strength", [0, 0.25, 2])
def test_it_is_what_all_paths_give(target, heard, drawn, source, strength):
    one, other = drawn(LENGTHS), drawn(LENGTHS, 1)
    signals = heard(("one", one), ("other", other))
    soft, notes = refined(target, signals, strength=strength)
    hard, _ = refined(target, signals, strength=strength, output="hard")
    for a, b, marginals, path in zip(one, other, soft, hard, strict=True):
        expected, best = naive((a.astype(float) + b) / 2, source, strength)
        assert marginals.dtype == path.dtype == np.float32
        assert np.allclose(marginals, expected, atol=1e-5)
        assert path.tolist() == [[float(tag == chosen) for tag in TAGS] for chosen in best]
    assert not notes


def test_the_bigrams_count(target, heard, drawn):
    signals = heard(("one", drawn(LENGTHS)))
    legal, default, other = (refined(target, signals, **how)[0][2] for how in ({"strength": 0}, {}, {"strength": 0.25}))
    assert np.array_equal(default, other) and not np.allclose(legal, default, atol=1e-3)


def test_without_bigrams_only_legality_counts_and_that_is_said(target, heard, drawn):
    rows = drawn(LENGTHS)
    legal, silent = refined(target, heard(("one", rows)), strength=0)
    unknown, notes = refined(target, heard(("one", rows), bigrams=False))
    assert all(np.allclose(a, b, atol=1e-6) for a, b in zip(legal, unknown, strict=True))
    assert not silent and list(notes) == [
        "tag-chain: no teacher knows the tag bigrams of its source; illegal tags are ruled out, and no more"
    ]
    assert not refined(target, heard(("one", rows), bigrams=False), strength=0)[1]
