import json
from dataclasses import replace
from math import sqrt

import pytest
import torch
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from xner.base import Update
from xner.errors import UsageError, XnerError
from xner.tagging.windows import collate
from xner.teachers.recognizer import GoldTags
from xner.testing import tiny_corpus
from xner.testing.progresses import Heard, KilledAt, KilledError
from xner.testing.tiny import tiny_workbench as made_workbench
from xner.testing.two_processes import on_two_processes
from xner.training import loop as training
from xner.training.checkpoints import Dev
from xner.training.settings import TrainingSettings
from xner.training.trackers import Trackers, curves_of
from xner.training.updates import Updates

SETTINGS = TrainingSettings(epochs=3, learning_rate=1e-3, batch_size=8, max_grad_norm=0)
CORPUS = tiny_corpus(size=24)  # 3 steps an epoch


class Beside(GoldTags):
    """Gold tags, and an update that brings a matrix and a vector near what each batch says; nothing of the model."""

    rate, decay = 0.05, 0.1

    def __init__(self, tagger):
        super().__init__(tagger)
        self.matrix = torch.nn.Parameter(torch.tensor([[1.0, -2.0]]))
        self.vector = torch.nn.Parameter(torch.tensor([0.5]))
        self.seen = []

    def updates(self):
        return [Update("beside", [self.matrix, self.vector], self.rate, self._loss, self.decay)]

    def _loss(self, batch):
        aim = float(batch["labels"].float().mean())
        self.seen.append((self.step, aim))
        return (self.matrix - aim).square().sum() + 10 * (self.vector - aim).square().sum()


class Against(Beside):
    """A second update, of the encoder; and what an epoch's steps added up to."""

    def __init__(self, tagger):
        super().__init__(tagger)
        self.register_buffer("total", torch.zeros((), dtype=torch.float64))

    def updates(self):
        encoder = list(self.model.base_model.parameters())
        return [*super().updates(), Update("encoder", encoder, 1e-3, self._encoder_loss)]

    def _encoder_loss(self, batch):
        loss = (self.states(batch).hidden - self.vector).square().mean()
        self.total += loss.detach()
        return loss

    def epoch_metrics(self):
        total = float(self.total)
        self.total.zero_()
        return {"encoder_loss": total}


def fit(workbench, objective=Beside, settings=SETTINGS):
    tagger = workbench.new_tagger()
    made = objective(tagger)
    workbench.train(tagger, made, CORPUS, settings)
    return made


def copies(module):
    return {name: value.detach().clone() for name, value in module.state_dict().items()}


def same(one, other):
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def naive(aims, rate, decay, factors, limit):
    """A second reading: AdamW on three numbers, in plain loops; the first two are a matrix, which decays."""
    values, first, second = [1.0, -2.0, 0.5], [0.0] * 3, [0.0] * 3
    for step, (aim, factor) in enumerate(zip(aims, factors, strict=True), 1):
        gradients = [2 * (value - aim) * scale for value, scale in zip(values, (1, 1, 10), strict=True)]
        norm = sqrt(sum(g * g for g in gradients))
        if limit and norm > limit:
            gradients = [g * limit / norm for g in gradients]
        for place, g in enumerate(gradients):
            values[place] *= 1 - rate * factor * (decay if place < 2 else 0)
            first[place] = 0.9 * first[place] + 0.1 * g
            second[place] = 0.999 * second[place] + 0.001 * g * g
            mean, square = first[place] / (1 - 0.9**step), second[place] / (1 - 0.999**step)
            values[place] -= rate * factor * mean / (sqrt(square) + 1e-8)
    return values


@pytest.mark.parametrize("limit", [0, 0.5])
@pytest.mark.parametrize("schedule", ["linear", "constant"])
def test_an_update_is_adamw_by_the_schedule_of_the_training(tiny_workbench, schedule, limit):
    settings = SETTINGS.model_copy(update={"schedule": schedule, "warmup": 0.3, "max_grad_norm": limit})
    made = fit(tiny_workbench, settings=settings)
    assert [step for step, _ in made.seen] == list(range(9))
    rising = [0, 1 / 3, 2 / 3]  # 0.3 of 9 steps
    factors = rising + ([1] * 6 if schedule == "constant" else [(9 - step) / 6 for step in range(3, 9)])
    expected = naive([aim for _, aim in made.seen], Beside.rate, Beside.decay, factors, limit)
    assert [*made.matrix[0].tolist(), *made.vector.tolist()] == pytest.approx(expected, abs=1e-5)


def test_what_is_updated_beside_changes_nothing_of_the_training(tiny_workbench, tmp_path):
    plain = fit(replace(tiny_workbench, folder=tmp_path / "plain"), GoldTags)
    assert not plain.updates() and not plain.epoch_metrics()
    beside = fit(tiny_workbench)
    assert same(copies(plain.model), copies(beside.model))
    assert not (tmp_path / "plain" / "curves.json").exists() and not curves_of(tmp_path / "plain")


def test_an_average_of_snapshots_is_of_the_weights_after_all_updates(tiny_workbench):
    made = fit(replace(tiny_workbench, averaged=True))
    aims, factors = [aim for _, aim in made.seen], [0, *((9 - step) / 8 for step in range(1, 9))]  # of 9 steps, 1 warm
    after = [naive(aims[:n], Beside.rate, Beside.decay, factors[:n], 0) for n in range(1, 10)]  # a snapshot each
    expected = [sum(column) / 9 for column in zip(*after, strict=True)]
    assert [*made.matrix[0].tolist(), *made.vector.tolist()] == pytest.approx(expected, abs=1e-5)


def test_the_trainings_own_optimizer_leaves_its_weights_alone(tiny_workbench, monkeypatch):
    seen, create = [], training._Loop.create_optimizer

    def spy(self, model=None):
        seen.append(create(self, model))
        return seen[-1]

    monkeypatch.setattr(training._Loop, "create_optimizer", spy)
    made = fit(tiny_workbench, Against)
    (optimizer,) = seen
    moved = {id(weight) for group in optimizer.param_groups for weight in group["params"]}
    assert moved == {id(weight) for weight in made.model.parameters()}  # the encoder's, which an update moves, too


def test_an_update_moves_its_weights_alone_and_leaves_no_gradient(tiny_workbench):
    tagger = tiny_workbench.new_tagger()
    made = Against(tagger)
    _, encoder = made.updates()
    batch = collate(list(tagger.windower.windows(CORPUS)), 0)
    before = copies(made)
    Updates([encoder], 0, batch).run(0, 1.0)
    after = copies(made)
    moved = {name for name in before if not torch.equal(before[name], after[name])}
    assert moved - {"total"} == {f"model.bert.{name}" for name, _ in tagger.model.base_model.named_parameters()}
    assert all(weight.grad is None for weight in made.parameters())


def test_frozen_weights_do_not_move(tiny_workbench):
    start = copies(tiny_workbench.new_tagger().model)
    made = fit(replace(tiny_workbench, freeze=1), Against)
    after = copies(made.model)
    still = {name for name in start if torch.equal(start[name], after[name])}
    assert still == {name for name in start if "embeddings" in name or ".layer.0." in name}


def test_where_all_weights_are_frozen(tiny_workbench):
    with pytest.raises(UsageError, match=r"^all weights of the update 'encoder' are frozen; freeze fewer layers"):
        fit(replace(tiny_workbench, freeze=2), Against)


def test_a_loss_that_is_not_finite(tiny_workbench):
    class Broken(Beside):
        def _loss(self, batch):
            return super()._loss(batch) * (float("nan") if self.step == 4 else 1)

    with pytest.raises(XnerError, match=r"^the loss of the update 'beside' in step 5 is nan; lower its rate$"):
        fit(tiny_workbench, Broken)


# what is to be seen of an epoch


def test_an_epochs_metrics_are_told_and_kept(tiny_workbench):
    heard, kept = Heard(), []

    class Kept(Against):
        def epoch_metrics(self):
            kept.append(super().epoch_metrics()["encoder_loss"])
            return {"encoder_loss": kept[-1]}

    settings = SETTINGS.model_copy(update={"epochs": 2.5})
    fit(replace(tiny_workbench, progress=heard), Kept, settings)
    epochs = curves_of(tiny_workbench.folder)
    assert [(epoch["step"], epoch["encoder_loss"]) for epoch in epochs] == list(zip((3, 6, 8), kept, strict=True))
    assert [epoch["epoch"] for epoch in epochs] == pytest.approx([1, 2, 8 / 3])
    told = [line for line in heard.lines if "encoder loss" in line]
    assert told == [f"epoch {e}: encoder loss {k:.3g}" for e, k in zip(("1", "2", "2.66667"), kept, strict=True)]
    assert len({*kept}) == 3 and all(value > 0 for value in kept)


def test_trackers_follow_them(tiny_workbench, tmp_path):
    fit(replace(tiny_workbench, trackers=Trackers(("tensorboard",), tmp_path / "run")), Against)
    events = EventAccumulator(str(next((tmp_path / "tensorboard").rglob("events*")).parent))
    events.Reload()
    values = [event.value for event in events.Scalars("train/epoch_encoder_loss")]
    assert values == pytest.approx([epoch["encoder_loss"] for epoch in curves_of(tiny_workbench.folder)])


# after a kill


@pytest.mark.parametrize("judged", [False, True])
@pytest.mark.parametrize("killed_at", [2, 4, 5, 9])
def test_killed_and_gone_on_it_ends_the_same(tiny_workbench, tmp_path, monkeypatch, killed_at, judged):
    monkeypatch.setattr(training, "_CHECKPOINT_SECONDS", 0)
    dev = Dev("source-dev", (tiny_corpus(split="dev", size=20),))
    tiny_workbench = replace(tiny_workbench, dev=dev if judged else None)
    whole = replace(tiny_workbench, folder=tmp_path / "whole")
    right = fit(whole, Against)
    with pytest.raises(KilledError):
        fit(replace(tiny_workbench, progress=KilledAt(killed_at)), Against)
    torch.rand(3)
    again = fit(tiny_workbench, Against)
    if not judged:  # else the last step of an epoch is saved once it is judged
        assert [step for step, _ in again.seen] == list(range(killed_at - 1, 9))
    assert same(copies(right), copies(again))
    one, other = ((folder / "curves.json").read_bytes() for folder in (whole.folder, tiny_workbench.folder))
    assert one == other and len(json.loads(one)["epochs"]) == 3


# two processes


def trained(encoder, folder):
    """Train, and return all weights and the curves; alone, or in each of two processes."""
    made = fit(made_workbench(encoder, folder), Against)
    return copies(made), [step for step, _ in made.seen]


def test_two_processes_learn_what_one_learns(sure_encoder_folder, tmp_path):
    alone, _ = trained(sure_encoder_folder, tmp_path / "alone")
    (one, steps), (other, _) = on_two_processes(trained, (sure_encoder_folder, tmp_path / "two"), tmp_path / "said")
    assert steps == list(range(9)) and same(one, other)
    assert {name for name in alone if not torch.allclose(alone[name], one[name], atol=1e-4)} == set()
    curves = [[epoch["encoder_loss"] for epoch in curves_of(tmp_path / name)] for name in ("alone", "two")]
    assert curves[0] == pytest.approx(curves[1], rel=1e-3)
