import numpy as np
import pytest

from xner.store.ragged import Ragged
from xner.teachers.labelled import SIGNALS
from xner.teachers.signals import Signals
from xner.testing import MethodContract


class TestMTMTJoint(MethodContract):
    component = "mtmt-joint"
    skip = {"test_it_runs_on_two_processes": "the script is that of mtmt, and only its parts are others"}


@pytest.fixture
def run(train):
    return train("mtmt-joint", ("teachers.recognizer", "teachers.joint", "student"), batch_size=32, learning_rate=5e-3)


def test_the_student_follows_the_mean_of_both_teachers(run):
    labelled = [stage for stage in run.stages if stage.title.startswith("signals of")]
    files = {stage.title.split()[2]: stage.folder / SIGNALS for stage in labelled}
    assert set(files) == {"joint", "recognizer"}
    together, apart = Signals.open(files.values()), {name: Ragged(path) for name, path in files.items()}
    row, joint, recognizer = together.row(0), apart["joint"].row(0), apart["recognizer"].row(0)
    assert not np.allclose(joint["probabilities"], recognizer["probabilities"], atol=1e-3)
    mean = (joint["probabilities"] + recognizer["probabilities"]) / 2
    assert np.allclose(row["probabilities"], mean, atol=1e-6)
    assert np.array_equal(row["vectors"], joint["vectors"])


def test_it_starts_from_the_joint_teacher(run):
    student = run.stages[-1]
    tagger = next(stage for stage in student.inputs if (stage.folder / "tagger").is_dir())
    assert tagger.title == "teacher joint on en"
    assert run.metrics is not None and run.metrics.sentences == 60
