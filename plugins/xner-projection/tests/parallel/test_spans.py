import random

from naive_ws import projected

from xner.base import Span
from xner_projection.parallel.spans import placed, written


def test_the_places_are_those_of_a_naive_reading():
    draw, several, none = random.Random(0), 0, 0
    for _ in range(500):
        cuts = sorted(draw.sample(range(9), 4))
        entities = [("PER", cuts[0], cuts[1]), ("LOC", cuts[2], cuts[3])]
        links = sorted({(draw.randrange(9), draw.randrange(9)) for _ in range(draw.randrange(9))})
        longer = draw.randrange(3)
        found = placed([Span(*entity) for entity in entities], links, longer)
        assert found == projected(entities, links, longer)
        several, none = several + (None not in found), none + (None in found)
    assert several > 50 and none > 50


def test_what_covers_its_words_is_an_entity_also_what_has_no_link_itself():
    (place,) = placed([Span("PER", 0, 2)], ((0, 3), (1, 1)), 2)
    assert place == ("PER", 1, 4)
    assert placed([Span("PER", 0, 2)], ((0, 3), (1, 1)), 0) == [None]


def test_words_with_their_tags():
    sentence = written(["in", "New", "York", "Ada"], [("LOC", 1, 3), ("PER", 3, 4)])
    assert sentence.tags == ["O", "B-LOC", "I-LOC", "B-PER"]
