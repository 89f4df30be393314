import pytest

from xner.testing import CorpusReaderContract

SOURCE = """
import random

from xner.base import CorpusReader
from xner.base import Corpus, Sentence
from xner.errors import DataError


class Sound(CorpusReader):
    sentences = (Sentence(["Ada", "sees", "Rome"], ["B-PER", "O", "B-LOC"]), Sentence(["No"], ["O"]))

    def load(self, language, split):
        if split not in self.splits().get(language, ()):
            raise DataError(f"there is no {language} {split}")
        return self.corpus(language, split)

    def corpus(self, language, split):
        return Corpus.from_sentences("sound", language, split, self.sentences)

    def splits(self):
        return {"en": ("train", "test")}


class SaysNothing(Sound):
    def load(self, language, split):
        return self.corpus(language, split)

    def splits(self):
        return {}


class Lists(Sound):
    def splits(self):
        return {"en": ["train"]}


class Hidden(Sound):
    def load(self, language, split):
        if (language, split) != ("en", "train"):
            raise DataError("no")
        return self.corpus(language, split)

    def splits(self):
        return {"en": ("test",)}


class OtherSplit(Sound):
    def corpus(self, language, split):
        return super().corpus(language, "test")


class OtherScheme(Sound):
    sentences = (Sentence(["Ada"], ["I-PER"]),)


class EmptyWord(Sound):
    sentences = (Sentence(["Ada", ""], ["B-PER", "O"]),)


class Shuffled(Sound):
    def corpus(self, language, split):
        words = [f"{random.random()}"]
        return Corpus.from_sentences("sound", language, split, [Sentence(words)])


class NoError(Sound):
    def load(self, language, split):
        return self.corpus(language, split)


class Talks(Sound):
    def load(self, language, split):
        try:
            return super().load(language, split)
        except DataError as error:
            raise DataError(f"{error}, or\\nelse") from None
"""
ALL = {name for name in vars(CorpusReaderContract) if name.startswith("test_")}
BROKEN = {
    "Sound": {},
    "SaysNothing": dict.fromkeys(ALL, "it does not say which languages it has; say which to load: language = ..."),
    "Lists": {"test_it_says_which_splits_it_has": "a language has no tuple of splits"},
    "Hidden": {"test_it_says_which_splits_it_has": "it loads a split that is not in its `splits()`"},
    "OtherSplit": {"test_it_loads_what_is_asked_for": "it is asked for train and gives test"},
    "OtherScheme": {"test_sentences_are_words_with_iob2_tags": "the tags of sentence 0 are not IOB2: I-PER"},
    "EmptyWord": {"test_sentences_are_words_with_iob2_tags": "sentence 0 has an empty word"},
    "Shuffled": {"test_the_sentences_are_the_same_every_time": "depend on what was drawn at random before"},
    "NoError": {"test_what_it_does_not_have_is_an_error_of_one_line": "DID NOT RAISE"},
    "Talks": {"test_what_it_does_not_have_is_an_error_of_one_line": "its error is more than one line"},
}


@pytest.fixture(scope="module")
def failed(failures):
    return failures("corpora", "CorpusReaderContract", SOURCE, BROKEN)


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_one_fails_where_it_is_broken(failed, name):
    assert failed[name].keys() == BROKEN[name].keys()
    for test, message in BROKEN[name].items():
        assert message in failed[name][test]


def test_every_test_of_the_contract_can_fail():
    assert {test for name, tests in BROKEN.items() for test in tests if name != "SaysNothing"} == ALL
