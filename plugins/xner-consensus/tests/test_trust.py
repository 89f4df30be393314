import pytest

from xner_consensus.trust import agreement

ONE = "B-PER I-PER O", "B-LOC O"
OTHER = "B-PER O O", "B-LOC B-PER"
THIRD = "B-PER I-PER O", "O O"


def test_it_is_the_f1_of_one_teachers_entities_against_the_others(heard, sure):
    said = heard(("one", sure(*ONE)), ("other", sure(*OTHER)))
    assert agreement(said) == pytest.approx(2 * 1 / (2 + 3))


def test_of_several_pairs_it_is_the_mean(heard, sure):
    said = heard(("one", sure(*ONE)), ("other", sure(*OTHER)), ("third", sure(*THIRD)))
    assert agreement(said) == pytest.approx((2 * 1 / 5 + 2 * 1 / 3 + 0) / 3)


def test_an_entity_counts_once_in_its_sentence(heard, sure):
    assert agreement(heard(("one", sure("B-PER", "O")), ("other", sure("O", "B-PER")))) == 0


def test_teachers_that_find_nothing_do_not_agree(heard, sure):
    assert agreement(heard(("one", sure("O O")), ("other", sure("O O")))) == 0


def test_tags_are_legal_before_they_are_compared(heard, sure):
    (rows,) = sure("B-LOC O I-PER")
    rows[2] = [0.3, 0.05, 0.05, 0.1, 0.5]  # not after O
    assert agreement(heard(("one", [rows]), ("other", sure("B-LOC O O")))) == 1


def test_teachers_of_one_name_are_compared_if_there_is_no_other(heard, sure):
    said = heard(("one", sure(*ONE)), ("one", sure(*OTHER)), ("mute", None))
    assert agreement(said) == pytest.approx(2 / 5)


def test_teachers_of_one_name_are_one_beside_another(heard, sure):
    said = heard(("one", sure(*ONE)), ("one", sure(*ONE)), ("other", sure(*OTHER)))
    assert agreement(said) == pytest.approx(2 / 5)


def test_one_teacher_agrees_with_nobody(heard, sure):
    assert agreement(heard(("one", sure(*ONE)), ("mute", None))) is None
