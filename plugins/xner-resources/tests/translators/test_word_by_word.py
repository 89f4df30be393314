from dataclasses import replace

import pytest

from xner.base import Dictionary, Translation
from xner.testing import TranslatorContract
from xner_resources.translators.word_by_word import WordByWord


class Few(Dictionary):
    words = (("sea", "mar"), ("the", "el"), ("the", "la"), ("usa", "eeuu"))

    def identity(self, sides):
        return str(self.words)

    def pairs(self, sides):
        return iter(self.words)


class TestWordByWord(TranslatorContract):
    component = "word-by-word"

    @pytest.fixture
    def sides(self, tiny_workbench, between):
        return replace(between("en", "xx"), resource=lambda role: Few())


@pytest.fixture
def sides(between):
    return replace(between("en", "es"), resource=lambda role: Few())


def test_words_in_their_order_with_their_capitals(sides):
    texts = ["The sea in USA , 1990", "Ada"]
    found = list(WordByWord(WordByWord.Config(senses="first")).translate(texts, sides))
    assert found == [Translation("El mar in EEUU , 1990", 1), Translation("Ada", 1)]


def test_its_identity_is_the_dictionarys_and_the_texts_where_it_chooses_by_it(sides):
    first = WordByWord(WordByWord.Config(senses="first"))
    other = replace(sides, target=sides.target.part(0, 3))
    assert first.identity(sides) == first.identity(other)
    assert WordByWord().identity(sides) != WordByWord().identity(other)
    assert WordByWord.word_by_word
