import pytest

from xner.corpora.corpus import Corpus, Sentence
from xner.errors import DataError
from xner.testing import tiny_corpus
from xner.training import vocabulary
from xner.training.vocabulary import check_words

AMHARIC = ["ኢትዮጵያ", "አዲስ", "አበባ", "ነው", "ከተማ", "ሰው", "አዲስ"]


@pytest.fixture
def tagger(tiny_workbench):
    return tiny_workbench.new_tagger()


def corpus(known, unknown, size=1):
    """Sentences with so many words that the tiny tokenizer, which has Latin letters, knows and does not know."""
    words = ["Rome"] * known + (AMHARIC * unknown)[:unknown]
    return Corpus.from_sentences("mine", "am", "train", [Sentence(words, ["O"] * len(words))] * size)


@pytest.mark.parametrize(("known", "unknown"), [(1, 0), (9, 1), (90, 10)])
def test_a_tenth_of_unknown_words_is_usual(tagger, known, unknown):
    assert check_words(tagger.windower, corpus(known, unknown)) is None


@pytest.mark.parametrize(("known", "unknown"), [(8, 1), (1, 1), (50, 50)])
def test_more_than_a_tenth_is_told_with_examples(tagger, known, unknown):
    told = check_words(tagger.windower, corpus(known, unknown))
    shown = ", ".join(dict.fromkeys((AMHARIC * 9)[:unknown]) if unknown < 5 else AMHARIC[:5])
    assert told == (
        f"mine am/train: the encoder's tokenizer does not know {unknown} of the first {known + unknown} words, "
        f"such as {shown}; they all look the same to it"
    )


@pytest.mark.parametrize(("known", "unknown"), [(0, 1), (4, 5), (49, 51)])
def test_more_than_half_is_refused(tagger, known, unknown):
    with pytest.raises(
        DataError, match=rf"know {unknown} of the first {known + unknown} words, such as ኢ.*; choose an --encoder"
    ):
        check_words(tagger.windower, corpus(known, unknown))


def test_words_of_which_nothing_is_left_are_unknown_too(tagger):
    with pytest.raises(DataError, match="know 2 of the first 3 words"):
        check_words(tagger.windower, Corpus.from_sentences("m", "a", "t", [Sentence(["\u200b", "\u200b", "Rome"])]))


def test_the_first_thousands_are_enough(tagger, monkeypatch):
    monkeypatch.setattr(vocabulary, "_WORDS", 200)
    late = Corpus.from_sentences("m", "a", "t", [Sentence(["Rome"])] * 200 + [Sentence(AMHARIC)] * 900)
    assert check_words(tagger.windower, late) is None
    with pytest.raises(DataError, match=r"of the first 300 words"):
        check_words(tagger.windower, corpus(1, 2, size=500))


def test_a_long_sentence_is_counted_once(tagger):
    with pytest.raises(DataError, match=r"know 700 of the first 1,300 words"):
        check_words(tagger.windower, corpus(600, 700))


def test_an_empty_corpus_has_no_unknown_words(tagger):
    assert check_words(tagger.windower, tiny_corpus(size=5).part(0, 0)) is None
