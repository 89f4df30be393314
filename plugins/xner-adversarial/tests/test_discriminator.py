"""The losses and the three updates of a step, against a second reading in plain loops."""

from dataclasses import replace
from math import log

import pytest
import torch

from naive_adversary import naive_loss, naive_score
from xner.base import Corpus
from xner.testing import tiny_corpus
from xner.training.batches import collate_with_signals
from xner.training.updates import Updates
from xner_adversarial.discriminator import (
    AdversarialSettings,
    AdversarialTags,
    Discriminator,
    language_loss,
    sentence_means,
)

SOURCE, TARGET = tiny_corpus(size=12), tiny_corpus("xx", size=9).without_labels()


def naive_judged(objective, text, number):
    """The scores of one batch of a text: the model on one window after the other, sub-word by sub-word."""
    scores, means = [], []
    for place in text.numbers(number):
        ids = torch.tensor(text.windows[place].input_ids[None].astype(int))
        with torch.no_grad():
            states = objective.model(ids, output_hidden_states=True).hidden_states[-1][0].tolist()
        means.append([sum(column) / len(states) for column in zip(*states, strict=True)])
        scores += states
    judged = scores if objective.settings.level == "token" else means
    return [naive_score(objective.discriminator, state) for state in judged]


@pytest.fixture
def made(tiny_workbench):
    """Makes the objective, without dropout, and a batch of the task."""

    def make(batch_size=4, **settings):
        tagger = tiny_workbench.new_tagger()
        source, target = (
            tiny_workbench.text_batches(tagger, corpus, batch_size, name)
            for name, corpus in (("source", SOURCE), ("target", TARGET))
        )
        objective = AdversarialTags(tagger, AdversarialSettings(**settings), (source, target), 1e-3).eval()
        batch = collate_with_signals([(window, {}) for window in tagger.windower.windows(SOURCE)], 0)
        return objective, batch

    return make


def copies(module):
    return {name: weight.detach().clone() for name, weight in module.named_parameters()}


def moved(before, after):
    return {name for name in before if not torch.equal(before[name], after[name])}


@pytest.mark.parametrize("flipped", [False, True])
def test_the_loss_is_what_a_naive_reading_gives(flipped):
    source, target = torch.randn(5) * 3, torch.randn(3) * 3
    expected = naive_loss(source.tolist(), target.tolist(), flipped)
    assert float(language_loss(source, target, flipped)) == pytest.approx(expected, rel=1e-5)


def test_by_hand():
    sure, wrong = torch.tensor([20.0, 20.0]), torch.tensor([0.0])
    assert float(language_loss(sure, wrong)) == pytest.approx(log(2), abs=1e-6)
    assert float(language_loss(sure, wrong, flipped=True)) == pytest.approx(20 + log(2), abs=1e-5)


def test_where_the_discriminator_is_right_the_encoder_still_learns():
    scores = torch.tensor([20.0], requires_grad=True)
    language_loss(scores, -scores, flipped=True).backward()
    assert scores.grad.abs() > 1  # the negated loss would have no gradient here


def test_the_mean_of_a_sentence():
    states, sentences = torch.randn(6, 3), torch.tensor([7, 2, 2, 7, 7, 5])
    expected = {2: states[1:3].mean(0), 5: states[5], 7: states[[0, 3, 4]].mean(0)}
    for mean, number in zip(sentence_means(states, sentences), (2, 5, 7), strict=True):
        assert torch.allclose(mean, expected[number])


@pytest.mark.parametrize("hidden", [0, 6])
def test_the_discriminator_is_one_layer_or_two(hidden):
    discriminator, states = Discriminator(5, hidden), torch.randn(4, 5)
    assert len(list(discriminator.parameters())) == (4 if hidden else 2)
    expected = [naive_score(discriminator, state) for state in states.tolist()]
    assert discriminator(states).tolist() == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("hidden", [0, 6])
@pytest.mark.parametrize("level", ["sentence", "token"])
def test_the_losses_of_both_updates_are_what_a_naive_reading_gives(made, level, hidden):
    objective, batch = made(level=level, hidden=hidden)
    discriminator, generator = objective.updates()
    for step in (0, 3):
        objective.step = step
        judged = [naive_judged(objective, text, step) for text in objective.texts]
        assert float(discriminator.loss(batch).detach()) == pytest.approx(naive_loss(*judged), rel=1e-4)
        assert float(generator.loss(batch).detach()) == pytest.approx(naive_loss(*judged, flipped=True), rel=1e-4)


def test_the_encoder_runs_once_for_both_updates_of_a_step(made, monkeypatch):
    objective, batch = made()
    ran, states = [], objective.states
    monkeypatch.setattr(objective, "states", lambda read: ran.append(objective.step) or states(read))
    discriminator, generator = objective.updates()
    discriminator.loss(batch)
    first = generator.loss(batch)
    assert ran == [0, 0]  # a batch of the source, and one of the target
    assert torch.equal(generator.loss(batch), first)  # without the discriminator's before it, it runs the encoder
    assert ran == [0] * 4
    discriminator.loss(batch)
    objective.step = 1  # and never takes another step's states
    generator.loss(batch)
    assert ran == [0] * 6 + [1, 1]


@pytest.mark.parametrize("level", ["sentence", "token"])
def test_each_update_moves_its_own_weights_and_no_others(made, level):
    objective, batch = made(level=level)
    before = copies(objective)
    for update, part in zip(objective.updates(), ("discriminator.", "model.bert."), strict=True):
        Updates([update], 0, batch).run(0, 1.0)
        after = copies(objective)
        assert moved(before, after) == {name for name in before if name.startswith(part)}
        before = after
    objective(batch).backward()
    without = {name for name, weight in objective.named_parameters() if weight.grad is None}
    assert without == {name for name in before if name.startswith("discriminator.")}


def test_each_update_lowers_its_own_loss(made):
    objective, batch = made()
    for update in objective.updates():
        fast = replace(update, rate=1e-3)
        before = float(update.loss(batch).detach())
        Updates([fast], 0, batch).run(0, 1.0)
        assert float(update.loss(batch).detach()) < before


def test_rates_and_decay(made):
    objective, _ = made(generator_scale=0.02, discriminator_rate=0.3, weight_decay=0.07)
    discriminator, generator = objective.updates()
    assert (discriminator.name, discriminator.rate, discriminator.weight_decay) == ("discriminator", 0.3, 0.0)
    assert (generator.name, generator.rate, generator.weight_decay) == ("generator", pytest.approx(2e-5), 0.07)


def test_the_discriminators_accuracy(made):
    objective, batch = made(level="token")
    discriminator, _ = objective.updates()
    right, judged = [0, 0], [0, 0]
    for step in (0, 1):
        objective.step = step
        discriminator.loss(batch)
        for side, text in enumerate(objective.texts):
            scores = naive_judged(objective, text, step)
            right[side] += sum((x > 0) == (side == 0) for x in scores)
            judged[side] += len(scores)
    names = ["discriminator_accuracy_source", "discriminator_accuracy_target"]
    assert objective.epoch_metrics() == dict(
        zip(names, (r / n for r, n in zip(right, judged, strict=True)), strict=True)
    )
    assert objective.epoch_metrics() == dict.fromkeys(names, 0.0)  # it begins anew


@pytest.mark.parametrize("update", ["flipped", "reversal"])
def test_without_an_adversary(made, update):
    objective, batch = made(update=update, generator_scale=0)
    assert [each.name for each in objective.updates()] == ["discriminator"]
    plain, _ = made()
    assert torch.equal(objective(batch), plain(batch))


@pytest.mark.parametrize("level", ["sentence", "token"])
def test_reversal_takes_the_scaled_gradient_of_the_discriminators_loss_away(made, level):
    objective, batch = made(level=level, update="reversal", generator_scale=0.3)
    plain, _ = made(level=level)
    plain.load_state_dict(objective.state_dict())
    assert [each.name for each in objective.updates()] == ["discriminator"]
    objective.step = 2
    judged = [naive_judged(objective, text, 2) for text in objective.texts]
    loss = objective(batch)
    assert float(loss.detach()) == pytest.approx(float(plain(batch).detach()) - 0.3 * naive_loss(*judged), rel=1e-4)
    loss.backward()
    assert all(weight.grad is None for weight in objective.discriminator.parameters())
    plain.step = 2
    tags, languages = plain(batch), language_loss(*map(plain.discriminator, plain._encoded()))
    weights = list(plain.model.base_model.parameters())
    parts = [torch.autograd.grad(part, weights) for part in (tags, languages)]
    for weight, tag, language in zip(objective.model.base_model.parameters(), *parts, strict=True):
        assert torch.allclose(weight.grad, tag - 0.3 * language, atol=1e-5)


def test_labels_are_not_in_the_texts(made):
    objective, _ = made()
    assert isinstance(TARGET, Corpus) and all("labels" not in text[0] for text in objective.texts)
