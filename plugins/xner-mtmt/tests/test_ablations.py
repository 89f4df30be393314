from typing import NamedTuple

import pytest

from xner.errors import UsageError
from xner.methods.method import TransferTask
from xner.plugin.manager import Plugins
from xner.runs.components import Components
from xner.runs.config import build
from xner.store.stages import Stage
from xner.testing import MethodContract, tiny_corpus


class TestMTST(MethodContract):
    component = "mtst"
    skip = {"test_it_runs_on_two_processes": "the script is that of mtmt, and only its parts are others"}


class TestNoWeighting(MethodContract):
    component = "mtmt-no-weighting"
    skip = {"test_it_runs_on_two_processes": "the script is that of mtmt, and only its parts are others"}


class TestNoSimilarity(MethodContract):
    component = "mtmt-no-similarity"
    skip = {"test_it_runs_on_two_processes": "the script is that of mtmt, and only its parts are others"}


TARGET = tiny_corpus("xx").without_labels()
TASK = TransferTask((tiny_corpus(),), TARGET)


class Fitted(NamedTuple):
    """What is known of a fitted teacher."""

    name: str
    stage: Stage


class Script:
    """A context that writes down what a method asks for."""

    def __init__(self):
        self.asked = []

    def fit(self, teacher, source, start=None):
        self.asked.append(("fit", teacher, source.language, *([start.title] if start else [])))
        return Fitted(teacher, Stage(f"{teacher} on {source.language}", "", None))

    def label(self, target, *teachers):
        self.asked.append(("label", target.language, *(teacher.name for teacher in teachers)))
        return "labelled"

    def distill(self, labelled, tasks=(), weighting="uniform"):
        self.asked.append(("distill", labelled, tuple(tasks), weighting))
        return Stage("student", "", None)


def asked(method, task=TASK, **settings):
    script = Script()
    config = build({f"methods.{method}.{name}": value for name, value in settings.items()})
    result = Components(Plugins.load(), config).create("methods", method).run(task, script)
    assert result.title == "student"
    return script.asked


@pytest.mark.parametrize(
    ("method", "teachers", "tasks", "weighting"),
    [
        ("mtmt", ("recognizer", "similarity"), ("similarity",), "uniform"),
        ("mtmt-joint", ("joint", "recognizer"), ("similarity",), "reliability"),
        ("mtst", ("joint",), ("similarity",), "reliability"),
        ("mtmt-no-weighting", ("recognizer", "similarity"), ("similarity",), "unweighted"),
        ("mtmt-no-similarity", ("recognizer",), (), "uniform"),
    ],
)
def test_what_each_is_made_of(method, teachers, tasks, weighting):
    assert asked(method) == [
        *(("fit", teacher, "en") for teacher in teachers),
        ("label", "xx", *teachers),
        ("distill", "labelled", tasks, weighting),
    ]


@pytest.mark.parametrize(
    ("method", "teachers"),
    [("mtmt", ("recognizer", "similarity")), ("mtst", ("joint",)), ("mtmt-no-similarity", ("recognizer",))],
)
def test_each_source_has_teachers_of_its_own(method, teachers):
    task = TransferTask((tiny_corpus("en"), tiny_corpus("zz")), TARGET)
    fits = [("fit", teacher, language) for teacher in teachers for language in ("en", "zz")]
    assert asked(method, task)[:-1] == [*fits, ("label", "xx", *(teacher for _, teacher, _ in fits))]


def test_the_parts_can_be_changed():
    got = asked("mtmt", teachers=["recognizer", "mine"], tasks=["similarity", "other"], weighting="mine")
    assert got[1:] == [
        ("fit", "mine", "en"),
        ("label", "xx", "recognizer", "mine"),
        ("distill", "labelled", ("similarity", "other"), "mine"),
    ]


def test_chained_teachers_go_on_from_the_first_one_of_their_source():
    task = TransferTask((tiny_corpus("en"), tiny_corpus("zz")), TARGET)
    got = asked("mtmt", task, teachers=["recognizer", "similarity", "joint"], chained=True)
    firsts = [("fit", "recognizer", language) for language in ("en", "zz")]
    others = [("fit", name, on, f"recognizer on {on}") for name in ("similarity", "joint") for on in ("en", "zz")]
    assert got[:-2] == [*firsts, *others]


def test_without_a_teacher_it_is_refused():
    with pytest.raises(UsageError, match="teachers"):
        asked("mtmt", teachers=[])


@pytest.mark.parametrize("method", ["mtst", "mtmt-no-weighting", "mtmt-no-similarity"])
def test_end_to_end(train, method):
    run = train(method, ("teachers.recognizer", "teachers.similarity", "teachers.joint", "student"), batch_size=32)
    assert (run.folder / "student" / "model.safetensors").is_file()
    assert run.metrics is not None and run.metrics.sentences == 60
    assert run.stages[-1].done
