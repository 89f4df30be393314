"""What a label would teach: against a second reading in plain Python, and by hand."""

from itertools import pairwise, product
from math import log, prod

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xner.corpora.labels import LabelSet, spans
from xner.decoding.bigrams import Bigrams
from xner.decoding.decoder import LEGAL, Decoded, Decoder, DecodingSettings
from xner.using.suggesting.worth import disagreement, doubts

LABELS = LabelSet(("LOC", "PER"))
TAGS = LABELS.tags
BIGRAMS = Bigrams.of([["B-PER", "I-PER", "O"]] * 5 + [["O", "B-LOC", "O"]], LABELS)
DECODERS = [Decoder(LABELS, LEGAL), Decoder(LABELS, DecodingSettings(rule="chain", strength=1), BIGRAMS)]
WORDS = st.lists(st.floats(0.01, 1), min_size=5, max_size=5).map(lambda row: np.array(row) / sum(row))
SENTENCE = st.lists(WORDS, min_size=1, max_size=4).map(np.array)


def paths(row, decoder):
    """Yield each sequence of tags with how probable it is."""
    start, step = decoder.potentials.start, decoder.potentials.step
    weights = {}
    for path in product(range(5), repeat=len(row)):
        fits = start[path[0]] * prod(step[one, two] for one, two in pairwise(path))
        weights[path] = fits * prod(row[place, tag] for place, tag in enumerate(path))
    whole = sum(weights.values())
    yield from (([TAGS[tag] for tag in path], weight / whole) for path, weight in weights.items())


@pytest.mark.parametrize("decoder", DECODERS, ids=lambda decoder: decoder.settings.rule)
@settings(max_examples=25)
@given(SENTENCE)
def test_doubt_is_the_expected_number_of_wrong_and_of_missed_entities(decoder, row):
    (decoded,), (marginals,) = decoder.decode([row]), decoder.marginals([row])
    found, inside = set(decoded.entities), {w for e in decoded.entities for w in range(e.start, e.end)}
    wrong = missed = 0.0
    for tags, probable in paths(row, decoder):
        there = set(spans(tags))
        wrong += probable * len(found - there)
        missed += probable * sum(entity.start not in inside for entity in there)
    assert doubts(decoded, marginals).sum() == pytest.approx(wrong + missed, abs=1e-6)


@pytest.mark.parametrize("decoder", DECODERS, ids=lambda decoder: decoder.settings.rule)
def test_marginals_are_those_of_all_sequences_also_beside_longer_sentences(decoder):
    draw = np.random.default_rng(0)
    rows = [draw.dirichlet([0.5] * 5, size) for size in (3, 1, 4)]
    for row, found in zip(rows, decoder.marginals(iter(rows)), strict=True):
        expected = np.zeros_like(row)
        for tags, probable in paths(row, decoder):
            for place, tag in enumerate(tags):
                expected[place, TAGS.index(tag)] += probable
        assert found == pytest.approx(expected, abs=1e-9)


def test_the_words_of_an_entity_share_its_doubt():
    marginals = np.array([[0.8, 0.1, 0, 0.1, 0], [0.1, 0.5, 0.1, 0.2, 0.1], [0.4, 0, 0.5, 0, 0.1]])
    decoded = Decoded(["O", "B-LOC", "I-LOC"], [], [0.4])
    assert doubts(decoded, marginals).tolist() == pytest.approx([0.2, 0.3, 0.3])


def entropy(row):
    return -sum(p * log(p) for p in row if p)


@given(st.integers(1, 3).flatmap(lambda words: st.lists(st.lists(WORDS, min_size=words, max_size=words), min_size=2)))
def test_disagreement_is_the_divergence_from_the_mean_by_its_largest_value(said):
    found = disagreement([np.array(rows) for rows in said])
    for place, value in enumerate(found):
        rows = [rows[place] for rows in said]
        mean = [sum(column) / len(rows) for column in zip(*rows, strict=True)]
        divergence = sum(sum(p * log(p / m) for p, m in zip(row, mean, strict=True) if p) for row in rows) / len(rows)
        assert value == pytest.approx(divergence / log(len(rows)), abs=1e-6)
        assert 0 <= value <= 1
        assert divergence == pytest.approx(entropy(mean) - sum(map(entropy, rows)) / len(rows), abs=1e-9)


def test_who_says_the_same_or_is_alone_does_not_disagree():
    row, other = np.array([[1.0, 0, 0]]), np.array([[0, 1.0, 0]])
    assert disagreement([row]).tolist() == [0]
    assert disagreement([row, row]).tolist() == [0]
    assert disagreement([row, other]).tolist() == pytest.approx([1])
    assert disagreement([row, row, other])[0] == pytest.approx((log(3) - 2 / 3 * log(2)) / log(3))
