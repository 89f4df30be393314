import random
from dataclasses import replace

import pytest

from naive_names import features
from xner.base import Gazetteer, Name, NameTable
from xner_gazetteers.name_features import NameFeatures, commonest


class Few(Gazetteer):
    def identity(self, sides):
        return "1"

    def names(self, sides):
        return iter([Name("New York", "LOC", 1), Name("York", "PER", 1), Name("Acme", "ORG", 1)])


def read(made, words):
    return [{name for name, value in zip(made.names, row, strict=True) if value} for row in made.row(words).tolist()]


@pytest.fixture
def made(between):
    return NameFeatures.of(Few(), [between("en", "de")])


@pytest.fixture
def unstopped(made):
    return replace(made, stops=frozenset())


def test_a_sentence_by_hand(unstopped):
    assert read(unstopped, ["Acme", "qq", "New", "York", "?"]) == [
        {"TOP-ORG"},
        {"BEFORE-ORG", "AFTER-LOC"},
        {"B-TOP-LOC", "AFTER-PER"},
        {"I-TOP-LOC", "TOP-PER"},
        {"BEFORE-LOC"},  # the longest of those that end there
    ]
    assert unstopped.row([]).shape == (0, 16)


def test_all_features_are_those_of_a_naive_reading():
    draw = random.Random(5)
    words = ["A", "b", "Cd", "De", "f", "1"]
    for _ in range(30):
        names = [
            Name(" ".join(draw.choices(words, k=draw.randint(1, 4))), draw.choice("XYZ"), draw.random() + 0.1)
            for _ in range(25)
        ]
        made = NameFeatures(table := NameTable.of(names), frozenset({"b", "cd"}), ("X", "Y", "Z"))
        sentence = draw.choices(words, k=draw.randint(0, 8))
        assert read(made, sentence) == features(sentence, table.types, {"b", "cd"})


def test_stop_words_are_the_commonest_of_either_text(made):
    word = min(made.stops - made.table.types.keys())
    assert read(made, [word.upper(), "qqq"]) == [{"STOP"}, set()]
    assert commonest({"b": 2, "a": 2, "c": 9, ".": 99}) == ["c", "a", "b"]


def test_saved_and_read_again_it_says_the_same(made, tmp_path):
    made.save(tmp_path)
    again = NameFeatures.load(tmp_path)
    words = ["The", "New", "York", "Acme"]
    assert again.names == made.names and (again.row(words) == made.row(words)).all() and again.row(words).any()
