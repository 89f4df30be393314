import pytest

from xner.plugin.manager import Plugins
from xner.runs.config import build
from xner.runs.mixing import configure
from xner.training.settings import TagSettings


def learning(student):
    return student.steps, student.learning_rate, student.head_rate


def test_a_student_that_starts_from_the_encoder_learns_as_a_teacher_does():
    teacher = learning(TagSettings())
    assert learning(build().student) == (125, 5e-5, 1) != teacher == (500, None, None)
    assert learning(build({"student.start": "teacher"}).student) == (125, 5e-5, 1)
    assert learning(build({"student.start": "encoder"}).student) == teacher
    given = build({"student.start": "encoder"}, {"student": {"steps": 9, "head_rate": 2.0}}).student
    assert learning(given) == (9, None, 2)
    assert learning(build({"student.start": "encoder"}, {"student.start": "teacher"}).student) == (125, 5e-5, 1)


def test_a_tagger_that_goes_on_learns_as_a_student_of_its_teacher_does():
    usual = build().student
    assert usual.going_on == usual
    assert build({"student.start": "encoder"}).student.going_on == usual
    given = build({"student.start": "encoder", "student.head_rate": 3, "student.tag_loss": "mse_prob"}).student
    assert given.going_on == build({"student.head_rate": 3, "student.tag_loss": "mse_prob"}).student


@pytest.mark.parametrize(("start", "steps"), [(None, 500), ("encoder", 500), ("teacher", 125)])
def test_so_it_is_where_a_method_says_so(start, steps):
    given = {} if start is None else {"student.start": start}
    config = configure(Plugins.load(), {"method": "wiki", **given})
    assert config.student.steps == steps
    assert build(config.model_dump()).student == config.student  # as it is written
