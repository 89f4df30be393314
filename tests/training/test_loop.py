from copy import deepcopy
from dataclasses import replace

import pytest
import torch
from safetensors.torch import load_file, save_file

from xner.errors import XnerError
from xner.machine.progress import Progress
from xner.store.integrity.stage import seal
from xner.tagging.limits import freeze
from xner.tagging.windows import collate
from xner.teachers.recognizer import GoldTags
from xner.testing import tiny_corpus
from xner.testing.progresses import KilledAt, KilledError
from xner.training import loop as training
from xner.training.checkpoints import Dev, load_changing, save_changing
from xner.training.objective import Objective
from xner.training.settings import TrainingSettings

SETTINGS = TrainingSettings(epochs=3, learning_rate=1e-3, batch_size=8)
CORPUS = tiny_corpus(size=24)  # 3 steps an epoch
DEV = Dev("source-dev", (tiny_corpus("en", "dev", 8),))


def weights(model):
    return {name: weight.detach().clone() for name, weight in model.named_parameters()}


def moved(before, after):
    return {name for name in before if not torch.equal(before[name], after[name])}


def fit(workbench, settings=SETTINGS, objective=GoldTags, tagger=None):
    tagger = tagger or workbench.new_tagger()
    workbench.train(tagger, objective(tagger), CORPUS, settings)
    return tagger


def loss_of(tagger):
    tagger.model.eval()
    with torch.no_grad():
        return float(GoldTags(tagger)(collate(list(tagger.windower.windows(CORPUS)), 0)))


def watch(monkeypatch):
    """Keeps the optimizer of the next training and its learning rates after each step."""
    seen = {"rates": []}
    create = training._Loop.create_optimizer

    def spy(self, model=None):
        seen["optimizer"] = create(self, model)
        return seen["optimizer"]

    monkeypatch.setattr(training._Loop, "create_optimizer", spy)
    rates = seen["rates"]
    monkeypatch.setattr(Progress, "advance", lambda *_: rates.append(seen["optimizer"].param_groups[0]["lr"]))
    return seen


def test_the_loss_goes_down(tiny_workbench):
    before = loss_of(tiny_workbench.new_tagger())
    after = loss_of(fit(tiny_workbench, SETTINGS.model_copy(update={"epochs": 25, "learning_rate": 3e-3})))
    assert after < 0.3 * before


@pytest.mark.parametrize("seed", [0, 1])
def test_the_same_seed_gives_the_same_weights(tiny_workbench, tmp_path, seed):
    first = fit(replace(tiny_workbench, seed=seed))
    torch.rand(7)  # nothing may hang on where the generators stand
    again = fit(replace(tiny_workbench, seed=seed, folder=tmp_path / "again"))
    other = fit(replace(tiny_workbench, seed=2, folder=tmp_path / "other"))
    assert not moved(weights(first.model), weights(again.model))
    assert moved(weights(first.model), weights(other.model))


def test_batches_that_are_prepared_ahead_of_time_teach_the_same(tiny_workbench, tmp_path, monkeypatch):
    """As on a GPU, but for the copy into its memory."""
    first = fit(tiny_workbench)
    monkeypatch.setattr(training, "_loaders", lambda device: 2)
    ahead = fit(replace(tiny_workbench, folder=tmp_path / "ahead"))
    assert not moved(weights(first.model), weights(ahead.model))


def test_only_a_gpu_has_batches_prepared_ahead_of_time():
    assert [training._loaders(device) for device in ("cpu", "cuda", "mps")] == [0, 2, 0]


class Noted(GoldTags):
    """Keeps what each batch held."""

    seen: list

    def forward(self, batch):
        self.seen.append((batch["sentences"].tolist(), float(torch.rand(()))))
        return super().forward(batch)


@pytest.mark.parametrize("killed_at", [3, 4, 5, 9])
def test_a_training_that_was_killed_ends_as_if_it_had_not_been(tiny_workbench, tmp_path, monkeypatch, killed_at):
    monkeypatch.setattr(training, "_CHECKPOINT_SECONDS", 0)
    Noted.seen = whole = []
    right = fit(replace(tiny_workbench, folder=tmp_path / "whole"), objective=Noted)
    Noted.seen = []
    with pytest.raises(KilledError):
        fit(replace(tiny_workbench, progress=KilledAt(killed_at)), objective=Noted)
    torch.rand(3)
    Noted.seen = rest = []
    before = []

    class Ear(Progress):
        def go_on(self, share, words):
            before.append((round(share * 9), words))

    resumed = fit(replace(tiny_workbench, progress=Ear(quiet=True)), objective=Noted)
    assert before == [(killed_at - 1, CORPUS.words * (killed_at - 1) // 3)]  # what is not done now takes no time now
    assert len(rest) == 9 - (killed_at - 1)  # it went on from the last checkpoint
    assert rest == whole[killed_at - 1 :]  # with the batches and the random numbers that were due
    assert not moved(weights(right.model), weights(resumed.model))


def test_a_half_written_checkpoint_is_not_resumed_from(tiny_workbench, tmp_path, monkeypatch):
    right = fit(replace(tiny_workbench, folder=tmp_path / "whole"))
    monkeypatch.setattr(training, "_CHECKPOINT_SECONDS", 0)
    with pytest.raises(KilledError):
        fit(replace(tiny_workbench, progress=KilledAt(5)))
    half = tiny_workbench.folder / "scratch" / "checkpoint-5"
    half.mkdir()
    (half / "model.safetensors").write_bytes(b"")
    assert not moved(weights(right.model), weights(fit(tiny_workbench).model))


def test_checkpoints_are_few_and_far_between(tiny_workbench, monkeypatch):
    fit(tiny_workbench)
    assert not list(tiny_workbench.folder.rglob("checkpoint-*"))  # it took less than two minutes
    monkeypatch.setattr(training, "_CHECKPOINT_SECONDS", 0)
    with pytest.raises(KilledError):
        fit(replace(tiny_workbench, progress=KilledAt(4)))
    assert [path.name for path in tiny_workbench.folder.rglob("checkpoint-*")] == ["checkpoint-3"]


class Averaged(GoldTags):
    """Beside its model, it has a moving average of it, which no gradient moves, and a count."""

    def __init__(self, tagger):
        super().__init__(tagger)
        self.average = deepcopy(tagger.model).requires_grad_(False)
        self.register_buffer("count", torch.zeros(()))

    def forward(self, batch):
        self.count += 1
        for mean, weight in zip(self.average.parameters(), self.model.parameters(), strict=True):
            mean.lerp_(weight.detach(), 0.3)
        loss = super().forward(batch)
        return loss + (self.average.classifier.weight - self.model.classifier.weight).square().sum() * self.count


@pytest.mark.parametrize("dev", [None, DEV])
@pytest.mark.parametrize("what", ["none", "words", 1])
def test_a_checkpoint_has_what_the_training_changes_and_nothing_else(tiny_workbench, tmp_path, monkeypatch, what, dev):
    monkeypatch.setattr(training, "_CHECKPOINT_SECONDS", 0)
    workbench = replace(tiny_workbench, freeze=what, dev=dev)
    right = fit(replace(workbench, folder=tmp_path / "whole"), objective=Averaged)
    with pytest.raises(KilledError):
        fit(replace(workbench, progress=KilledAt(6)), objective=Averaged)
    (file,) = tiny_workbench.folder.rglob("checkpoint-5/model.safetensors")
    start = tiny_workbench.new_tagger().model
    freeze(start, what)
    frozen = {f"model.{name}" for name, weight in start.named_parameters() if not weight.requires_grad}
    whole = Averaged(right).state_dict().keys()
    assert load_file(file).keys() == whole - frozen and {"count", "average.classifier.bias"} < whole
    state = torch.load(file.with_name("optimizer.pt"), weights_only=True)["state"]
    assert len(state) == sum(weight.requires_grad for weight in start.parameters())
    assert not moved(weights(right.model), weights(fit(workbench, objective=Averaged).model))


class FrozenLater(GoldTags):
    """Its model's classifier rests from the third step on."""

    def forward(self, batch):
        loss = super().forward(batch)
        if self.step == 2:
            self.model.classifier.requires_grad_(False)
        return loss


def test_what_rests_only_later_is_in_the_checkpoints(tiny_workbench, monkeypatch):
    monkeypatch.setattr(training, "_CHECKPOINT_SECONDS", 0)
    with pytest.raises(KilledError):
        fit(replace(tiny_workbench, freeze="words", progress=KilledAt(6)), objective=FrozenLater)
    (file,) = tiny_workbench.folder.rglob("checkpoint-5/model.safetensors")
    assert "model.classifier.weight" in load_file(file)


@pytest.mark.parametrize("change", [{"model.strange": torch.zeros(1)}, {"model.classifier.bias": None}])
def test_a_checkpoint_of_another_training_is_refused(tiny_workbench, monkeypatch, change):
    monkeypatch.setattr(training, "_CHECKPOINT_SECONDS", 0)
    with pytest.raises(KilledError):
        fit(replace(tiny_workbench, progress=KilledAt(6)))
    (file,) = tiny_workbench.folder.rglob("checkpoint-5/model.safetensors")
    changed = load_file(file) | change
    save_file({name: value for name, value in changed.items() if value is not None}, file)
    seal(file.parent, {}, "")
    with pytest.raises(XnerError) as error:
        fit(tiny_workbench)
    (name,) = change
    assert str(error.value).startswith(f"{file}: does not fit the training ('{name}'); ")


def test_weights_that_are_tied_are_once_in_a_checkpoint(tiny_workbench, tmp_path):
    def tied():
        tagger = tiny_workbench.new_tagger()
        layers = tagger.model.bert.encoder.layer
        layers[0].output.dense.weight = layers[1].output.dense.weight
        return GoldTags(tagger)

    one, other = tied(), tied()
    with torch.no_grad():
        one.model.bert.encoder.layer[0].output.dense.weight += 1
    save_changing(one, frozenset(), tmp_path / "x")
    names = [f"model.bert.encoder.layer.{number}.output.dense.weight" for number in (0, 1)]
    assert len(load_file(tmp_path / "x").keys() & set(names)) == 1
    load_changing(other, frozenset(), tmp_path / "x")
    assert not moved(weights(one), weights(other))


@pytest.mark.parametrize(
    ("what", "frozen"),
    [
        ("none", ()),
        ("words", ("embeddings.word_embeddings",)),
        (0, ("embeddings.",)),
        (1, ("embeddings.", "encoder.layer.0.")),
        (2, ("embeddings.", "encoder.layer.0.", "encoder.layer.1.")),
    ],
)
def test_frozen_weights_do_not_move(tiny_workbench, what, frozen):
    before = weights(tiny_workbench.new_tagger().model)
    tagger = fit(replace(tiny_workbench, freeze=what))
    still = {name for name in before if any(part in name for part in frozen)}
    assert moved(before, weights(tagger.model)) == set(before) - still
    assert {name for name, weight in tagger.model.named_parameters() if not weight.requires_grad} == still


def test_freezing_twice_changes_nothing(tiny_workbench):
    model = tiny_workbench.new_tagger().model
    freeze(model, "words")
    freeze(model, "none")
    assert not model.get_input_embeddings().weight.requires_grad


def test_the_head_has_a_rate_of_its_own(tiny_workbench, monkeypatch):
    seen = watch(monkeypatch)
    before = weights(tiny_workbench.new_tagger().model)
    tagger = fit(tiny_workbench, SETTINGS.model_copy(update={"head_rate": 1e-3, "schedule": "constant", "warmup": 0}))
    after = weights(tagger.model)
    head = {weight for name, weight in tagger.model.named_parameters() if name.startswith("classifier")}
    rates = {(group["lr"], weight in head) for group in seen["optimizer"].param_groups for weight in group["params"]}
    assert rates == {(1e-3, False), (1e-6, True)}
    change = {name: (after[name] - before[name]).abs().max() for name in before}
    assert change["classifier.weight"] < 1e-4 < change["bert.encoder.layer.0.output.dense.weight"]


def test_weight_decay_spares_biases_and_norms(tiny_workbench, monkeypatch):
    seen = watch(monkeypatch)
    tagger = fit(tiny_workbench, SETTINGS.model_copy(update={"weight_decay": 0.3}))
    groups = seen["optimizer"].param_groups
    assert {(group["weight_decay"], weight.ndim) for group in groups for weight in group["params"]} == {
        (0.3, 2),
        (0.0, 1),
    }
    assert sum(len(group["params"]) for group in groups) == len(list(tagger.model.parameters()))


def test_the_rate_rises_and_falls(tiny_workbench, monkeypatch):
    rates = watch(monkeypatch)["rates"]
    fit(tiny_workbench, SETTINGS.model_copy(update={"warmup": 0.3}))
    assert len(rates) == 9
    top = max(rates)
    assert top == pytest.approx(1e-3) and rates.index(top) == 2  # 0.3 of 9 steps
    assert rates[:3] == sorted(rates[:3]) and rates[2:] == sorted(rates[2:], reverse=True)
    assert rates[-1] == pytest.approx(0)


def test_a_constant_rate(tiny_workbench, monkeypatch):
    rates = watch(monkeypatch)["rates"]
    fit(tiny_workbench, SETTINGS.model_copy(update={"schedule": "constant", "warmup": 0.0}))
    assert rates == [1e-3] * 9


class Steep(Objective):
    """A loss whose gradient is a million times too large."""

    def forward(self, batch):
        return 1e6 * self.states(batch).logits.square().sum() + 1e6 * self.states(batch).hidden.sum()


@pytest.mark.parametrize(("limit", "norms"), [(1.0, [1.0]), (0.0, [])])
def test_gradients_are_clipped_unless_the_limit_is_zero(tiny_workbench, monkeypatch, limit, norms):
    step = torch.optim.AdamW.step
    seen = []

    def spy(self, *args, **options):
        grads = [weight.grad for group in self.param_groups for weight in group["params"] if weight.grad is not None]
        seen.append(torch.cat([grad.flatten() for grad in grads]).norm().item())
        return step(self, *args, **options)

    monkeypatch.setattr(torch.optim.AdamW, "step", spy)
    fit(tiny_workbench, SETTINGS.model_copy(update={"epochs": 0.2, "max_grad_norm": limit}), Steep)
    assert seen
    assert all(norm <= 1.001 for norm in seen) if norms else all(norm > 1e3 for norm in seen)


def test_progress_hears_of_every_step(tiny_workbench):
    heard = []

    class Ear(Progress):
        def advance(self, share, words):
            heard.append((share, words))

    fit(replace(tiny_workbench, progress=Ear(quiet=True)))
    assert len(heard) == 9
    assert heard[-1] == (1.0, 3 * CORPUS.words)
    assert heard == sorted(heard)


@pytest.mark.parametrize(
    ("epochs", "told"), [(0.1, ["1 step is few"]), (33, ["99 steps are few"]), (34, [])], ids=["1", "99", "102"]
)
def test_few_steps_are_told(tiny_workbench, epochs, told):
    lines = []

    class Ear(Progress):
        def say(self, line):
            lines.append(line.partition(": ")[2].partition(";")[0])

    fit(replace(tiny_workbench, progress=Ear()), SETTINGS.model_copy(update={"epochs": epochs}))
    assert [line for line in lines if "few" in line] == told


@pytest.mark.parametrize("value", ["nan", "inf"])
def test_a_loss_that_is_not_finite_ends_the_training(tiny_workbench, value):
    class Broken(Objective):
        steps = 0

        def forward(self, batch):
            self.steps += 1
            return self.states(batch).logits.square().sum() * (float(value) if self.steps == 5 else 1)

    with pytest.raises(XnerError, match=rf"^the loss of step 5 is {value}; lower the learning rate"):
        fit(tiny_workbench, objective=Broken)
