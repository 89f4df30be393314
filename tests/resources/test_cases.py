import random
from collections import Counter

import pytest

from xner.resources.cases import as_source, as_target, forms_of


@pytest.mark.parametrize(
    ("word", "translation", "expected"),
    [
        ("house", "Haus", "haus"),
        ("House", "haus", "Haus"),
        ("HOUSE", "Haus", "HAUS"),
        ("I", "ich", "Ich"),  # a single letter is no word in capitals
        ("iPod", "Gerät", "gerät"),
        ("Go", "", ""),
    ],
)
def test_as_in_the_source(word, translation, expected):
    assert as_source(translation, word) == expected


def test_forms_are_counted_by_the_word_in_small_letters():
    assert forms_of(["Die", "die", "die", "EU"]) == {"die": {"Die": 1, "die": 2}, "eu": {"EU": 1}}


def test_as_in_the_target_by_how_often_it_is_written_so():
    forms, draw = forms_of(["Die"] * 3 + ["die"] * 6 + ["DIE"]), random.Random(0)
    found = Counter(as_target("die", "The", forms, draw) for _ in range(2000))
    assert {form: round(found[form] / 2000, 1) for form in found} == {"Die": 0.3, "die": 0.6, "DIE": 0.1}
    assert as_target("haus", "House", forms, draw) == "Haus"  # it does not stand there
