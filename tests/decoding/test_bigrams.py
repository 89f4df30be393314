"""Tag bigrams against counts that are taken by hand."""

import json
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xner.corpora.labels import LabelSet, to_iob2
from xner.decoding.bigrams import Bigrams, legal

LABELS = LabelSet(("LOC", "PER"))
TAGS = LABELS.tags
SENTENCES = st.lists(st.lists(st.sampled_from(TAGS), max_size=5).map(to_iob2), max_size=5)


@pytest.mark.parametrize("before", [None, *TAGS])
@pytest.mark.parametrize("tag", TAGS)
def test_legal_forbids_exactly_what_the_repair_would_change(before, tag):
    sentence = [tag] if before is None else [*([before.replace("I-", "B-")] if before[0] == "I" else ()), before, tag]
    potentials = legal(LABELS)
    row = potentials.start if before is None else potentials.step[LABELS.ids[before]]
    assert row[LABELS.ids[tag]] == (to_iob2(sentence) == sentence)


def test_what_is_counted():
    found = Bigrams.of([["O", "B-PER", "I-PER", "O"], [], ["B-PER"], ["O", "O", "B-LOC", "B-LOC"]], LABELS)
    first, then = dict(zip(TAGS, found.first, strict=True)), Counter()
    for before, row in zip(TAGS, found.then, strict=True):
        then.update({(before, tag): count for tag, count in zip(TAGS, row, strict=True) if count})
    assert first == {"O": 2, "B-LOC": 0, "I-LOC": 0, "B-PER": 1, "I-PER": 0}
    pairs = "O B-PER, B-PER I-PER, I-PER O, O O, O B-LOC, B-LOC B-LOC"
    assert then == {tuple(pair.split()): 1 for pair in pairs.split(", ")}


@given(SENTENCES, SENTENCES)
def test_counts_add_up(some, others):
    assert Bigrams.of(some, LABELS) + Bigrams.of(others, LABELS) == Bigrams.of(some + others, LABELS)


@given(SENTENCES)
def test_a_strength_of_nothing_is_legal(sentences):
    found, expected = Bigrams.of(sentences, LABELS).potentials(0.0), legal(LABELS)
    assert (found.start == expected.start).all() and (found.step == expected.step).all()


@given(SENTENCES, st.sampled_from([0.25, 1.0, 2.0]))
def test_a_potential_is_how_much_likelier_a_tag_is_here_than_anywhere(sentences, strength):
    firsts, pairs = Counter(s[0] for s in sentences if s), Counter()
    for sentence in sentences:
        pairs.update(pairwise(sentence))
    may = legal(LABELS)
    starts = {t: firsts[t] + 1 for t in TAGS if may.start[LABELS.ids[t]]}
    steps = {(a, b): pairs[a, b] + 1 for a in TAGS for b in TAGS if may.step[LABELS.ids[a], LABELS.ids[b]]}
    everywhere = Counter(starts)
    for (_, tag), count in steps.items():
        everywhere[tag] += count
    found = Bigrams.of(sentences, LABELS).potentials(strength)
    for tag in TAGS:
        prior = everywhere[tag] / sum(everywhere.values())
        likely = starts.get(tag, 0) / sum(starts.values())
        assert found.start[LABELS.ids[tag]] == pytest.approx((likely / prior) ** strength)
        for before in TAGS:
            row = sum(count for (a, _), count in steps.items() if a == before)
            value = (steps.get((before, tag), 0) / row / prior) ** strength
            assert found.step[LABELS.ids[before], LABELS.ids[tag]] == pytest.approx(value)


def test_they_come_back_from_json():
    found = Bigrams.of([["O", "B-PER", "I-PER"]], LABELS)
    assert Bigrams.read(json.loads(json.dumps(found.noted()))) == found


@pytest.mark.parametrize(
    "damage",
    [
        {"tags": ["O", "B-PER", "I-LOC"]},
        {"tags": "O"},
        {"tags": 5},
        {"tags": [0, 1, 2, 3, 4]},
        {"first": [1, 2]},
        {"first": [1.5] * 5},
        {"first": [-1, 0, 0, 0, 0]},
        {"first": ["1"] * 5},
        {"then": [[1] * 5] * 4},
        {"then": [[1] * 5] * 4 + [[1]]},
        {"then": {}},
        {"first": [10**30] * 5},
    ],
)
def test_damage_is_told(damage):
    noted = Bigrams.of([["O", "B-PER", "I-PER"]], LABELS).noted()
    with pytest.raises(ValueError):
        Bigrams.read(noted | damage)


@pytest.mark.parametrize("noted", [None, [], "x", 3, {}])
def test_something_else_is_told(noted):
    with pytest.raises(ValueError, match="bigrams are expected as 'tags', 'first'"):
        Bigrams.read(noted)
