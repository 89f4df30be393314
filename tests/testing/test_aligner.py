import pytest

SOURCE = """
import random

from xner.base import Aligner


class Sound(Aligner):
    def identity(self, sides):
        return "1"

    def align(self, pairs, sides):
        return (((0, 0),) for pair in pairs)


class Few(Sound):
    def align(self, pairs, sides):
        return (((0, 0),) for pair in pairs[:1])


class Beyond(Sound):
    def align(self, pairs, sides):
        return (((0, len(pair.target)),) for pair in pairs)


class Twice(Sound):
    def align(self, pairs, sides):
        return (((0, 0), (0, 0)) for pair in pairs)


class Drawn(Sound):
    def align(self, pairs, sides):
        return (((0, random.randrange(len(pair.target))),) for pair in pairs)
"""
WORDS, SAME = "test_links_are_of_words_that_there_are", "test_the_links_are_the_same_every_time"
BROKEN = {
    "Sound": {},
    "Few": {WORDS: "it aligned 1 of 24 pairs"},
    "Beyond": {WORDS: "which are not both there"},
    "Twice": {WORDS: "are not in order, or not each once"},
    "Drawn": {SAME: "its links differ from one time to the next"},
}


@pytest.fixture(scope="module")
def failed(failures):
    return failures("resources", "AlignerContract", SOURCE, BROKEN)


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_one_fails_where_it_is_broken(failed, name):
    found = failed[name]
    assert found.keys() - {"test_it_can_be_looked_at"} == BROKEN[name].keys()
    for test, message in BROKEN[name].items():
        assert message in found[test]
