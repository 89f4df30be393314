import numpy as np
import pytest

from xner.using.suggesting import pool as module
from xner.using.suggesting.pool import look_at


class Counting:
    """A committee whose doubt is the length of a word; it disagrees on words of one letter."""

    def __init__(self):
        self.asked = []

    def worth(self, corpus):
        self.asked.append(len(corpus))
        for tokens, _ in corpus:
            yield np.array([len(token) for token in tokens], float), np.array([len(token) == 1 for token in tokens])


class Shares:
    def __init__(self):
        self.told = []

    def advance(self, share, words):
        self.told.append((share, words))


def test_every_word_is_in_its_place_and_sentences_without_words_too(monkeypatch):
    monkeypatch.setattr(module, "_CHUNK", 2)
    committee, progress = Counting(), Shares()
    found = look_at([[], ["Rome", "x"], ["in"], [], ["ROME"]], committee, progress)
    assert (len(found), committee.asked) == (5, [2, 1])
    assert [found.words_of(number) for number in range(5)] == [
        slice(0, 0),
        slice(0, 2),
        slice(2, 3),
        slice(3, 3),
        slice(3, 4),
    ]
    assert found.doubts.tolist() == [4, 1, 2, 4]
    assert found.disagreement.tolist() == [0, 1, 0, 0]
    assert found.numbers == {"rome": 0, "x": 1, "in": 2}
    assert found.forms.tolist() == [0, 1, 2, 0]
    assert progress.told == [(pytest.approx(3 / 4), 3), (1, 4)]


def test_nothing_to_look_at():
    assert len(look_at([], Counting(), Shares())) == 0
    assert len(look_at([[]], Counting(), Shares())) == 1
