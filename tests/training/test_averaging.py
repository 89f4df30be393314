from dataclasses import replace

import pytest
import torch

from xner.machine.progress import Progress
from xner.teachers.recognizer import GoldTags
from xner.testing import tiny_corpus
from xner.testing.progresses import KilledAt, KilledError
from xner.training import loop
from xner.training.averaging import snapshots
from xner.training.checkpoints import CHOSEN_ON
from xner.training.settings import TrainingSettings

SETTINGS = TrainingSettings(epochs=4, learning_rate=1e-3, batch_size=8)
CORPUS = tiny_corpus(size=24)  # 3 steps an epoch, 12 in all


class Watched(Progress):
    """Keeps a copy of the weights after every step."""

    def __init__(self):
        super().__init__(quiet=True)
        self.tagger, self.seen = None, []

    def advance(self, share, words):
        self.seen.append(copy_of(self.tagger))


def copy_of(tagger):
    return {name: weight.detach().clone() for name, weight in tagger.model.named_parameters()}


def fit(workbench):
    tagger = workbench.new_tagger()
    if isinstance(workbench.progress, Watched):
        workbench.progress.tagger = tagger
    workbench.train(tagger, GoldTags(tagger), CORPUS, SETTINGS)
    return tagger


@pytest.fixture
def averaged(tiny_workbench):
    return replace(tiny_workbench, averaged=True)


@pytest.mark.parametrize(
    ("steps", "after"),
    [
        (1, [1]),
        (3, [1, 2, 3]),
        (10, [*range(1, 11)]),
        (12, [2, 3, 4, 5, 6, 8, 9, 10, 11, 12]),
        (500, [*range(50, 501, 50)]),
    ],
)
def test_snapshots_are_even_and_end_with_the_last_step(steps, after):
    assert snapshots(steps) == after


def test_the_mean_of_the_snapshots_is_kept(averaged):
    """Against a second reading: the plain mean of copies that were taken after these steps."""
    watched = Watched()
    tagger = fit(replace(averaged, progress=watched))
    assert len(watched.seen) == 12
    taken = [watched.seen[step - 1] for step in snapshots(12)]
    kept, last = copy_of(tagger), watched.seen[-1]
    for name, weight in kept.items():
        mean = sum(one[name].double() for one in taken) / len(taken)
        assert torch.allclose(weight.double(), mean, atol=1e-6), name
    assert not all(torch.allclose(kept[name], last[name], atol=1e-6) for name in kept)


def test_the_training_itself_is_the_same(averaged, tmp_path):
    plain, other = Watched(), Watched()
    fit(replace(averaged, progress=plain))
    fit(replace(averaged, averaged=False, progress=other, folder=tmp_path / "other"))
    for one, two in zip(plain.seen, other.seen, strict=True):
        assert all(torch.equal(one[name], two[name]) for name in one)


@pytest.mark.parametrize("killed", [1, 7, 12])
def test_a_killed_training_comes_to_the_same_average(averaged, tmp_path, monkeypatch, killed):
    whole = fit(averaged)
    monkeypatch.setattr(loop, "_CHECKPOINT_SECONDS", -1)  # a checkpoint after every step
    workbench = replace(averaged, folder=tmp_path / "killed")
    with pytest.raises(KilledError):
        fit(replace(workbench, progress=KilledAt(killed)))
    again = fit(workbench)
    assert all(torch.equal(copy_of(whole)[name], weight) for name, weight in copy_of(again).items())


def test_scores_say_that_weights_are_averaged(averaged, tiny_workbench):
    assert fit(averaged).chosen_on == CHOSEN_ON["average"] == "average of snapshots"
    assert averaged.identity() != tiny_workbench.identity()
