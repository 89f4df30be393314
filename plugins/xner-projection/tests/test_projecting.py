import random

import pytest

import naive_tmp
from xner_projection.matching import Matcher
from xner_projection.projecting import Entity, distance, projected, runs


def entity(*candidates, kind="LOC"):
    return Entity(kind, candidates[0], tuple(candidates))


def test_runs_and_what_is_left_without_stop_words():
    words = ["La", "Paz", "de", "la", "Luz"]
    assert runs({0, 1, 2}, words, {"la", "de"}) == [(0, 3), (1, 3), (0, 2), (1, 2)]
    assert runs({1, 4}, words, {"la", "de"}) == [(1, 2), (4, 5)]
    assert runs({2, 3}, words, {"la", "de"}) == [(2, 4)]


@pytest.mark.parametrize(
    ("span", "candidates", "expected"),
    [
        (["Naciones", "Unidas"], [("naciones", "unidas")], 0),
        (["Unidas", "Naciones"], [("naciones", "unidas")], 0),  # in another order
        (["Roma"], [("Rome",), ("Rom",)], 1),
    ],
)
def test_the_distance_of_a_span(span, candidates, expected):
    assert distance(span, candidates) == expected


def test_two_entities_with_one_name_get_a_place_each():
    words = ["Roma", "o", "Roma"]
    assert projected([entity(("Roma",)), entity(("Roma",))], words, Matcher(frozenset())) == [(0, 1), (2, 3)]


def test_of_entities_that_want_one_span_the_nearest_gets_it():
    found = projected([entity(("Romania",)), entity(("Roma",))], ["Roma"], Matcher(frozenset()))
    assert found == [None, (0, 1)]


def test_of_equally_near_spans_the_longer_one_is_taken_first():
    two = [entity(("Lima",)), entity(("Lima", "Oslo"))]
    found = projected(two, ["Lima", "Oslo", "y", "Lima"], Matcher(frozenset()))
    assert found == [(3, 4), (0, 2)]


def test_a_span_of_ten_words_is_none():
    name = tuple("abcdefghij")
    assert projected([entity(name)], list(name), Matcher(frozenset())) == [None]
    assert projected([entity(name[:9])], list(name[:9]), Matcher(frozenset())) == [(0, 9)]


def test_projections_are_those_of_a_naive_reading():
    draw, placed = random.Random(0), 0
    vocabulary = ["la", "de", "roma", "romana", "rio", "sur", "surena", "saint-denis", "denis", "oslo", "os"]
    stop = frozenset({"la", "de"})
    for _ in range(300):
        words = draw.choices(vocabulary, k=draw.randint(1, 8))
        lists = [
            [tuple(draw.choices(vocabulary, k=draw.randint(1, 3))) for _ in range(draw.randint(1, 2))]
            for _ in range(draw.randint(1, 3))
        ]
        found = projected([entity(*candidates) for candidates in lists], words, Matcher(stop))
        assert found == naive_tmp.projected(lists, words, stop), (lists, words)
        placed += sum(span is not None for span in found)
    assert placed > 200
