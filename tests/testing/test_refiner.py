import pytest

SOURCE = """
import numpy as np

from xner.base import Refiner


class Sound(Refiner):
    readers_of = {"recognizer": "similarity"}

    def readers(self, teachers):
        assert all("probabilities" in given for given in teachers.values())
        return self.readers_of

    def refine(self, sentence, signals):
        rows = signals.row(sentence)["probabilities"]
        return {"probabilities": rows, **self.more(rows)}

    def more(self, rows):
        return {}


class Hears(Sound):
    def prepare(self, target, signals):
        vectors = [signals.of("similarity").row(number)["vectors"] for number in range(len(target))]
        assert [len(rows) for rows in vectors] == [len(sentence.tokens) for sentence in target]


class OfAStranger(Sound):
    readers_of = {"nobody": "similarity"}


class Negative(Sound):
    provides = ("probabilities", "weight")

    def more(self, rows):
        return {"weight": -rows[:, :1]}
"""
BROKEN = {
    "Sound": {},
    "Hears": {},
    "OfAStranger": {"test_it_takes_these_teachers": "it lets the taggers of others be read: ['nobody']"},
    "Negative": {"test_weights_count_words": "`weight` is negative"},
}


@pytest.fixture(scope="module")
def failed(failures):
    return failures("refiners", "RefinerContract", SOURCE, BROKEN)


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_one_fails_where_it_is_broken(failed, name):
    assert failed[name].keys() == BROKEN[name].keys()
    for test, message in BROKEN[name].items():
        assert message in failed[name][test]
