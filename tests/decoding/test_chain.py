"""The chain against a second reading in plain Python, which goes through all paths of short sentences."""

from itertools import pairwise, product
from math import prod

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from xner.corpora.labels import LabelSet, spans
from xner.decoding.bigrams import legal
from xner.decoding.chain import Chain, Potentials

LABELS = LabelSet(("A", "B"))
TAGS = LABELS.tags
NUMBERS = st.one_of(st.floats(0.001, 1), st.sampled_from([0.0, 1.0]))
ROWS = st.lists(st.lists(NUMBERS, min_size=5, max_size=5), min_size=1, max_size=4).map(np.array)
FACTORS = st.lists(st.floats(0.1, 10), min_size=30, max_size=30).map(np.array)
LEGAL = legal(LABELS)


def weights(row, potentials):
    """Every path of one sentence with its weight."""
    row = np.maximum(row, 1e-12)
    found = {}
    for path in product(range(len(TAGS)), repeat=len(row)):
        steps = [potentials.step[before, tag] for before, tag in pairwise(path)]
        emitted = [row[place, tag] for place, tag in enumerate(path)]
        found[path] = float(potentials.start[path[0]] * prod(steps) * prod(emitted))
    return found


def potentials_of(factors):
    return Potentials(LEGAL.start * factors[:5], LEGAL.step * factors[5:].reshape(5, 5))


@given(ROWS, FACTORS)
@example(np.eye(5)[[2, 2, 4]], np.ones(30))  # certain of what is illegal
@example(np.zeros((3, 5)), np.ones(30))
def test_the_best_path_is_that_of_the_largest_weight(row, factors):
    potentials = potentials_of(factors)
    every = weights(row, potentials)
    (best,) = Chain.of([row], potentials).best().tolist()
    assert every[tuple(best)] == pytest.approx(max(every.values()), rel=1e-6)
    assert every[tuple(best)] > 0  # which an illegal one has not


@given(ROWS, FACTORS)
@example(np.eye(5)[[2, 2, 4]], np.ones(30))
def test_a_marginal_is_the_share_of_the_paths_through_a_tag(row, factors):
    potentials = potentials_of(factors)
    every = weights(row, potentials)
    expected = np.zeros((len(row), 5))
    for path, weight in every.items():
        expected[range(len(row)), path] += weight / sum(every.values())
    assert Chain.of([row], potentials).marginals[0] == pytest.approx(expected, abs=1e-9)


@given(ROWS, FACTORS)
@example(np.eye(5)[[1, 2, 2]], np.ones(30))
def test_an_entity_is_as_probable_as_the_paths_with_exactly_its_words(row, factors):
    potentials = potentials_of(factors)
    every = weights(row, potentials)
    chain = Chain.of([row], potentials)
    for start in range(len(row)):
        for end in range(start + 1, len(row) + 1):
            for kind in LABELS.types:
                having = [w for path, w in every.items() if (kind, start, end) in spans([TAGS[n] for n in path])]
                said = chain.run(0, start, end, LABELS.ids[f"B-{kind}"])
                assert said == pytest.approx(sum(having) / sum(every.values()), abs=1e-9)


@given(st.lists(ROWS, min_size=2, max_size=5), FACTORS)
def test_sentences_side_by_side_are_as_each_alone(rows, factors):
    together = Chain.of(rows, potentials_of(factors))
    best, marginals = together.best(), together.marginals
    for number, row in enumerate(rows):
        alone, size = Chain.of([row], together.potentials), len(row)
        assert best[number, :size].tolist() == alone.best()[0].tolist()
        assert marginals[number, :size] == pytest.approx(alone.marginals[0], abs=1e-12)
        for end in range(1, size + 1):
            assert together.run(number, 0, end, 1) == pytest.approx(alone.run(0, 0, end, 1), abs=1e-12)


def test_a_very_long_sentence_neither_vanishes_nor_overflows():
    row = np.tile([0.2, 0.3, 0.3, 0.1, 0.1], (20_000, 1))
    chain = Chain.of([row], Potentials(LEGAL.start * 1e-6, LEGAL.step * 1e-6))
    assert np.isfinite(chain.marginals).all()
    assert chain.marginals[0].sum(-1) == pytest.approx(np.ones(20_000))
    assert 0 <= chain.run(0, 5, 19_000, 1) <= 1
    assert chain.run(0, 0, 1, 1) == pytest.approx(Chain.of([row[:50]], LEGAL).run(0, 0, 1, 1))


def test_certainty_stays_certain():
    row = np.eye(5)[[0, 1, 2, 0, 3]]
    chain = Chain.of([row], LEGAL)
    assert chain.best()[0].tolist() == [0, 1, 2, 0, 3]
    assert [chain.run(0, 1, 3, 1), chain.run(0, 4, 5, 3)] == pytest.approx([1, 1])
    assert chain.run(0, 1, 2, 1) == pytest.approx(0, abs=1e-9)
