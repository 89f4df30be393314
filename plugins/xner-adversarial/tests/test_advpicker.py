import numpy as np
import pytest

from xner.base import TransferTask
from xner.store.ragged import Ragged
from xner.teachers.labelled import SIGNALS
from xner.testing import MethodContract, tiny_corpus
from xner_adversarial.advpicker import AdvPicker

PARTS = ("teachers.token-adversarial", "student")
TEACHER, SAID = "teacher token-adversarial on en beside xx", "signals of token-adversarial on xx"
PICKED, STUDENT = "language-picking of the signals on xx", "student on xx (tags, uniform)"


class TestAdvPicker(MethodContract):
    component = "advpicker"

    @pytest.fixture
    def run_settings(self):
        return {f"{part}.epochs": 1 for part in PARTS}


class TestAdvPickerOfTwoTeachers(MethodContract):
    component = "advpicker"
    skip = {"test_it_runs_on_two_processes": "with one teacher it does; the second is another seed of the same"}

    @pytest.fixture
    def settings(self):
        return {"teachers": 2}

    @pytest.fixture
    def run_settings(self):
        return {f"{part}.epochs": 1 for part in PARTS}


def titles(stages):
    return [stage.title for stage in stages]


def planned(make_context, values=None, **settings):
    context = make_context(values or {}, dry=True)
    method = AdvPicker(AdvPicker.Config(**settings))
    method.run(TransferTask((tiny_corpus(),), tiny_corpus("xx").without_labels()), context)
    return context.stages


def test_the_stages_come_in_their_order(make_context):
    assert titles(planned(make_context)) == [TEACHER, SAID, PICKED, STUDENT]
    assert titles(planned(make_context, teachers=3)) == [
        TEACHER,
        f"{TEACHER}, seed 1",
        f"{TEACHER}, seed 2",
        SAID,
        SAID.replace(" on", ", seed 1, on"),
        SAID.replace(" on", ", seed 2, on"),
        "surest-teacher of the signals on xx",
        PICKED,
        STUDENT,
    ]


def test_more_teachers_begin_with_those_of_fewer(make_context):
    one, two = planned(make_context), planned(make_context, teachers=2)
    assert one[0].key == two[0].key and len({stage.key for stage in two[:2]}) == 2


def test_users_refiners_come_after_its_own(make_context):
    stages = planned(make_context, {"student.refiners": "language-picking,agreement"})
    assert titles(stages)[2:4] == [PICKED, "agreement of the signals on xx"]


def test_the_student_learns_from_what_was_picked(train):
    run = train("advpicker", PARTS, {"refiners.language-picking.keep": 0.5}, batch_size=32, learning_rate=5e-3)
    *_, picked, student = run.stages
    assert picked in student.inputs
    weights = Ragged(picked.folder / SIGNALS)
    kept = sum(bool(weights.row(number)["weight"].all()) for number in range(len(weights)))
    assert kept == len(weights) // 2
    assert run.metrics is not None and run.metrics.sentences == 60


def test_the_surest_teacher_is_picked_before_the_sentences(train):
    run = train("advpicker", PARTS, {"methods.advpicker.teachers": 2}, batch_size=32, learning_rate=5e-3)
    *_, one, other, surest, picked, _ = run.stages
    files = [Ragged(stage.folder / SIGNALS) for stage in (one, other, surest)]
    chosen = set()
    for number in range(len(files[0])):
        a, b, refined = (file.row(number)["probabilities"] for file in files)
        chosen.add(first := bool(a.max(-1).mean(dtype=float) >= b.max(-1).mean(dtype=float)))
        assert np.array_equal(refined, a if first else b)
    assert surest in picked.inputs
