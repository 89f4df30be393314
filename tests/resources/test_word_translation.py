import random
from collections import Counter

import pytest

from xner.base import Corpus, Dictionary, Sentence, Sides
from xner.resources.scripts import Scripts
from xner.resources.word_translation import WordTranslation, WordTranslationSettings

SENTENCE = Sentence(
    ["The", "House", "of", "Ada", "House", ",", "ROME", "1990"], ["O", "O", "O", "B-PER", "I-PER", "O", "B-LOC", "O"]
)
WORDS = {"the": "das", "house": "haus", "rome": "rom"}


class Few(Dictionary):
    def identity(self, sides):
        return "1"

    def pairs(self, sides):
        return iter([*WORDS.items(), ("the", "die"), ("white house", "weisses haus")])


def made(words=WORDS, forms=None, kept=("PER",), target="LATIN", ways="keep"):
    return WordTranslation(words, forms, Scripts(target, ways), kept, random.Random(0), Counter())


@pytest.fixture
def sides(tiny_workbench):
    def text(language, words):
        return Corpus.from_sentences("t", language, "train", [Sentence(words.split())])

    def sides(source, target, text_of_target):
        return Sides(text(source, "x"), text(target, text_of_target), tiny_workbench, None)

    return sides


def test_words_are_translated_and_tags_copied():
    (done,) = made().sentences(iter([SENTENCE]))
    assert done.tokens == ["Das", "Haus", "of", "Ada", "House", ",", "ROM", "1990"]
    assert done.tags == SENTENCE.tags


def test_kept_types_are_a_setting():
    (done,) = made(kept=()).sentences(iter([SENTENCE]))
    assert done.tokens[3:5] == ["Ada", "Haus"]
    (done,) = made(kept=("PER", "LOC")).sentences(iter([SENTENCE]))
    assert done.tokens[6] == "ROME"


def test_what_it_did_is_told():
    translation = made(target="CYRILLIC")
    list(translation.sentences(iter([SENTENCE])))
    assert str(translation) == (
        "50.0% of 6 running words were translated, PER words (33.3%) were kept, and it lacks 16.7%; "
        "6 words stay in another script than the target's"
    )
    assert translation.counts == {"words": 6, "translated": 3, "kept": 2}


def test_a_sense_is_chosen_by_the_targets_text(sides):
    between = sides("en", "nl", "die Die das")
    for senses, expected in (("frequent", "die"), ("first", "das")):
        translation = WordTranslation.of(Few(), between, WordTranslationSettings(senses=senses))
        assert translation.word("the", "O") == expected and translation.forms is None


def test_german_is_written_as_the_targets_text_writes_it(sides):
    text = "Das Haus das Haus"
    german, dutch = (WordTranslation.of(Few(), sides("en", to, text), WordTranslationSettings()) for to in ("de", "nl"))
    assert (german.word("house", "O"), dutch.word("house", "O")) == ("Haus", "haus")
    asked = WordTranslation.of(Few(), sides("en", "nl", text), WordTranslationSettings(case="target"))
    assert asked.word("house", "O") == "Haus"
    assert {german.word("the", "O") for _ in range(30)} == {"Das", "das"}


def test_the_same_seed_draws_the_same(sides):
    between = sides("en", "de", "Das das Haus haus")
    two = [WordTranslation.of(Few(), between, WordTranslationSettings()) for _ in range(2)]
    assert len({tuple(each.word("the", "O") for _ in range(20)) for each in two}) == 1


def test_dictionaries_of_another_script_are_brought_into_the_targets(tmp_path, sides):
    (tmp_path / "table").write_text("д d\nа a\n", encoding="utf-8")
    settings = WordTranslationSettings(table=str(tmp_path / "table"))
    translation = WordTranslation.of(Few(), sides("en", "sr", "Da da"), settings)
    translation.words = {"yes": "да"}
    assert translation.word("Yes", "O") == "Da" and translation.scripts.changed == 1
    changed = settings.identity()
    (tmp_path / "table").write_text("д d\n", encoding="utf-8")
    assert settings.identity() != changed
