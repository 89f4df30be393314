import pytest

from xner.testing import MethodContract

SOURCE = """
from itertools import count

import torch
from safetensors.torch import load_file, save_file

from xner.machine import processes
from xner.base import TAGGER, Method

COUNTER = count(1)


class Sound(Method):
    def run(self, task, context):
        return context.fit("recognizer", task.source).stage


class First(Method):
    def run(self, task, context):
        first = context.fit("recognizer", task.source).stage
        context.fit("recognizer", task.source.part(0, 8))
        return first


class Eager(Sound):
    def run(self, task, context):
        stage = super().run(task, context)
        stage.folder.mkdir(parents=True, exist_ok=True)
        return stage


class OtherPlan(Method):
    def run(self, task, context):
        return context.fit("recognizer", task.source.part(0, 8) if context.dry else task.source).stage


class SignalsAlone(Method):
    def run(self, task, context):
        return context.label(task.target, context.fit("recognizer", task.source)).stages[0]


class Noisy(Method):
    def run(self, task, context):
        stage = context.fit("recognizer", task.source.part(0, 12)).stage  # a stage that no other here has
        if stage.done:
            file = stage.folder / TAGGER / "model.safetensors"
            weights = {name: weight + next(COUNTER) / 1e3 for name, weight in load_file(file).items()}
            save_file(weights, file, {"format": "pt"})
        return stage


class OneSource(Method):
    def run(self, task, context):
        return context.fit("recognizer", task.sources[0]).stage


class OldPreset(Sound):
    presets = {"paper": {"student.epoch": 1}}


class Alone(Method):
    def run(self, task, context):
        stages = [context.fit("recognizer", task.source.part(0, size)).stage for size in (8, 16)]
        return stages[-1 - processes.state().process_index]
"""
DRY, AGAIN = "test_a_dry_run_names_all_stages_and_does_none", "test_what_is_done_is_not_done_again"
SAME = "test_the_same_seed_gives_the_same_student"
BROKEN = {
    "Sound": {},
    "First": {DRY: "the stage that it returns is not the last one that it asks for"},
    "Eager": {DRY: "a dry run did something"},
    "OtherPlan": {
        DRY: "it asks for other stages in a dry run than in a real one",
        AGAIN: "it asks for other stages the next time",
    },
    "SignalsAlone": {"test_its_last_stage_is_a_tagger": "there is no tagger here", SAME: ""},
    "Noisy": {SAME: "its student is another one the next time"},
    "OneSource": {"test_it_takes_several_sources": "it learns from the first source language alone"},
    "OldPreset": {"test_its_presets_are_settings_that_exist": "there is no setting 'student.epoch'"},
    "Alone": {"test_it_runs_on_two_processes": "two processes of one run end with two students"},
}


@pytest.fixture(scope="module")
def failed(failures):
    return failures("methods", "MethodContract", SOURCE, BROKEN, ("Sound", "Alone"))


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_one_fails_where_it_is_broken(failed, name):
    assert failed[name].keys() == BROKEN[name].keys()
    for test, message in BROKEN[name].items():
        assert message in failed[name][test]


def test_every_test_of_the_contract_can_fail():
    tests = {name for name in vars(MethodContract) if name.startswith("test_")}
    assert tests == {test for tests in BROKEN.values() for test in tests}
