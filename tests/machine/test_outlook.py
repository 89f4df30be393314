import pytest

from xner.machine.outlook import _USUAL, Outlook, told_time

TEACHER, STUDENT = _USUAL["teacher"], _USUAL["student"]
TITLES = ["teacher a on en", "teacher b on en", "student on de (tags, uniform)"]


def test_before_anything_is_done_nothing_is_known():
    found = Outlook(TITLES)
    assert found.begin("teacher a on en")
    assert found.left_from("teacher a on en") is None
    assert (found.number, found.stages, found.over) == (1, 3, False)


def test_stages_to_come_take_what_is_usual_at_the_pace_of_those_until_now():
    found = Outlook(TITLES)
    found.begin(TITLES[0])
    assert found.left(TITLES[0], 30, 90) == pytest.approx(90 + 120 / TEACHER * (TEACHER + STUDENT))
    found.end(TITLES[0], 2 * TEACHER)
    found.begin(TITLES[1])
    assert found.left_from(TITLES[1]) == pytest.approx(2 * (TEACHER + STUDENT))
    twice_as_fast = found.left(TITLES[1], TEACHER / 2, TEACHER / 2)
    assert twice_as_fast == pytest.approx(TEACHER / 2 + 3 / 2 * STUDENT)
    found.end(TITLES[1], TEACHER)
    assert found.left_from() == pytest.approx(3 / 2 * STUDENT)


def test_a_stage_of_which_nothing_is_known_says_nothing_of_the_pace():
    found = Outlook(["policy of round 1", *TITLES[1:]])
    found.begin("policy of round 1")
    assert found.left("policy of round 1", 500, 100) == pytest.approx(100 + TEACHER + STUDENT)
    found.end("policy of round 1", 600)
    assert found.left_from() is None
    found.begin(TITLES[1])
    assert found.left(TITLES[1], TEACHER, TEACHER) == pytest.approx(TEACHER + 2 * STUDENT)


def test_a_title_may_come_several_times_and_others_do_not_count():
    found = Outlook(["scoring on x", "scoring on x"])
    assert [found.begin(title) for title in ("scoring on x", "other", "scoring on x", "scoring on x")] == [
        True,
        False,
        True,
        False,
    ]
    assert (found.number, found.over) == (2, True)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.4, "0 s"), (89, "89 s"), (90, "2 min"), (3500, "58 min"), (3600, "1 h 0 min"), (7800, "2 h 10 min")],
)
def test_times_for_people(seconds, said):
    assert told_time(seconds) == said
