import random
from collections import Counter

import pytest

import naive_tmp
from xner_projection.left_over import Projection, best_run, count_left_over, keywords


def test_keywords_are_those_of_a_naive_reading():
    draw = random.Random(0)
    vocabulary = ["a", "b", "cc", "dd", "ee", "ff", "3d", ",", "the"]
    for _ in range(100):
        everywhere = [draw.choices(vocabulary, k=draw.randint(1, 5)) for _ in range(8)]
        there, stop = everywhere[:4], {"the"}
        df = Counter(word for words in everywhere for word in set(words))
        found = keywords(there, df, len(everywhere), stop)
        assert found == pytest.approx(naive_tmp.keywords(there, everywhere, stop)) and len(found) <= 4


def test_the_best_run_is_free_and_has_the_highest_sum():
    scores = {"rojo": 1.0, "cruz": 2.0, "sol": 2.5}
    words = ["El", "sol", "y", "la", "Cruz", "Rojo", "sol"]
    assert best_run(words, {6}, scores) == (4, 6)
    assert best_run(words, {4, 6}, scores) == (1, 2)
    assert best_run(words, {1, 4, 5, 6}, scores) is None


def sentences(count):
    left = [Projection(["Cruz", "Roja", "dice", f"w{'abcde'[n]}"], [], [("ORG", "Red Cross")]) for n in range(count)]
    others = [Projection(["dice", f"o{'abcdefgh'[n]}"], [], []) for n in range(8)]
    return [*left, *others]


def test_an_entity_that_is_often_left_over_is_found_where_its_words_stand():
    made = sentences(3)
    assert count_left_over(made, {"dice"}) == 3
    assert all(each.spans == [("ORG", 0, 2)] and not each.left for each in made[:3])


def test_one_that_is_left_over_twice_stays_so():
    made = sentences(2)
    assert count_left_over(made, {"dice"}) == 0 and made[0].left == [("ORG", "Red Cross")]


def test_what_is_tagged_is_not_tagged_again():
    made = sentences(3)
    made[0].spans.append(("PER", 0, 3))
    count_left_over(made, {"dice"})
    assert made[0].spans[0] == ("PER", 0, 3) and not {0, 1, 2} & {
        p for _, a, b in made[0].spans[1:] for p in range(a, b)
    }
