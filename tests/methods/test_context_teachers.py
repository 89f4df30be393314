"""Teachers with other seeds, that read the target, that go on from others, and that were students."""

import weakref
from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.stand_ins import FAST, SOURCE, TARGET, Mute, keys, with_part
from xner.errors import DataError, UsageError
from xner.store.stages import TAGGER
from xner.tagging.tagger import Tagger
from xner.teachers.recognizer import Recognizer
from xner.testing import tiny_corpus

SLOW = {"teachers.recognizer.learning_rate": 1e-12, "teachers.recognizer.weight_decay": 0}


def head(stage):
    return Tagger.load(stage.folder / TAGGER).model.classifier.weight


def test_other_seeds_are_other_teachers_of_one_name(make_context):
    context = make_context(FAST)
    teachers = [context.fit("recognizer", SOURCE, seed=seed) for seed in range(3)]
    labelled = context.label(TARGET, *teachers)
    assert [stage.title for stage in context.stages] == [
        "teacher recognizer on en",
        "teacher recognizer on en, seed 1",
        "teacher recognizer on en, seed 2",
        "signals of recognizer on xx",
        "signals of recognizer, seed 1, on xx",
        "signals of recognizer, seed 2, on xx",
    ]
    assert len({*keys(context)}) == 6 and labelled.shares is None
    assert not torch.equal(head(teachers[0].stage), head(teachers[1].stage))
    said = [labelled.signals().of("recognizer").row(0)["probabilities"]]
    for teacher in teachers:
        teacher.component.restore(teacher.stage.folder, context.workbench)
        said.append(next(iter(teacher.component.label(TARGET)))["probabilities"])
    assert np.allclose(said[0], sum(said[1:]) / 3, atol=1e-6)


def test_a_seed_beside_the_runs_is_that_of_a_run_with_it(make_context, tiny_workbench):
    one = make_context(FAST, dry=True).fit("recognizer", SOURCE, seed=4)
    other = make_context(FAST, dry=True, workbench=replace(tiny_workbench, seed=4)).fit("recognizer", SOURCE)
    assert one.stage.key == other.stage.key
    last = make_context(FAST, dry=True, workbench=replace(tiny_workbench, seed=2**32 - 1))
    assert last.fit("recognizer", SOURCE, seed=1).seed == 0


class Drawing(Mute):
    """Learns by drawing a number."""

    def fit(self, source, workbench):
        self.drawn.append(torch.rand(1).item())


def test_what_a_teacher_with_another_seed_draws_is_what_a_run_with_it_draws(make_context, tiny_workbench, tmp_path):
    drawn = []
    for seed, more in ((0, 4), (4, 0), (0, 0)):
        context = make_context(FAST, workbench=replace(tiny_workbench, seed=seed))
        context.store = replace(context.store, root=tmp_path / f"{seed}+{more}")
        with_part(context, "teachers", "drawing", drawing := Drawing())
        drawing.drawn = drawn
        context.fit("drawing", SOURCE, seed=more)
    assert drawn[0] == drawn[1] != drawn[2]


def test_a_teacher_goes_on_from_a_stage(make_context):
    context = make_context({**FAST, **SLOW})
    first = context.fit("recognizer", SOURCE, seed=1)
    onward, fresh = context.fit("recognizer", SOURCE, start=first.stage), context.fit("recognizer", SOURCE)
    assert onward.stage.inputs == (first.stage,) and onward.stage.key != fresh.stage.key
    assert torch.allclose(head(onward.stage), head(first.stage), atol=1e-6)
    assert not torch.allclose(head(onward.stage), head(fresh.stage), atol=1e-3)


def test_a_start_that_holds_no_tagger(make_context):
    context = with_part(make_context(FAST), "teachers", "mute", Mute())
    mute = context.fit("mute", SOURCE)
    with pytest.raises(DataError, match="there is no tagger here"):
        context.fit("recognizer", SOURCE, start=mute.stage)


class Reader(Mute):
    """Reads the target's text while it learns."""

    reads_target = True

    def fit(self, source, workbench):
        self.seen[:] = workbench.target


def test_a_teacher_reads_the_targets_text_and_nothing_of_its_tags(make_context):
    context, reader = make_context(FAST), Reader()
    reader.seen = []
    with_part(context, "teachers", "reader", reader)
    labelled = tiny_corpus("xx", size=20)
    one = context.fit("reader", SOURCE, target=labelled)
    assert [sentence.tokens for sentence in reader.seen] == [sentence.tokens for sentence in labelled]
    assert {sentence.tags for sentence in reader.seen} == {None}
    assert one.stage.key == context.fit("reader", SOURCE, target=TARGET).stage.key
    other = context.fit("reader", SOURCE, target=tiny_corpus("xx", size=9))
    assert other.stage.key != one.stage.key


@pytest.mark.parametrize(
    ("kind", "target", "message"),
    [
        (Reader, None, "the teacher 'odd' must be given it: target="),
        (Mute, TARGET, "the teacher 'odd' does not read it: leave out target="),
    ],
)
def test_who_reads_the_target_must_be_given_it_and_nobody_else(make_context, kind, target, message):
    context = with_part(make_context(FAST, dry=True), "teachers", "odd", kind())
    with pytest.raises(UsageError, match=message):
        context.fit("odd", SOURCE, target=target)


def test_a_student_is_asked_as_a_teacher(make_context):
    context = make_context(FAST)
    student = context.distill(context.label(TARGET, context.fit("recognizer", SOURCE)))
    teacher = context.tagger(student)
    labelled = context.label(TARGET, teacher)
    assert context.stages[-1].title == "signals of student on xx" and labelled.columns == ("probabilities",)
    recognizer = Recognizer()
    recognizer.restore(student.folder, context.workbench)
    for number, row in enumerate(recognizer.label(TARGET)):
        assert np.array_equal(labelled.signals().row(number)["probabilities"], row["probabilities"])
    again = context.distill(labelled)
    assert again.key != student.key and again.done


def test_no_stage_leaves_a_model_in_memory(make_context, monkeypatch):
    models, made = [], Tagger.__post_init__

    def noted(tagger):
        made(tagger)
        models.append(weakref.ref(tagger.model))

    monkeypatch.setattr(Tagger, "__post_init__", noted)
    context = make_context(FAST)
    alive = [[model() for model in models if model() is not None]]
    teacher = context.fit("recognizer", SOURCE)
    alive.append([model() for model in models if model() is not None])
    labelled = context.label(TARGET, teacher)
    alive.append([model() for model in models if model() is not None])
    context.distill(labelled)
    alive.append([model() for model in models if model() is not None])
    assert len(models) == 3 and alive == [[], [], [], []]
