"""The student that learns what the policy keeps: its loss, when the policy is rewarded, and what a kill leaves."""

from dataclasses import replace
from math import exp

import pytest
import torch
from safetensors.torch import load_file, save_file

from xner.base import StudentSettings
from xner.tagging.windows import collate
from xner.testing import tiny_corpus
from xner.testing.progresses import KilledAt, KilledError
from xner.testing.tiny import tiny_workbench as workbench_of
from xner.testing.two_processes import on_two_processes
from xner.training import loop as training
from xner_iterative.features import standardised
from xner_iterative.held_out import Part, held_out_loss
from xner_iterative.picked_distillation import PickedDistillation, sentence_means, with_losses
from xner_iterative.policy import Policy, Rates, Reinforce

TARGET = tiny_corpus("xx", size=24).without_labels()
SETTINGS = StudentSettings(epochs=3, learning_rate=1e-3, batch_size=8, tag_loss="mse_prob")
FEATURES = torch.randn(24, 4, generator=torch.Generator().manual_seed(0))


def said(number):
    """What a teacher says at random of a sentence of the target."""
    words = len(TARGET[number].tokens)
    return torch.randn(words, 7, generator=torch.Generator().manual_seed(number)).mul(2).softmax(-1).numpy()


class Said:
    def row(self, sentence):
        return {"probabilities": said(sentence)}


class Recorded(Reinforce):
    """Writes down the rewards, and how much had been decided for each."""

    def __init__(self, *given):
        super().__init__(*given)
        self.rewards = []

    def learn(self, reward):
        self.rewards.append((reward, sum(len(kept) for _, kept in self.bag)))
        super().learn(reward)


def learner(seed=0, kind=Reinforce):
    return kind(Policy(FEATURES.shape[1] + 1, 6, seed), Rates(1e-2, 0.01, 0.9), seed)


def objective_of(tagger, held_out, bag=2, pupil=None, say=lambda line: None):
    return PickedDistillation(tagger, pupil or learner(), FEATURES, TARGET.words, held_out, SETTINGS, bag, say)


def batch_of(tagger, numbers):
    windows = [window for window in tagger.windower.windows(TARGET) if window.sentence in numbers]
    return collate(windows, 0) | {"probabilities": torch.cat([torch.from_numpy(said(n)) for n in sorted(numbers)])}


@pytest.fixture
def tagger(tiny_workbench):
    tagger = tiny_workbench.new_tagger()
    tagger.model.eval()  # no dropout
    return tagger


def naive_losses(objective, batch):
    """The squared error of each word, in plain Python, and its sentence."""
    values = []
    logits = objective.states(batch).logits.tolist()
    for row, p in zip(logits, batch["probabilities"].tolist(), strict=True):
        total = sum(exp(z) for z in row)
        values.append(sum((exp(z) / total - own) ** 2 for z, own in zip(row, p, strict=True)))
    return list(zip(batch["sentences"].tolist(), values, strict=True))


def test_all_sentences_are_kept_in_the_first_epoch_and_the_policys_choice_after_it(tagger):
    objective, batch = objective_of(tagger, lambda: 0.0), batch_of(tagger, {3, 5, 8})
    words = naive_losses(objective, batch)
    assert objective(batch).item() == pytest.approx(sum(value for _, value in words) / len(words), rel=1e-4)
    assert not objective.learner.bag
    objective.words_seen = TARGET.words  # the next epoch
    loss = objective(batch).item()
    ((states, kept),) = objective.learner.bag
    chosen = {number for number, keep in zip((3, 5, 8), kept.tolist(), strict=True) if keep}
    of_these = [value for number, value in words if number in chosen]
    assert loss == pytest.approx(sum(of_these) / max(len(of_these), 1), rel=1e-4)
    means = [sum(v for n, v in words if n == number) / sum(n == number for n, _ in words) for number in (3, 5, 8)]
    expected = torch.cat([FEATURES[[3, 5, 8]], standardised(torch.tensor(means)[:, None])], dim=1)
    assert torch.allclose(states, expected, atol=1e-3)


def test_without_any_sentence_the_loss_is_zero_and_has_a_gradient(tagger):
    pupil = learner()
    pupil.decide = lambda states: torch.zeros(len(states), dtype=torch.bool)
    objective = objective_of(tagger, lambda: 0.0, pupil=pupil)
    objective.words_seen = TARGET.words
    loss = objective(batch_of(tagger, {1, 2}))
    loss.backward()
    assert loss.item() == 0 and all(w.grad is None or not w.grad.any() for w in tagger.model.parameters())


def test_a_reward_is_what_the_held_out_loss_fell_by_since_the_last(tiny_workbench):
    tagger, losses, lines = tiny_workbench.new_tagger(), [9.0, 8.0, 6.5, 6.0, 6.25, 6.0], []
    told, pupil = iter(losses), learner(kind=Recorded)
    objective = objective_of(tagger, lambda: next(told), bag=2, pupil=pupil, say=lines.append)
    tiny_workbench.train(tagger, objective, TARGET, SETTINGS, Said(), judge=None)  # 3 epochs of 3 batches
    assert [reward for reward, _ in pupil.rewards] == [1.0, 1.5, 0.5, -0.25]  # after 2, 4, 6 and 8 batches
    objective.finish()
    assert pupil.rewards == [(1.0, 0), (1.5, 8), (0.5, 16), (-0.25, 16), (0.25, 8)]  # of the second epoch on
    first, second, third = lines
    assert first.startswith("policy: epoch 1: kept 100% of the sentences, mean reward 1 of 1 bags, entropy 0.6")
    assert "epoch 2: kept " in second and "mean reward 1 of 2 bags" in second
    assert "epoch 3: kept " in third and "mean reward 0 of 2 bags" in third


def test_measuring_leaves_the_student_learning(tiny_workbench):
    tagger = tiny_workbench.new_tagger()
    objective = objective_of(tagger, lambda: tagger.model.eval() and 0.0)
    seen = []
    states = objective.states
    objective.states = lambda batch: seen.append(tagger.model.training) or states(batch)
    tiny_workbench.train(tagger, objective, TARGET, SETTINGS, Said(), judge=None)
    assert seen == [True] * 9


def test_losses_of_sentences_are_means_over_their_words():
    values, place = torch.tensor([1.0, 3.0, 5.0, 2.0]), torch.tensor([1, 0, 1, 0])
    assert sentence_means(values, place, 2).tolist() == [2.5, 3.0]
    assert with_losses(torch.zeros(2, 1), torch.tensor([2.5, 3.0])).tolist() == [[0, -1], [0, 1]]


# kills and processes


def learned(workbench, lines=None):
    """Train a student and a policy whose reward is the student's own loss, and return both."""
    tagger = workbench.new_tagger()
    few = Part(TARGET.part(0, 6), [said(number) for number in range(6)])
    measured = lambda: held_out_loss(tagger, [few], SETTINGS)  # noqa: E731
    objective = objective_of(tagger, measured, say=(lines if lines is not None else []).append)
    workbench.train(tagger, objective, TARGET, SETTINGS, Said(), judge=None)
    objective.finish()
    policy = {f"policy.{name}": weight for name, weight in objective.learner.policy.state_dict().items()}
    return policy | {name: weight.detach().clone() for name, weight in tagger.model.named_parameters()}


def differing(one, other):
    return {name for name in one if not torch.equal(one[name], other[name])}


@pytest.mark.parametrize("killed_at", [2, 3, 4, 8])
def test_killed_and_resumed_it_ends_as_if_it_had_not_been(tiny_workbench, tmp_path, monkeypatch, killed_at):
    lines, again = [], []
    whole = learned(replace(tiny_workbench, folder=tmp_path / "whole"), lines)
    monkeypatch.setattr(training, "_CHECKPOINT_SECONDS", 0)
    with pytest.raises(KilledError):
        learned(replace(tiny_workbench, progress=KilledAt(killed_at)))
    assert list(tiny_workbench.folder.rglob("checkpoint-*"))
    torch.rand(3)
    assert not differing(whole, learned(tiny_workbench, again))
    assert again == lines[len(lines) - len(again) :]


def of_two(encoder, folder, store):
    """Train in one of two processes, and write what was learned."""
    save_file(learned(workbench_of(encoder, store)), folder / f"{torch.distributed.get_rank()}.safetensors")
    return torch.distributed.get_rank()


def test_two_processes_learn_what_one_does(sure_encoder_folder, tmp_path):
    alone = learned(workbench_of(sure_encoder_folder, tmp_path / "one"))
    on_two_processes(of_two, (sure_encoder_folder, tmp_path, tmp_path / "two"), tmp_path / "said")
    first, second = (load_file(tmp_path / f"{rank}.safetensors") for rank in range(2))
    assert not differing(first, second)
    assert all(torch.allclose(first[name], alone[name], atol=1e-4) for name in alone)
