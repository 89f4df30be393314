import itertools
import random
from collections import Counter

import pytest

from xner.corpora.labels import Span
from xner.reporting.own.matching import BOTH, BOUNDARY, MISSED, RIGHT, SPURIOUS, TYPE, match


def verdicts(gold, predicted):
    return [one.verdict for one in match(gold, predicted)]


@pytest.mark.parametrize(
    ("predicted", "expected"),
    [
        ([("PER", 0, 2)], [RIGHT]),
        ([("LOC", 0, 2)], [TYPE]),
        ([("PER", 1, 2)], [BOUNDARY]),
        ([("LOC", 1, 4)], [BOTH]),
        ([("PER", 2, 3)], [MISSED, SPURIOUS]),
        ([], [MISSED]),
    ],
)
def test_each_verdict(predicted, expected):
    assert verdicts([Span("PER", 0, 2)], [Span(*one) for one in predicted]) == expected


def test_an_entity_cut_in_two_stands_for_one_and_the_rest_is_spurious():
    found = list(match([Span("PER", 0, 3)], [Span("PER", 0, 1), Span("PER", 1, 3)]))
    assert [(one.predicted, one.verdict) for one in found] == [
        (Span("PER", 1, 3), BOUNDARY),
        (Span("PER", 0, 1), SPURIOUS),
    ]


def test_the_same_words_come_before_the_same_type():
    found = list(match([Span("PER", 0, 2)], [Span("PER", 1, 4), Span("LOC", 0, 2)]))
    assert [(one.predicted, one.verdict) for one in found] == [
        (Span("LOC", 0, 2), TYPE),
        (Span("PER", 1, 4), SPURIOUS),
    ]


def naive(gold, predicted):
    """The same by the text: look again and again for the best pair that is left."""
    gold, predicted, found = list(gold), list(predicted), Counter()
    while True:
        best = None
        for one, two in itertools.product(gold, predicted):
            words = len({*range(one.start, one.end)} & {*range(two.start, two.end)})
            if words:
                same = (one.start, one.end) == (two.start, two.end)
                good = (same, one.type == two.type, words, -one.start, -two.start)
                best = max(best, (good, one, two)) if best else (good, one, two)
        if not best:
            return found + Counter({MISSED: len(gold), SPURIOUS: len(predicted)})
        (same, alike, *_), one, two = best
        found[
            {(True, True): RIGHT, (True, False): TYPE, (False, True): BOUNDARY, (False, False): BOTH}[same, alike]
        ] += 1
        gold.remove(one)
        predicted.remove(two)


def drawn(draw):
    spans, start = [], draw.randint(0, 2)
    while start < 9:
        end = start + draw.randint(1, 3)
        spans.append(Span(draw.choice(["PER", "LOC"]), start, end))
        start = end + draw.randint(0, 2)
    return spans


@pytest.mark.parametrize("seed", range(40))
def test_against_a_second_reading(seed):
    draw = random.Random(seed)
    gold, predicted = drawn(draw), drawn(draw)
    found = list(match(gold, predicted))
    assert Counter(one.verdict for one in found) == +naive(gold, predicted)
    assert sorted(one.gold for one in found if one.gold) == sorted(gold)
    assert sorted(one.predicted for one in found if one.predicted) == sorted(predicted)
