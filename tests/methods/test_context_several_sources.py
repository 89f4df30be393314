import numpy as np
import pytest

from tests.stand_ins import FAST, SOURCE, TARGET, keys, student_of
from xner.methods.method import TransferTask
from xner.plugin.manager import Plugins
from xner.runs.components import Components
from xner.runs.config import build
from xner.teachers.combination import averaged
from xner.teachers.recognizer import Recognizer
from xner.testing import tiny_corpus

SOURCES = (SOURCE, tiny_corpus("zz", size=20))
SEVERAL = [
    "teacher recognizer on en",
    "teacher recognizer on zz",
    "language classifier of en, zz",
    "language similarity of xx to en, zz",
    "signals of recognizer (en) on xx",
    "signals of recognizer (zz) on xx",
    "student on xx (tags, uniform)",
]


def student_of_several(context, sources=SOURCES, target=TARGET):
    return context.distill(context.label(target, *(context.fit("recognizer", source) for source in sources)))


def titles(context):
    return [stage.title for stage in context.stages]


@pytest.mark.parametrize("start", ["encoder", "teacher"])
def test_the_stages_of_several_sources(make_context, start):
    dry = make_context(FAST | {"student.start": start}, dry=True)
    student = student_of_several(dry)
    assert titles(dry) == SEVERAL
    fitted, classifier, similarity, labelled = dry.stages[:2], *dry.stages[2:4], dry.stages[4:6]
    assert (classifier.inputs, similarity.inputs) == ((), (classifier,))
    assert student.inputs == (*labelled, similarity, *(fitted if start == "teacher" else ()))
    uniform = make_context(FAST | {"combination.weights": "uniform"}, dry=True)
    student_of_several(uniform)
    assert titles(uniform) == [*SEVERAL[:2], *SEVERAL[4:]]


@pytest.mark.parametrize("weights", ["uniform", "similarity", "sentence-similarity"])
def test_the_student_learns_from_the_combination(make_context, monkeypatch, weights):
    rate = {"teachers.recognizer.learning_rate": 1e-2, "teachers.recognizer.batch_size": 4}
    context, seen = make_context(FAST | rate | {"combination.weights": weights}), []
    teachers = [context.fit("recognizer", source) for source in SOURCES]
    labelled = context.label(TARGET, *teachers)
    monkeypatch.setattr(type(context.workbench), "train", lambda *given: seen.append(given[-1]))
    context.distill(labelled)
    said = []
    for fitted in teachers:
        teacher = Recognizer()
        teacher.restore(fitted.stage.folder, context.workbench)
        said.append([row["probabilities"] for row in teacher.label(TARGET)])
    shares = labelled.shares.read(len(TARGET))
    for number, (one, other) in enumerate(zip(*said, strict=True)):
        assert not np.allclose(one, other, atol=1e-4)
        expected = shares[number, 0] * one + shares[number, 1] * other
        assert np.allclose(seen[0].row(number)["probabilities"], expected, atol=1e-6)
        assert np.array_equal(seen[0].row(number)["probabilities"], averaged([one, other], shares[number]))
    assert len({tuple(row) for row in shares.tolist()}) == (len(TARGET) if weights == "sentence-similarity" else 1)


def test_each_stage_of_several_sources_alone(make_context):
    values = FAST | {"student.start": "teacher"}
    whole = make_context(values, dry=True)
    student_of_several(whole)
    for number, stage in enumerate(whole.stages):
        context = make_context(values)
        context.only = stage.key
        student_of_several(context)
        assert keys(context) == keys(whole)
        assert [found.done for found in whole.stages] == [True] * (number + 1) + [False] * (6 - number)


@pytest.mark.parametrize(
    ("change", "changed"),
    [
        ({"combination.weights": "sentence-similarity"}, [6]),
        ({"combination.rank": 8}, [2, 3, 6]),
        ({"combination.epochs": 3}, [2, 3, 6]),
        ({"teachers.recognizer.epochs": 2}, [0, 1, 4, 5, 6]),
        ({"student.epochs": 2}, [6]),
    ],
)
def test_settings_of_several_sources_change_the_keys_of_what_they_change(make_context, change, changed):
    one, two = make_context(FAST, dry=True), make_context(FAST | change, dry=True)
    student_of_several(one)
    student_of_several(two)
    found = [number for number, pair in enumerate(zip(keys(one), keys(two), strict=True)) if len(set(pair)) > 1]
    assert found == changed


def test_targets_share_the_language_classifier(make_context):
    one, two = make_context(FAST, dry=True), make_context(FAST, dry=True)
    student_of_several(one)
    student_of_several(two, target=tiny_corpus("xx", size=21).without_labels())
    assert [a == b for a, b in zip(keys(one), keys(two), strict=True)] == [True] * 3 + [False] * 4


def test_how_much_the_teachers_count_is_said(make_context, monkeypatch):
    context, said = make_context(FAST | {"combination.weights": "uniform"}), []
    monkeypatch.setattr(context.workbench.progress, "say", said.append)
    student_of_several(context)
    assert said.count("weights of the teachers: en 0.50, zz 0.50") == 1


def test_with_one_source_nothing_of_the_combination_counts(make_context):
    found = []
    for weights in ("uniform", "similarity"):
        context = make_context(FAST | {"combination.weights": weights, "combination.rank": 3}, dry=True)
        student_of_several(context, SOURCES[:1])
        found.append((keys(context), titles(context)))
    student_of(context := make_context(FAST, dry=True))
    assert found[0] == found[1] == (keys(context), titles(context))


def plan_of(make_context, method, sources):
    context = make_context(FAST, dry=True)
    script = Components(Plugins.load(), build()).create("methods", method)
    script.run(TransferTask(sources, TARGET), context)
    return keys(context)


def test_with_one_source_tsl_multi_is_tsl_and_with_several_mtmt_without_its_second_teacher(make_context):
    assert plan_of(make_context, "tsl-multi", SOURCES[:1]) == plan_of(make_context, "tsl", SOURCES[:1])
    several = plan_of(make_context, "tsl-multi", SOURCES)
    assert several == plan_of(make_context, "mtmt-no-similarity", SOURCES)
    assert len(several) == 7 and set(several) < set(plan_of(make_context, "mtmt", SOURCES)) | set(several[-1:])
    assert several != plan_of(make_context, "tsl", SOURCES)


def test_methods_for_one_source_learn_from_all_of_them(make_context):
    context = make_context(FAST, dry=True)
    script = Components(Plugins.load(), build()).create("methods", "tsl")
    script.run(TransferTask(SOURCES, TARGET), context)
    assert titles(context) == [
        "teacher recognizer on en+zz",
        "signals of recognizer on xx",
        "student on xx (tags, uniform)",
    ]
    assert plan_of(make_context, "direct", SOURCES) == keys(context)[:1]
    assert plan_of(make_context, "direct", SOURCES[::-1]) != keys(context)[:1]
    assert plan_of(make_context, "direct", SOURCES[:1]) != keys(context)[:1]
