import json
import signal
from contextlib import suppress
from dataclasses import replace

import pytest
import torch

from xner.errors import XnerError
from xner.machine.progress import Progress
from xner.store.integrity.stage import seal
from xner.teachers.recognizer import GoldTags
from xner.testing import tiny_corpus
from xner.testing.progresses import KilledAt, KilledError
from xner.training import loop
from xner.training.resilience.saving import keep_only, last_checkpoint
from xner.training.settings import TrainingSettings

SETTINGS = TrainingSettings(epochs=3, learning_rate=1e-3, batch_size=8)
CORPUS = tiny_corpus(size=24)  # 3 steps an epoch, 9 in all


def fit(workbench, objective=GoldTags):
    tagger = workbench.new_tagger()
    workbench.train(tagger, objective(tagger), CORPUS, SETTINGS)
    return {name: weight.detach().clone() for name, weight in tagger.model.named_parameters()}


def same(one, other):
    return all(torch.equal(one[name], other[name]) for name in one)


def checkpoint(folder, step, best=None, whole=True):
    place = folder / f"checkpoint-{step}"
    place.mkdir()
    state = {"global_step": step, "best_global_step": best}
    (place / "trainer_state.json").write_text(json.dumps(state))
    if whole:
        seal(place, {}, "")
    return place


def test_the_last_whole_checkpoint(tmp_path):
    assert last_checkpoint(tmp_path)[0] is None
    for step, whole in ((9, True), (10, True), (100, False)):
        checkpoint(tmp_path, step, whole=whole)
    last, state = last_checkpoint(tmp_path)
    assert (last.name, state.global_step) == ("checkpoint-10", 10)
    (last / "trainer_state.json").write_text("{")
    assert last_checkpoint(tmp_path)[0].name == "checkpoint-9"


@pytest.mark.parametrize(("best", "found"), [(2, None), (4, "checkpoint-4"), (None, "checkpoint-4")])
def test_without_the_best_one_the_last_one_is_of_no_use(tmp_path, best, found):
    checkpoint(tmp_path, 2, best=2, whole=False)
    checkpoint(tmp_path, 4, best=best)
    last, _ = last_checkpoint(tmp_path)
    assert (last and last.name) == found


def test_only_the_last_and_the_best_one_are_kept(tmp_path):
    for step in (1, 2, 3, 10):
        checkpoint(tmp_path, step)
    keep_only(tmp_path, {10, 2})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["checkpoint-10", "checkpoint-2"]


@pytest.mark.parametrize("file", ["model.safetensors", "trainer_state.json"])
def test_a_damaged_checkpoint_is_not_gone_on_from(tiny_workbench, tmp_path, monkeypatch, file):
    right = fit(replace(tiny_workbench, folder=tmp_path / "whole"))
    monkeypatch.setattr(loop, "_CHECKPOINT_SECONDS", -1)
    with pytest.raises(KilledError):
        fit(replace(tiny_workbench, progress=KilledAt(6)))
    (damaged,) = tiny_workbench.folder.rglob(f"checkpoint-5/{file}")
    damaged.write_bytes(damaged.read_bytes()[:-1] + b"?")
    assert same(right, fit(tiny_workbench))


class Breaking(GoldTags):
    """Its gradients break a weight in the fourth step."""

    def forward(self, batch):
        loss = super().forward(batch)
        if self.step == 3:
            with torch.no_grad():
                self.model.classifier.bias[0] = float("nan")
            self.model.classifier.bias.requires_grad_(False)
        return loss


def test_broken_weights_never_replace_the_last_good_checkpoint(tiny_workbench, monkeypatch):
    monkeypatch.setattr(loop, "_CHECKPOINT_SECONDS", -1)
    with pytest.raises(XnerError, match=r"^after step 4, the weights 'model.classifier.bias' are not finite; lower"):
        fit(tiny_workbench, Breaking)
    last, state = last_checkpoint(tiny_workbench.folder / "scratch")
    assert state.global_step == 3 and last.name == "checkpoint-3"


class EndedAt(Progress):
    """Sends this process a signal after so many steps, as if from outside."""

    def __init__(self, step, number):
        super().__init__(quiet=True)
        self.left, self.number, self.steps = step, number, 0

    def advance(self, share, words):
        self.steps += 1
        if self.steps == self.left:
            signal.raise_signal(self.number)


class EndedError(Exception):
    pass


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_is_acted_on_once_a_checkpoint_is_saved(tiny_workbench, tmp_path, number):
    def end(number, frame):
        raise EndedError

    right = fit(replace(tiny_workbench, folder=tmp_path / "whole"))
    former = signal.signal(number, end)
    try:
        with pytest.raises(EndedError):
            fit(replace(tiny_workbench, progress=(progress := EndedAt(4, number))))
        assert signal.getsignal(number) is end
    finally:
        signal.signal(number, former)
    assert progress.steps == 4
    assert last_checkpoint(tiny_workbench.folder / "scratch")[1].global_step == 4
    rest = EndedAt(0, number)
    assert same(right, fit(replace(tiny_workbench, progress=rest))) and rest.steps == 5


def test_a_signal_in_the_last_step_acts_when_the_training_is_done(tiny_workbench):
    former = signal.signal(signal.SIGINT, signal.default_int_handler)  # in the background it is ignored
    try:
        with suppress(KeyboardInterrupt):
            fit(replace(tiny_workbench, progress=EndedAt(9, signal.SIGINT)))
            pytest.fail("it did not act")
    finally:
        signal.signal(signal.SIGINT, former)
