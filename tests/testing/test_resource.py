import pytest

SOURCE = """
from xner.base import Dictionary, Shown
from xner.errors import DataError


class Sound(Dictionary):
    count = 0

    def identity(self, sides):
        if "qaa" in sides.languages:
            raise DataError("not here; install it")
        return "1"

    def pairs(self, sides):
        return iter([("sees", "zed"), ("old ship", "gol")])


class ManyLines(Sound):
    def identity(self, sides):
        if "qaa" in sides.languages:
            raise DataError("not here\\ninstall it")
        return "1"


class Numbered(Sound):
    def identity(self, sides):
        return 1


class Changing(Sound):
    def pairs(self, sides):
        Changing.count += 1
        return iter([("sees", "zed" * Changing.count)])


class Blank(Sound):
    def pairs(self, sides):
        return iter([("sees", " ")])


class Hidden(Sound):
    def shown(self, sides):
        return Shown({})


class Odd(Sound):
    def shown(self, sides):
        return Shown({"words": 1}, ("word", "translation"), [("sees",)])
"""
BROKEN = {
    "Sound": {},
    "ManyLines": {"test_what_it_does_not_have_is_an_error_of_one_line": "its error is not one line"},
    "Numbered": {"test_its_identity_is_its_own": "its identity is no text"},
    "Changing": {"test_the_pairs_are_the_same_every_time": "its pairs, or their order, differ"},
    "Blank": {"test_pairs_are_two_words_of_text": "('sees', ' ') is none"},
    "Hidden": {"test_it_can_be_looked_at": "it shows nothing of itself"},
    "Odd": {"test_it_can_be_looked_at": "its samples do not fit their heads"},
}


@pytest.fixture(scope="module")
def failed(failures):
    return failures("resources", "DictionaryContract", SOURCE, BROKEN)


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_one_fails_where_it_is_broken(failed, name):
    assert failed[name].keys() == BROKEN[name].keys()
    for test, message in BROKEN[name].items():
        assert message in failed[name][test]
