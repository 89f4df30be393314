"""Sentences are picked as a naive reading of the formula picks them, one after the other."""

from itertools import chain, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from xner.using.suggesting.forms import forms_of
from xner.using.suggesting.picking import Picker, SuggestSettings
from xner.using.suggesting.pool import Pool

ALL = SuggestSettings(similar=1)


def pool(sentences, doubts, apart=None):
    numbers = {}
    forms = [[numbers.setdefault(form, len(numbers)) for form in forms_of(tokens)] for tokens in sentences]
    flat = [value for row in doubts for value in row]
    other = [value for row in apart for value in row] if apart else [0.0] * len(flat)
    ends = np.cumsum([len(tokens) for tokens in sentences])
    return Pool(ends, np.array(list(chain(*forms)), np.int32), np.array(flat), np.array(other), numbers)


def parts(tokens):
    forms = list(forms_of(tokens))
    return set(forms) | set(pairwise(forms))


def naive_gain(tokens, worth, before, settings):
    """Read the formula word by word."""
    forms, whole = list(forms_of(tokens)), 0.0
    for place, form in enumerate(forms):
        whole += worth[place] * settings.again ** (before.count(form) + forms[:place].count(form))
    return whole / (len(forms) + settings.reading)


@given(st.data(), st.sampled_from([0.0, 0.5, 1.0]), st.sampled_from([0.5, 10.0]))
def test_each_pick_is_the_best_of_those_that_are_left_by_the_formula(data, again, reading):
    sentences = data.draw(st.lists(st.lists(st.sampled_from("abcdef"), max_size=5), min_size=1, max_size=7))
    doubts, apart = ([[data.draw(st.floats(0, 1)) for _ in tokens] for tokens in sentences] for _ in range(2))
    labelled = data.draw(st.lists(st.lists(st.sampled_from("abxy"), min_size=1, max_size=4), max_size=2))
    settings = SuggestSettings(again=again, reading=reading, similar=1, disagreement=2)
    worth = [[d + 2 * v for d, v in zip(*rows, strict=True)] for rows in zip(doubts, apart, strict=True)]
    picks = Picker(pool(sentences, doubts, apart), labelled, settings).pick(4)
    before, known = [f for tokens in labelled for f in forms_of(tokens)], [parts(tokens) for tokens in labelled]
    for number in range(4):
        gains = {
            place: naive_gain(tokens, worth[place], before, settings)
            for place, tokens in enumerate(sentences)
            if tokens and parts(tokens) not in known
        }
        if not gains:
            assert len(picks) == number
            return
        pick = picks[number]
        assert pick.gain == pytest.approx(gains[pick.sentence]) == pytest.approx(max(gains.values()))
        before += forms_of(sentences[pick.sentence])
        known.append(parts(sentences[pick.sentence]))


def test_what_is_unsure_comes_first_and_what_was_suggested_counts_less():
    sentences = [["Rome", "old"], ["Oslo", "new"], ["Rome", "new"], ["ok"]]
    doubts = [[0.9, 0.0], [0.7, 0.0], [0.8, 0.1], [0.01]]
    picks = Picker(pool(sentences, doubts), [], ALL).pick(4)
    assert [pick.sentence for pick in picks] == [0, 1, 2, 3]
    assert [pick.new for pick in picks] == pytest.approx([1, 1, (0.8 / 2 + 0.1 / 2) / 0.9, 1])
    assert [pick.doubt for pick in picks] == pytest.approx([0.9, 0.7, 0.9, 0.01])
    as_much = SuggestSettings(similar=1, again=1)
    assert [pick.sentence for pick in Picker(pool(sentences, doubts), [], as_much).pick(4)] == [0, 2, 1, 3]
    known = Picker(pool(sentences, doubts), [["rome", "unheard"]] * 2, ALL).pick(2)
    assert [pick.sentence for pick in known] == [1, 2]  # the form of Rome is labelled twice


def test_disagreement_counts_as_much_as_it_is_told():
    sentences, doubts, apart = [["a"], ["b"]], [[0.5], [0.4]], [[0.0], [0.2]]
    for weight, first in ((0, 0), (1, 1)):
        picks = Picker(pool(sentences, doubts, apart), [], SuggestSettings(disagreement=weight)).pick(1)
        assert [pick.sentence for pick in picks] == [first]
    assert picks[0].disagreement == pytest.approx(0.2)


def test_what_is_almost_the_same_is_left_out_and_counted():
    sentences = [["the", "mayor", "of", "Rome", "spoke", "today"], ["The", "mayor", "of", "Rome", "spoke"], ["x"]]
    doubts = [[0.1] * 6, [0.09] * 5, [0.01]]
    picker = Picker(pool(sentences, doubts), [], SuggestSettings())
    assert [pick.sentence for pick in picker.pick(3)] == [0, 2]
    assert picker.similar == 1
    labelled = Picker(pool(sentences, doubts), [sentences[1]], SuggestSettings())
    assert ([pick.sentence for pick in labelled.pick(3)], labelled.similar) == ([2], 2)


def test_a_long_sentence_costs_more():
    sentences, doubts = [["a"] * 1 + list("bcdefghij"), ["k"]], [[0.3] + [0.0] * 9, [0.2]]
    for reading, first in ((10, 1), (1000, 0)):
        picks = Picker(pool(sentences, doubts), [], SuggestSettings(reading=reading)).pick(1)
        assert [pick.sentence for pick in picks] == [first]
        assert picks[0].gain == pytest.approx(doubts[first][0] / (len(sentences[first]) + reading))


def test_a_sentence_without_words_is_never_picked():
    assert [pick.sentence for pick in Picker(pool([[], ["a"], []], [[], [0.1], []]), [], ALL).pick(5)] == [1]


@pytest.mark.parametrize("wrong", [{"again": 2}, {"similar": 0}, {"reading": 0}, {"doubt": -1}, {"doubts": 1}])
def test_settings_that_make_no_sense_are_refused(wrong):
    with pytest.raises(ValidationError):
        SuggestSettings(**wrong)
