import pytest

from xner.testing import WeightingContract

SOURCE = """
from itertools import count

import torch

from xner.machine import processes
from xner.base import Weighting, Weights

COUNTER = count(1)


class Sound(Weighting):
    needs = ("probabilities",)

    def factor(self, signals):
        return 1.0

    def weigh(self, signals):
        words = signals.columns["probabilities"].max(-1).values * self.factor(signals)
        return Weights(words, torch.ones(signals.pairs.mask.shape))


class TooFew(Sound):
    def weigh(self, signals):
        weights = super().weigh(signals)
        return Weights(weights.words[1:], weights.pairs)


class PairsOfAll(Sound):
    def weigh(self, signals):
        return Weights(super().weigh(signals).words, torch.ones(len(signals.sentences), len(signals.sentences)))


class Whole(Sound):
    def weigh(self, signals):
        return Weights(super().weigh(signals).words.long(), torch.ones(signals.pairs.mask.shape))


class Negative(Sound):
    def factor(self, signals):
        return -1


class NotFinite(Sound):
    def factor(self, signals):
        p = signals.columns["probabilities"]
        return -(p * p.log()).sum(-1)  # 0 log 0


class Learned(Sound):
    def factor(self, signals):
        return torch.nn.Parameter(torch.ones(1))


class Undeclared(Sound):
    needs = ()


class Writes(Sound):
    def factor(self, signals):
        signals.columns["probabilities"].clamp_(max=0.5)
        return 1


class Unsteady(Sound):
    def factor(self, signals):
        return next(COUNTER)


class OfItsOwnProcess(Sound):
    def factor(self, signals):
        return 1 + processes.state().process_index


class ByTheNumberOfProcesses(Sound):
    def factor(self, signals):
        return processes.state().num_processes
"""
TWO = "test_two_processes_learn_what_one_learns"
BROKEN = {
    "Sound": {},
    "TooFew": {"test_there_is_a_weight_for_every_word_and_pair": "its weights of words are not (W,)"},
    "PairsOfAll": {"test_there_is_a_weight_for_every_word_and_pair": "its weights of pairs are not (K, K)"},
    "Whole": {"test_there_is_a_weight_for_every_word_and_pair": "its weights are no fractions"},
    "Negative": {"test_weights_are_finite_and_not_negative": "some weights of words are negative"},
    "NotFinite": {
        "test_weights_are_finite_and_not_negative": "some weights of words are not finite",
        "test_the_same_seed_gives_the_same_weights": "",  # nan is not nan
    },
    "Learned": {"test_no_gradient_flows_through_the_weights": "its weights are no constants"},
    "Undeclared": {
        "test_there_is_a_weight_for_every_word_and_pair": "KeyError: 'probabilities'",
        "test_weights_are_finite_and_not_negative": "KeyError",
        "test_no_gradient_flows_through_the_weights": "KeyError",
        "test_the_signals_stay_as_they_are": "KeyError",
        "test_the_same_seed_gives_the_same_weights": "KeyError",
    },
    "Writes": {"test_the_signals_stay_as_they_are": "it writes into the signal 'probabilities'"},
    "Unsteady": {"test_the_same_seed_gives_the_same_weights": "the weights of words differ from one time to the next"},
    "OfItsOwnProcess": {TWO: "two processes compute two losses"},
    "ByTheNumberOfProcesses": {TWO: "two processes compute another loss than one process does"},
}


@pytest.fixture(scope="module")
def failed(failures):
    slow = ("Sound", "OfItsOwnProcess", "ByTheNumberOfProcesses")
    return failures("weightings", "WeightingContract", SOURCE, BROKEN, slow)


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_one_fails_where_it_is_broken(failed, name):
    assert failed[name].keys() == BROKEN[name].keys()
    for test, message in BROKEN[name].items():
        assert message in failed[name][test]


def test_every_test_of_the_contract_can_fail():
    tests = {name for name in vars(WeightingContract) if name.startswith("test_")}
    assert tests == {test for tests in BROKEN.values() for test in tests}
