import numpy as np
import pytest

from xner.base import TransferTask
from xner.store.ragged import Ragged
from xner.teachers.labelled import SIGNALS
from xner.testing import MethodContract, tiny_corpus
from xner_consensus.consensus import Consensus

PARTS = ("teachers.recognizer", "teachers.joint", "student")
REFINERS = "form-agreement", "tag-chain", "agreement"
REFINED = ["form-agreement of the signals on xx", "tag-chain of the signals on xx"]


class TestConsensus(MethodContract):
    component = "consensus"

    @pytest.fixture
    def run_settings(self):
        return {f"{part}.epochs": 1 for part in PARTS}


@pytest.fixture
def run(train):
    return train("consensus", PARTS, batch_size=32, learning_rate=5e-3)


def titles(stages):
    return [stage.title for stage in stages]


def test_the_stages_come_in_their_order(run):
    assert titles(run.stages) == [
        "teacher joint on en",
        "teacher recognizer on en",
        "signals of joint on xx",
        "signals of recognizer on xx",
        *REFINED,
        "student on xx (tags, uniform)",
    ]
    assert run.metrics is not None and run.metrics.sentences == 60


def test_words_share_before_the_chain_and_the_student_hears_the_chain(run):
    *_, joint, recognizer, shared, chained, student = run.stages
    assert chained in student.inputs
    assert shared in chained.inputs and chained not in shared.inputs
    rows = [Ragged(stage.folder / SIGNALS).row(0)["probabilities"] for stage in (joint, recognizer, shared, chained)]
    mean = (rows[0] + rows[1]) / 2
    assert not np.allclose(rows[3], rows[2], atol=1e-3)
    assert np.allclose(
        rows[2][:, 1::2] * mean[:, 2::2], rows[2][:, 2::2] * mean[:, 1::2], atol=1e-4
    )  # B and I as before


@pytest.mark.parametrize(
    ("refiners", "applied"),
    [
        ("tag-chain", REFINED),
        ("tag-chain,form-agreement", REFINED),
        ("agreement,tag-chain", [*REFINED, "agreement of the signals on xx"]),
    ],
)
def test_users_refiners_come_after_its_own_and_each_once(make_context, refiners, applied):
    context = make_context({"student.refiners": refiners}, dry=True)
    Consensus().run(TransferTask((tiny_corpus(),), tiny_corpus("xx").without_labels()), context)
    assert [title for title in titles(context.stages) if title.split()[0] in REFINERS] == applied


def test_its_refiners_and_teachers_are_settings(make_context):
    context = make_context({}, dry=True)
    method = Consensus(Consensus.Config(teachers=("recognizer",), refiners=("tag-chain",)))
    method.run(TransferTask((tiny_corpus(),), tiny_corpus("xx").without_labels()), context)
    chained = REFINED[1]
    assert titles(context.stages)[:3] == ["teacher recognizer on en", "signals of recognizer on xx", chained]
