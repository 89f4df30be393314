from math import ceil

import numpy as np
import pytest

from xner.errors import UsageError
from xner.testing import RefinerContract, tiny_corpus
from xner_iterative.shares import MostConfident, RandomShare, highest

LENGTHS = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3]


class TestMostConfident(RefinerContract):
    component = "most-confident"


class TestRandomShare(RefinerContract):
    component = "random-share"


class TestOneSentenceOfTwo(RefinerContract):
    component = "random-share"

    @pytest.fixture
    def settings(self):
        return {"share": 0.5}


def chosen(refiner, signals):
    refiner.prepare(tiny_corpus("xx", size=len(signals)), signals)
    rows = [refiner.refine(number, signals) for number in range(len(signals))]
    assert all(row.keys() == {"weight"} and set(row["weight"].ravel()) in ({0.0}, {1.0}) for row in rows)
    assert [row["weight"].shape for row in rows] == [(length, 1) for length in LENGTHS]
    return [number for number, row in enumerate(rows) if row["weight"].all()]


def made(kind, share):
    return kind(kind.Config(share=share))


@pytest.mark.parametrize("share", [0.05, 0.3, 0.8, 1])
def test_it_keeps_the_sentences_that_the_teachers_are_surest_of(heard, drawn, share):
    rows = drawn(LENGTHS)
    means = []
    for sentence in rows:
        means.append(sum(max(float(p) for p in word) for word in sentence) / len(sentence))
    best = sorted(range(len(rows)), key=lambda number: -means[number])[: ceil(share * len(rows))]
    assert chosen(made(MostConfident, share), heard(rows)) == sorted(best)


def test_of_equals_the_first_are_kept(heard):
    rows = [np.full((length, 7), 1 / 7) for length in LENGTHS]
    assert chosen(made(MostConfident, 0.4), heard(rows)) == [0, 1, 2, 3]
    assert highest(np.array([1.0, 2, 1, 2, 0]), 3).tolist() == [True, True, False, True, False]
    assert highest(np.zeros(100), 30).tolist() == [True] * 30 + [False] * 70


def test_a_share_is_rounded_up_once_and_not_for_its_binary_digits(heard, drawn):
    rows = drawn(LENGTHS)
    for share, number in ((0.7, 7), (0.1, 1), (0.11, 2), (0.29999999999999999, 3)):
        assert len(chosen(made(RandomShare, share), heard(rows))) == number


def test_chance_is_of_the_seed_and_the_teacher(heard, drawn):
    rows = drawn(LENGTHS)

    def of(name="recognizer", seed=0):
        return chosen(made(RandomShare, 0.5), heard(rows, name, seed))

    assert of() == of() and len(of()) == 5
    assert of() != of(seed=1)  # another run
    assert of() != of("student 1") != of("student 2")  # another round


def test_chance_knows_nothing_of_what_is_said(heard, drawn):
    assert chosen(made(RandomShare, 0.5), heard(drawn(LENGTHS))) == chosen(
        made(RandomShare, 0.5), heard(drawn(LENGTHS, seed=5), seed=0)
    )


@pytest.mark.parametrize("name", ["most-confident", "random-share"])
@pytest.mark.parametrize("share", [0, 1.5])
def test_a_share_that_is_none_is_told_before_anything_is_trained(train, name, share):
    with pytest.raises(UsageError, match="share"):
        train("tsl", more={"student.refiners": name, f"refiners.{name}.share": share})


def test_it_can_be_mixed_into_any_method(train):
    run = train("tsl+most-confident", more={"refiners.most-confident.share": 0.5})
    assert [stage.title for stage in run.stages][-2] == "most-confident of the signals on xx"
    assert run.metrics.sentences == 60
