import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from xner.comparing.cells import Request, run
from xner.errors import XnerError
from xner.machine.progress import Progress
from xner.plugin.manager import Plugins
from xner.runs import run as runs
from xner.runs.config import build
from xner.runs.mixing import configure
from xner.runs.run import default_folder
from xner.teachers.recognizer import GoldTags
from xner.testing import tiny_corpus
from xner.testing.progresses import KilledError
from xner.training import loop as training
from xner.training import trackers
from xner.training.settings import TrainingSettings
from xner.training.trackers import Trackers

TEACHER = "teacher recognizer on en"
STUDENT = "student on xx (tags, uniform)"


class Killed(Progress):
    """Dies when most is done, as a process does, long after the last checkpoint."""

    def advance(self, share, words):
        training._CHECKPOINT_SECONDS = 0 if share < 0.2 else 1000
        if share > 0.8:
            raise KilledError


@pytest.fixture
def values(encoder_folder, data_folder):
    return {
        "method": "tsl",
        "report_to": "tensorboard",
        "target.language": "xx",
        "source.dataset": str(data_folder),
        "target.dataset": str(data_folder),
        "encoder": str(encoder_folder),
        "student.epochs": 1,
        "student.batch_size": 2,
        "teachers.recognizer.epochs": 2,
    }


@pytest.fixture
def train(values, tmp_path):
    """Trains a run with other settings than the usual ones into a folder of that name."""

    def call(name, changed):
        plugins = Plugins.load()
        return runs.train(configure(plugins, values | changed), plugins, tmp_path / name, Progress(quiet=True))

    return call


def curves(folder):
    """The values of each curve that TensorBoard shows for a folder, by step."""
    events = EventAccumulator(str(folder)).Reload()
    return {name: {event.step: event.value for event in events.Scalars(name)} for name in events.Tags()["scalars"]}


def trainings(folder):
    return {file.parent.relative_to(folder).as_posix() for file in folder.rglob("events.out.tfevents.*")}


def test_every_training_of_a_run_has_its_curves_beside_the_run_folder(train, tmp_path):
    run = train("one", {"checkpoint": "source-dev"})
    assert trainings(tmp_path / "tensorboard") == {f"one/{TEACHER}", f"one/{STUDENT}"}
    student = curves(tmp_path / "tensorboard" / "one" / STUDENT)
    losses = list(student["train/loss"].values())
    assert len(losses) > 2 and all(loss > 0 for loss in losses)
    assert student["train/learning_rate"].keys() == student["train/loss"].keys()
    teacher = curves(tmp_path / "tensorboard" / "one" / TEACHER)
    assert len(teacher["eval/score"]) == 2  # epochs
    assert run.stages[0].done


def test_no_stage_hangs_on_who_follows_it(train, tmp_path):
    followed, alone = train("one", {}), train("two", {"report_to": []})
    assert [stage.key for stage in followed.stages] == [stage.key for stage in alone.stages]
    assert trainings(tmp_path / "tensorboard") == {f"one/{TEACHER}", f"one/{STUDENT}"}


def test_a_cell_has_the_curves_of_the_trainings_that_were_done_for_it(values, tmp_path):
    wanted = [build(values, {"method": method}) for method in ("direct", "tsl")]
    requests = [Request(config, tmp_path / "all" / default_folder(config).name) for config in wanted]
    assert all(cell.metrics for cell in run(requests, Plugins.load(), Progress(quiet=True), 1))
    found = trainings(tmp_path / "all" / "tensorboard")
    assert found == {f"direct-en-xx-s0/{TEACHER}", f"tsl-en-xx-s0/{STUDENT}"}


def test_a_training_that_was_killed_goes_on_in_the_same_curves(tiny_workbench, tmp_path, monkeypatch):
    monkeypatch.setattr(training, "_CHECKPOINT_SECONDS", 0)  # Killed sets it, too; this sets it back
    for progress in (Killed(quiet=True), Progress(quiet=True)):
        workbench = replace(tiny_workbench, progress=progress, trackers=Trackers(("tensorboard",), tmp_path / "run"))
        tagger = workbench.new_tagger()
        with suppress(KilledError), progress.stage("training"):
            workbench.train(tagger, GoldTags(tagger), tiny_corpus(size=60), TrainingSettings(epochs=2, batch_size=2))
    events = EventAccumulator(str(tmp_path / "tensorboard" / "run" / "training")).Reload()
    assert [event.step for event in events.Scalars("train/loss")] == [10, 20, 30, 40, 50, 60]  # none twice


def test_an_unknown_tracker_fails_before_anything_is_computed(xner):
    code, _, err = xner("train", "--set", "report_to=tensorboad", "--dry-run")
    assert code == 2
    assert "report_to = tensorboad: there is no such tracker. Did you mean 'tensorboard'? There are: " in err


@pytest.mark.parametrize(("name", "advice"), [("tensorboard", r'"xner\[tracking\]"'), ("mlflow", "mlflow")])
def test_a_tracker_that_is_not_installed_says_what_to_install(name, advice, monkeypatch):
    monkeypatch.setattr(trackers, "get_available_reporting_integrations", lambda: ["wandb"])
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(XnerError, match=f"this needs the package {name}; install it with: pip install {advice}$"):
        Trackers((name,)).check()


def test_names_may_come_as_a_text_with_commas():
    assert build({"report_to": "tensorboard,wandb"}).report_to == ("tensorboard", "wandb")


@pytest.mark.parametrize("fails", [False, True])
def test_other_trackers_are_added_by_name_and_a_run_of_wandb_ends_with_its_training(monkeypatch, fails):
    finished, added = [], []
    monkeypatch.setitem(sys.modules, "wandb", SimpleNamespace(finish=lambda: finished.append("run")))
    monkeypatch.setattr(trackers, "INTEGRATION_TO_CALLBACK", {"wandb": "the callback"})
    trainer = SimpleNamespace(args=SimpleNamespace(), add_callback=added.append)
    with suppress(KilledError), Trackers(("wandb",), Path("runs/one")).follow(trainer, TEACHER, 0):
        assert not finished
        if fails:
            raise KilledError
    assert (added, finished, trainer.args.run_name) == (["the callback"], ["run"], f"one: {TEACHER}")
