import pytest

from xner.testing import AuxiliaryTaskContract

SOURCE = """
from itertools import count

import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits

from xner.machine import processes
from xner.base import AuxiliaryTask, LossTerm, Settings

COUNTER = count(1)


class Sound(AuxiliaryTask):
    level = "words"
    needs = ("probabilities",)

    def build(self, hidden_size):
        self.head = nn.Linear(hidden_size, 1)

    def states(self, student):
        return student.hidden

    def factor(self, signals):
        return 1.0

    def losses(self, student, signals):
        outside = signals.columns["probabilities"][:, 0]
        scores = self.head(self.states(student)).squeeze(-1)
        values = binary_cross_entropy_with_logits(scores, outside, reduction="none")
        return LossTerm(values * self.factor(signals), torch.ones(len(values), dtype=torch.bool))


class SoundOnPairs(AuxiliaryTask):
    level = "pairs"
    needs = ("vectors",)

    def vectors(self, student, signals):
        return student.hidden[signals.pairs.words]

    def losses(self, student, signals):
        mine, theirs = self.vectors(student, signals), signals.columns["vectors"][signals.pairs.words]
        return LossTerm((mine @ mine.mT - theirs @ theirs.mT).square(), signals.pairs.mask)


class NoFactor(Sound):
    class Config(Settings):
        pass


class OfSentences(Sound):
    level = "sentences"


class Reduced(Sound):
    def losses(self, student, signals):
        term = super().losses(student, signals)
        return LossTerm(term.values.mean(), term.mask)


class MaskOfNumbers(Sound):
    def losses(self, student, signals):
        term = super().losses(student, signals)
        return LossTerm(term.values, term.mask.float())


class NotFinite(Sound):
    def losses(self, student, signals):
        term = super().losses(student, signals)
        return LossTerm(term.values + student.hidden.square().sum(-1).log(), term.mask)


class SteepAtZero(SoundOnPairs):
    def losses(self, student, signals):
        term = super().losses(student, signals)
        mine = self.vectors(student, signals)
        distances = (mine[:, None] - mine[None, :]).square().sum(-1).sqrt()  # of a word from itself
        return LossTerm(term.values + distances, term.mask)


class CountsAll(SoundOnPairs):
    def losses(self, student, signals):
        term = super().losses(student, signals)
        return LossTerm(term.values, torch.ones_like(term.mask))


class LooksAround(SoundOnPairs):
    def vectors(self, student, signals):
        return super().vectors(student, signals) - student.hidden.mean(0)


class Detached(Sound):
    def states(self, student):
        return student.hidden.detach()


class Idle(Sound):
    def build(self, hidden_size):
        super().build(hidden_size)
        self.other = nn.Linear(hidden_size, 2)


class Writes(Sound):
    def losses(self, student, signals):
        signals.columns["probabilities"].clamp_(max=0.5)
        return super().losses(student, signals)


class Unsteady(Sound):
    def factor(self, signals):
        return next(COUNTER)


class OffTheRecord(Sound):
    def build(self, hidden_size):
        super().build(hidden_size)
        self.more = [torch.randn(hidden_size, requires_grad=True)]

    def states(self, student):
        return student.hidden + self.more[0]


class OfItsOwnProcess(Sound):
    def factor(self, signals):
        return 1 + processes.state().process_index
"""
BROKEN = {
    "Sound": {},
    "SoundOnPairs": {},
    "NoFactor": {
        "test_its_factor_is_a_setting": "its Config must be an AuxiliarySettings",
        "test_the_gradient_reaches_the_encoder_and_all_of_the_task": "AssertionError",
    },
    "OfSentences": {
        "test_there_is_a_loss_for_every_word_or_pair": "its level is 'sentences', which is neither words nor pairs",
        "test_what_is_masked_counts_nothing": "",
        "test_the_gradient_reaches_the_encoder_and_all_of_the_task": "losses of sentences: expected the shape",
    },
    "Reduced": {
        "test_there_is_a_loss_for_every_word_or_pair": "its losses are (), not (1,): no sum, no mean",
        "test_losses_and_their_gradients_are_finite": "",
        "test_the_gradient_reaches_the_encoder_and_all_of_the_task": "losses of words: expected the shape (",
    },
    "MaskOfNumbers": {
        "test_there_is_a_loss_for_every_word_or_pair": "its mask is not of truth values",
        "test_losses_and_their_gradients_are_finite": "",
        "test_what_is_masked_counts_nothing": "",
        "test_the_gradient_reaches_the_encoder_and_all_of_the_task": "",
    },
    "NotFinite": {
        "test_losses_and_their_gradients_are_finite": "some losses that count are not finite",
        "test_what_is_masked_counts_nothing": "",
    },
    "SteepAtZero": {
        "test_losses_and_their_gradients_are_finite": "some gradients of the hidden states are not finite",
        "test_what_is_masked_counts_nothing": "what does not count has a gradient",
    },
    "CountsAll": {"test_what_is_masked_counts_nothing": "it counts pairs that `signals.pairs.mask` takes out"},
    "LooksAround": {"test_words_that_are_not_paired_count_nothing": "words that are not among `signals.pairs.words`"},
    "Detached": {"test_the_gradient_reaches_the_encoder_and_all_of_the_task": "reaches the student's encoder"},
    "Idle": {
        "test_the_gradient_reaches_the_encoder_and_all_of_the_task": "its parameter 'other.weight' is not learned"
    },
    "Writes": {
        "test_the_signals_stay_as_they_are": "it writes into the signal 'probabilities'",
    },
    "Unsteady": {
        "test_the_same_seed_gives_the_same_losses": "its losses differ from one time to the next",
        "test_saved_and_loaded_it_has_the_same_losses": "",
    },
    "OffTheRecord": {
        "test_saved_and_loaded_it_has_the_same_losses": "a run that goes on from a checkpoint has other losses"
    },
    "OfItsOwnProcess": {"test_two_processes_learn_what_one_learns": "two processes compute two losses"},
}


@pytest.fixture(scope="module")
def failed(failures):
    slow = ("Sound", "SoundOnPairs", "OfItsOwnProcess")
    return failures("auxiliary_tasks", "AuxiliaryTaskContract", SOURCE, BROKEN, slow)


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_one_fails_where_it_is_broken(failed, name):
    assert failed[name].keys() == BROKEN[name].keys()
    for test, message in BROKEN[name].items():
        assert message in failed[name][test]


def test_every_test_of_the_contract_can_fail():
    tests = {name for name in vars(AuxiliaryTaskContract) if name.startswith("test_")}
    assert tests == {test for tests in BROKEN.values() for test in tests}
