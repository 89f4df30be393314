"""What a student is distilled with: the parts that a run mixes in, the signals they need, and its start."""

import pytest
import torch

from tests.stand_ins import FAST, SOURCE, TARGET, Mute, Needy, student_of, with_part
from xner.errors import UsageError, XnerError
from xner.store.stages import TAGGER
from xner.tagging.tagger import Tagger


def test_tasks_and_weighting_change_the_students_key(make_context):
    found = set()
    for coefficient, tasks, weighting in [
        (1, (), "uniform"),
        (1, ("similarity",), "uniform"),
        (2, ("similarity",), "uniform"),
        (1, ("similarity",), "reliability"),
    ]:
        context = make_context({**FAST, "auxiliary_tasks.similarity.coefficient": coefficient}, dry=True)
        teachers = [context.fit(name, SOURCE) for name in ("recognizer", "similarity")]
        found.add(context.distill(context.label(TARGET, *teachers), tasks, weighting).key)
    assert len(found) == 4


def with_parts(make_context, tasks=(), weighting=None, own=((), "uniform")):
    """Distils, by a method with two teachers and parts of its own, with these settings of the student."""
    context = make_context({**FAST, "student.tasks": tasks, "student.weighting": weighting}, dry=True)
    with_part(context, "auxiliary_tasks", "needy", Needy())
    teachers = [context.fit(name, SOURCE) for name in ("recognizer", "similarity")]
    assert not context.distilled
    stage = context.distill(context.label(TARGET, *teachers), *own)
    assert context.distilled
    return stage


@pytest.mark.parametrize(
    ("tasks", "weighting", "own", "title"),
    [
        ((), None, ((), "uniform"), "student on xx (tags, uniform)"),
        (("needy",), None, ((), "uniform"), "student on xx (tags + needy, uniform)"),
        (("needy",), None, (["similarity"], "reliability"), "student on xx (tags + similarity + needy, reliability)"),
        ((), "unweighted", (["similarity"], "reliability"), "student on xx (tags + similarity, unweighted)"),
        (
            ("needy", "similarity", "needy"),
            None,
            (("similarity",), "uniform"),
            "student on xx (tags + similarity + needy, uniform)",
        ),
    ],
)
def test_the_runs_tasks_are_added_to_the_methods_and_its_weighting_replaces(make_context, tasks, weighting, own, title):
    assert with_parts(make_context, tasks, weighting, own).title == title


def test_who_asked_for_the_parts_makes_no_other_student(make_context):
    own = with_parts(make_context, own=(("needy",), "reliability"))
    assert with_parts(make_context, ("needy",), "reliability").key == own.key
    assert with_parts(make_context, ("needy",), None, (("needy",), "reliability")).key == own.key
    assert with_parts(make_context, ("needy",)).key != own.key


@pytest.mark.parametrize(
    ("tasks", "weighting", "said"),
    [
        (
            ["needy"],
            "uniform",
            "the task 'needy' needs the signal 'vectors', but the teachers give only: probabilities",
        ),
        ([], "reliability", "the weighting 'reliability' needs the signal 'vectors'"),
    ],
)
@pytest.mark.parametrize("dry", [True, False])
def test_a_signal_that_nobody_gives(make_context, tasks, weighting, said, dry):
    context = with_part(make_context(FAST, dry), "auxiliary_tasks", "needy", Needy())
    with pytest.raises(UsageError, match=said):
        student_of(context, tasks, weighting)
    assert len(context.stages) == 2


def test_the_tag_loss_needs_a_tagger(make_context):
    context = make_context(FAST, dry=True)
    labelled = context.label(TARGET, context.fit("similarity", SOURCE))
    with pytest.raises(UsageError, match="'probabilities', but the teachers give only: vectors"):
        context.distill(labelled)
    with pytest.raises(UsageError, match="but the teachers give only: none"):
        context.distill(context.label(TARGET))


def test_the_student_starts_from_the_teacher(make_context):
    slow = {"student.learning_rate": 1e-12, "student.weight_decay": 0, "teachers.recognizer.epochs": 5}
    context = make_context({**FAST, **slow, "student.start": "teacher", "teachers.recognizer.learning_rate": 1e-2})
    fitted = context.fit("recognizer", SOURCE)
    student = context.distill(context.label(TARGET, fitted))
    from_encoder = student_of(make_context({**FAST, **slow}))
    teacher, one, two = (
        Tagger.load(stage.folder / TAGGER).model.classifier.weight for stage in (fitted.stage, student, from_encoder)
    )
    assert torch.allclose(teacher, one, atol=1e-6)
    assert not torch.allclose(teacher, two, atol=1e-3)


def test_no_teacher_to_start_from(make_context):
    context = with_part(make_context({**FAST, "student.start": "teacher"}), "teachers", "mute", Mute())
    with pytest.raises(UsageError, match=r"no teacher of this method is a tagger; set student\.start = encoder"):
        context.distill(context.label(TARGET, context.fit("mute", SOURCE)))


def test_a_teacher_that_is_no_tagger(make_context):
    context = with_part(make_context(FAST), "teachers", "mute", Mute())
    assert context.distill(context.label(TARGET, context.fit("mute", SOURCE))).done


def test_a_part_that_does_not_say_what_it_must_is_told_before_anything_is_computed(make_context, monkeypatch):
    monkeypatch.setattr(Needy, "needs", "vectors")
    with pytest.raises(XnerError, match=r"Needy: its needs are 'vectors'; expected a tuple of names of signals$"):
        with_parts(make_context, ("needy",))


def test_a_teacher_whose_signals_do_not_fit_is_named(make_context, monkeypatch):
    context = make_context(FAST)
    with_part(context, "teachers", "mute", Mute())
    monkeypatch.setattr(Mute, "label", lambda self, target: iter(()))
    message = r"^the teacher 'mute' gives 0 rows for 20 sentences of tiny xx/train$"
    with pytest.raises(XnerError, match=message):
        context.label(TARGET, context.fit("mute", SOURCE))
