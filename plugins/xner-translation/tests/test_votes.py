import numpy as np
import pytest

from naive_unitrans import votes
from xner.errors import UsageError
from xner.testing import RefinerContract
from xner_translation.votes import Votes


class TestVotes(RefinerContract):
    component = "votes"


class Said:
    """What teachers say of one sentence."""

    def __init__(self, **rows):
        self.rows, self.teachers = rows, tuple(rows)

    def of(self, name):
        return Said(**{name: self.rows[name]})

    def row(self, sentence):
        (row,) = self.rows.values()
        return row


def said(**teachers):
    return Said(**{name: {"probabilities": np.array(rows, np.float32)} for name, rows in teachers.items()})


def test_the_votes_are_those_of_a_naive_reading():
    draw = np.random.default_rng(0)
    teachers = [draw.dirichlet(np.full(3, 0.3), 40).tolist() for _ in range(3)]
    made = Votes().refine(0, said(a=teachers[0], b=teachers[1], c=teachers[2]))
    expected = votes(*teachers)
    assert made["votes"][:, 0].tolist() == [float(vote) for vote in expected] and 0 < sum(expected) < 40
    assert made["votes"].shape == (40, 1) and made["votes"].dtype == np.float32
    assert made["probabilities"].tolist() == np.array(teachers[0], np.float32).tolist()


def test_o_words_vote_too_and_a_teacher_alone_always_agrees():
    same, other = [[0.9, 0.1], [0.2, 0.8]], [[0.6, 0.4], [0.7, 0.3]]
    assert Votes().refine(0, said(a=same, b=other))["votes"].ravel().tolist() == [1, 0]
    assert Votes().refine(0, said(a=other))["votes"].ravel().tolist() == [1, 1]


def test_who_does_not_tag_has_no_vote():
    signals = said(b=[[0.9, 0.1]])
    silent = Said(a={"vectors": np.ones((1, 4))}, **signals.rows)
    assert Votes().refine(0, silent)["votes"].tolist() == [[1]]


def test_another_may_be_followed():
    signals = said(a=[[0.9, 0.1]], b=[[0.6, 0.4]])
    follow = Votes(Votes.Config(follow="b"))
    assert follow.refine(0, signals)["probabilities"].tolist() == pytest.approx(np.array([[0.6, 0.4]]))
    follow.check({"a": ["probabilities"], "b": ["probabilities"]})
    with pytest.raises(UsageError, match=r"^refiners\.votes\.follow = 'b': no tagger has this name; there are: a$"):
        follow.check({"a": ["probabilities"], "b": ["vectors"]})
