import random

import pytest

from xner.corpora.corpus import Corpus, Sentence
from xner.resources.gazetteer import Found, Gazetteer, Name, NameTable
from xner.resources.resource import Sides

NAMES = [
    Name("New York", "LOC", 0.9),
    Name("York", "LOC", 0.4),
    Name("York", "PER", 0.3),
    Name("york", "PER", 0.3),
    Name("北京", "LOC", 1),
    Name("United States of America again", "LOC", 1),
    Name("42", "LOC", 1),
]


class Few(Gazetteer):
    def identity(self, sides):
        return "1"

    def names(self, sides):
        return iter(NAMES)


def text(language, *sentences):
    return Corpus.from_sentences("t", language, "train", [Sentence(each.split()) for each in sentences])


def test_priors_are_added_up_and_types_ranked():
    table = NameTable.of(NAMES)
    assert table.types == {"newyork": ("LOC",), "york": ("PER", "LOC"), "北京": ("LOC",)}
    assert (table.longer, table.sizes()) == (1, {"LOC": 3, "PER": 1})
    assert NameTable.of([Name("a", "PER", 1), Name("a", "LOC", 1)]).types["a"] == ("LOC", "PER")


def test_the_longest_names_come_first_however_the_text_is_cut():
    table = NameTable.of(NAMES)
    found = list(table.found(["In", "NEW", "-york".strip("-"), "北", "京"]))
    assert found == [Found(1, 3, ("LOC",)), Found(3, 5, ("LOC",))]  # a word in small letters alone is no name
    assert list(table.found(["York"])) == [Found(0, 1, ("PER", "LOC"))]
    assert list(table.found([])) == []


def test_all_that_is_found_is_what_a_naive_search_finds():
    draw = random.Random(3)
    alphabet = ["A", "b", "Cd", "de", "E"]
    names = [
        Name(" ".join(draw.choices(alphabet, k=draw.randint(1, 5))), draw.choice(["X", "Y"]), 1) for _ in range(40)
    ]
    table = NameTable.of(names)
    for _ in range(50):
        words = draw.choices(alphabet, k=draw.randint(0, 7))
        expected = set()
        for start in range(len(words)):
            for end in range(start + 1, min(start + 4, len(words)) + 1):
                several = words[start:end]
                same = [
                    name
                    for name in names
                    if name.surface.count(" ") < 4 and name.surface.lower().replace(" ", "") == "".join(several).lower()
                ]
                if same and any(word != word.lower() for word in several):
                    expected.add((start, end, frozenset(name.type for name in same)))
        assert {(start, end, frozenset(types)) for start, end, types in table.found(words)} == expected


def test_what_is_shown(tiny_workbench):
    sides = Sides(text("en", "York is 1"), text("zh", "北京 New York", "北京"), tiny_workbench, None)
    shown = Few().shown(sides)
    assert shown.facts == {
        "names": 3,
        "names of the type LOC": 3,
        "names of the type PER": 1,
        "longer names, left out": 1,
        "running words of the source (en) that are in a name": 0.5,
        "running words of the target (zh) that are in a name": pytest.approx(1),
    }
    assert shown.samples[0] == ("北京", "LOC", "2")
