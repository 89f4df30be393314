import random

import pytest

import naive_tmp
from xner_projection.matching import Matcher, prefix_score, score


@pytest.mark.parametrize(
    ("candidate", "word", "expected"),
    [
        ("merkel", "merkel", 1.0),
        ("paris", "parís", 0.6),  # "par" begins it
        ("merkel", "merkels", 6 / 7),
        ("berg", "heidelberg", 0.4),  # it ends with all of it
        ("a", "b", 0.0),
    ],
)
def test_the_score_of_two_words(candidate, word, expected):
    assert prefix_score(candidate, word) == pytest.approx(expected)


def test_parts_between_hyphens_are_tried_too():
    assert prefix_score("denis", "saint-denis") == pytest.approx(5 / 11)
    assert score("denis", "saint-denis") == score("saint-denis", "denis") == 1.0
    assert score("-", "-") == 1.0


def test_scores_are_those_of_a_naive_reading():
    draw = random.Random(0)
    for _ in range(2000):
        one, other = ("".join(draw.choices("ab-", k=draw.randint(1, 6))) for _ in range(2))
        assert score(one, other) == pytest.approx(naive_tmp.score(one, other)), (one, other)


def test_all_words_with_the_highest_score_match_if_it_is_high_enough():
    words = ["Merkels", "Partei", "und", "Merkele", ",", "sagt", "Mer"]
    assert Matcher(frozenset()).matched([("Merkel",)], words) == {0, 3}
    assert Matcher(frozenset()).matched([("Mxxxxx",)], words) == set()


def test_stop_words_match_only_if_they_are_equal():
    matcher = Matcher(frozenset({"de", "der"}))
    assert matcher.matched([("de",)], ["de", "der", "dex"]) == {0}
    assert matcher.matched([("dex",)], ["de", "der"]) == set()


def test_how_words_sound_is_a_second_comparison():
    sound = {"ciel": "sjel", "siel": "sjel"}.get
    assert Matcher(frozenset()).matched([("Xiel",)], ["Qiel"]) == set()
    assert Matcher(frozenset(), lambda word: sound(word, word)).matched([("Ciel",)], ["Siel", "or"]) == {0}
