import pytest

from xner.testing import MethodContract


class TestTSLIterative(MethodContract):
    component = "tsl-iterative"

    @pytest.fixture
    def settings(self):
        return {"rounds": 2}


def rounds(number):
    return {"methods.tsl-iterative.rounds": number}


def test_each_student_teaches_the_next(train):
    run = train("tsl-iterative", more=rounds(2), batch_size=16, learning_rate=5e-3)
    titles = [stage.title for stage in run.stages]
    assert titles == [
        "teacher recognizer on en",
        "signals of recognizer on xx",
        "student 1 on xx (tags, uniform)",
        "signals of student 1 on xx",
        "student 2 on xx (tags, uniform)",
    ]
    first, labelled, second = run.stages[2:]
    assert labelled.inputs == (first,) and second.inputs == (labelled, first)  # it starts from that student, too
    assert first.key != second.key and run.metrics.sentences == 60


def test_the_first_round_is_tsl_and_each_adds_to_the_one_before(train):
    plain, one, two = train("tsl"), train("tsl-iterative", more=rounds(1)), train("tsl-iterative", more=rounds(2))
    keys = [[stage.key for stage in run.stages] for run in (plain, one, two)]
    assert keys[0] == keys[1] == keys[2][:3] and len(keys[2]) == 5
    assert plain.metrics == one.metrics
