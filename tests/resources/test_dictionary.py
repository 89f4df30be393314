import dataclasses

import pytest

from xner.corpora.corpus import Corpus, Sentence
from xner.resources.dictionary import Dictionary, Lexicon, frequencies_of
from xner.resources.resource import Sides, depends_on

PAIRS = [
    ("House", "casa"),
    ("house", "lar"),
    ("house", "casa"),
    ("white house", "casa branca"),
    ("ship", "o barco"),
    ("near", "perto"),
]


def text(language, *sentences):
    return Corpus.from_sentences("t", language, "train", [Sentence(each.split()) for each in sentences])


class Few(Dictionary):
    data = "1"

    def identity(self, sides):
        return self.data

    def pairs(self, sides):
        return iter(PAIRS)


@pytest.fixture
def sides(tiny_workbench):
    source = text("en", "The House , near house HOUSE 12 .", "the")
    return Sides(source, text("pt", "O Lar doce lar", "a casa perto"), tiny_workbench, None)


def test_single_words_are_kept_in_small_letters_and_in_order():
    lexicon = Lexicon.of(PAIRS)
    assert lexicon.senses == {"house": ("casa", "lar"), "near": ("perto",)}
    assert (lexicon.phrases, lexicon.translations) == (2, 3)


def test_of_several_senses_the_one_that_is_frequent_in_the_target_is_chosen(sides):
    lexicon = Lexicon.of(PAIRS)
    assert lexicon.chosen(frequencies_of(sides.target)) == {"house": "lar", "near": "perto"}
    assert lexicon.chosen(frequencies_of(sides.target), "first") == {"house": "casa", "near": "perto"}
    assert lexicon.chosen({})["house"] == "casa"  # of equal ones the first
    assert lexicon.chosen({"casa": 2, "lar": 2})["house"] == "casa"


def test_coverage_counts_running_words_and_neither_numbers_nor_punctuation(sides):
    assert Lexicon.of(PAIRS).coverage(sides.source) == pytest.approx(4 / 6)


def test_what_is_shown(sides):
    shown = Few().shown(sides)
    assert shown.facts == {
        "words": 2,
        "translations": 3,
        "pairs of several words, left out": 2,
        "running words of the source that it has": pytest.approx(4 / 6),
        "chosen translations that stand in the target's text": 1.0,
    }
    assert shown.samples == [("house", "lar", "casa, lar"), ("near", "perto", "perto")]


def test_results_depend_on_its_data_and_on_its_settings(sides):
    one, same, other = Few(), Few(), Few()
    other.data = "2"
    assert depends_on(one, sides) == depends_on(same, sides) != depends_on(other, sides)
    assert {"component", "settings", "code", "data"} == depends_on(one, sides).keys()


def test_sides_name_their_languages(sides):
    assert sides.languages == ("en", "pt")
    with pytest.raises(dataclasses.FrozenInstanceError):
        sides.source = None
