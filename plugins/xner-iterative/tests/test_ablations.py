import pytest

from xner.testing import MethodContract
from xner_iterative.ablations import NoIteration
from xner_iterative.rikd import RIKD

POLICY = {"bag": 1, "judges": 8, "warm_up": 5}
QUICK = {"teachers.recognizer.epochs": 1, "student.epochs": 1, "student.batch_size": 8}


class Quick(MethodContract):
    """Tests of methods whose trainings are short."""

    @pytest.fixture
    def run_settings(self):
        return QUICK


class TestNoIteration(Quick):
    component = "rikd-no-iteration"
    skip = {"test_it_runs_on_two_processes": "the script is that of rikd, with one round"}

    @pytest.fixture
    def settings(self):
        return POLICY


class TestConfidence(Quick):
    component = "rikd-confidence"

    @pytest.fixture
    def settings(self):
        return {"rounds": 2}


class TestRandom(Quick):
    component = "rikd-random"

    @pytest.fixture
    def settings(self):
        return {"rounds": 2}


@pytest.mark.parametrize(("method", "refiner"), [("confidence", "most-confident"), ("random", "random-share")])
def test_a_control_picks_by_its_refiner_in_each_round(train, method, refiner):
    run = train(f"rikd-{method}", more={f"methods.rikd-{method}.rounds": 2}, batch_size=16)
    picks = f"{refiner} of the signals on xx"
    assert [stage.title for stage in run.stages] == [
        "teacher recognizer on en",
        "signals of recognizer on xx",
        picks,
        "student 1 on xx (tags, uniform)",
        "signals of student 1 on xx",
        picks,
        "student 2 on xx (tags, uniform)",
    ]
    assert run.metrics.sentences == 60


def test_the_ablation_is_one_round_of_the_same():
    assert NoIteration().config.rounds == 1
    assert NoIteration().config.model_dump(exclude={"rounds"}) == RIKD().config.model_dump(exclude={"rounds"})
