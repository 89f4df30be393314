import pytest

SOURCE = """
from xner.base import Translation, Translator
from xner.errors import DataError


class Sound(Translator):
    count = 0

    def identity(self, sides):
        if "qaa" in sides.languages:
            raise DataError("not here; install it")
        return "1"

    def translate(self, texts, sides):
        return (Translation(text.upper()) for text in texts)


class Few(Sound):
    def translate(self, texts, sides):
        return (Translation(text.upper()) for text in texts[:1])


class Empty(Sound):
    def translate(self, texts, sides):
        return (Translation(" ") for text in texts)


class Counted(Sound):
    def translate(self, texts, sides):
        return (Translation(f"{text} {number}") for number, text in enumerate(texts))
"""
EACH, ALONE = "test_every_text_has_a_translation", "test_a_translation_depends_on_its_text_alone"
BROKEN = {
    "Sound": {},
    "Few": {EACH: "it made 1 translations of 6 texts", ALONE: "it translates a text otherwise if there are others"},
    "Empty": {EACH: "becomes nothing"},
    "Counted": {ALONE: "it translates a text otherwise if there are others"},
}


@pytest.fixture(scope="module")
def failed(failures):
    return failures("resources", "TranslatorContract", SOURCE, BROKEN)


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_one_fails_where_it_is_broken(failed, name):
    found = failed[name]
    assert found.keys() - {"test_it_can_be_looked_at"} == BROKEN[name].keys()
    for test, message in BROKEN[name].items():
        assert message in found[test]
