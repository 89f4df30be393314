"""REINFORCE against a second reading, in plain loops."""

from copy import deepcopy
from math import exp, log, tanh

import pytest
import torch

from xner_iterative.policy import Policy, Rates, Reinforce, entropy, log_probability

RATES = Rates(rate=0.01, entropy=0.3, memory=0.9)


def learner(rates=RATES, features=3, hidden=4, seed=0):
    return Reinforce(Policy(features, hidden, seed), rates, seed)


def states(number, seed=0):
    return torch.randn(number, 3, generator=torch.Generator().manual_seed(seed))


def weights(policy):
    (first, bias), (second, last) = ((layer.weight, layer.bias) for layer in (policy.layers[0], policy.layers[2]))
    return first.tolist(), bias.tolist(), second.tolist()[0], last.item()


def odds_of(state, first, bias, second, last):
    inner = [tanh(sum(w * s for w, s in zip(row, state, strict=True)) + b) for row, b in zip(first, bias, strict=True)]
    return sum(w * h for w, h in zip(second, inner, strict=True)) + last, inner


def gradient(policy, bag, advantage, bonus):
    """The gradient of advantage * sum log pi(a | s) + bonus * mean H, by the chain rule, sentence by sentence."""
    first, bias, second, last = weights(policy)
    number = sum(len(each) for each, _ in bag)
    into = {"W1": [[0.0] * len(first[0]) for _ in first], "b1": [0.0] * len(bias), "W2": [0.0] * len(second), "b2": 0.0}
    for each, kept in bag:
        for state, keep in zip(each.tolist(), kept.tolist(), strict=True):
            odds, inner = odds_of(state, first, bias, second, last)
            pi = 1 / (1 + exp(-odds))
            slope = advantage * ((1.0 if keep else 0.0) - pi) - bonus / number * odds * pi * (1 - pi)
            into["b2"] += slope
            for unit, h in enumerate(inner):
                into["W2"][unit] += slope * h
                back = slope * second[unit] * (1 - h * h)
                into["b1"][unit] += back
                for place, value in enumerate(state):
                    into["W1"][unit][place] += back * value
    return into


def close(policy, expected):
    found = {
        "W1": policy.layers[0].weight.grad,
        "b1": policy.layers[0].bias.grad,
        "W2": policy.layers[2].weight.grad[0],
        "b2": policy.layers[2].bias.grad[0],
    }
    for name, values in found.items():
        assert torch.allclose(-values, torch.tensor(expected[name]), atol=1e-5), name  # it minimises, so the sign turns


@pytest.mark.parametrize("sizes", [(5,), (3, 1, 4)])
@pytest.mark.parametrize("rewards", [(0.2, 0.5), (0.2, -0.1), (0.0, 0.0)])
def test_a_step_is_along_the_gradient(sizes, rewards):
    pupil = learner()
    before, reward = rewards
    pupil.learn(before)  # nothing was decided; it is the baseline from now on
    for place, size in enumerate(sizes):
        pupil.decide(states(size, place))
    expected, old = gradient(pupil.policy, pupil.bag, reward - before, RATES.entropy), weights(pupil.policy)
    pupil.learn(reward)
    close(pupil.policy, expected)
    new = weights(pupil.policy)
    for name, one, other in (("W2", old[2][0], new[2][0]), ("b2", old[3], new[3])):  # Adam's first step
        slope = expected[name][0] if name == "W2" else expected[name]
        assert other - one == pytest.approx(RATES.rate * slope / (abs(slope) + 1e-8), abs=1e-6)
    assert not pupil.bag


def test_what_was_decided_in_one_bag_is_not_rewarded_in_the_next():
    pupil = learner()
    pupil.learn(0.0)
    pupil.decide(states(6))
    pupil.learn(1.0)
    pupil.decide(states(2, 1))
    expected = gradient(pupil.policy, pupil.bag, 0.5 - pupil.baseline, RATES.entropy)
    pupil.learn(0.5)
    close(pupil.policy, expected)


def test_the_baseline_is_the_running_mean_of_the_rewards_before():
    pupil, rewards = learner(), [0.3, -0.2, 0.5, 0.1]
    mean = rewards[0]
    for number, reward in enumerate(rewards):
        pupil.decide(states(3, number))
        expected = gradient(pupil.policy, pupil.bag, reward - mean, RATES.entropy)
        pupil.learn(reward)
        close(pupil.policy, expected)
        mean = RATES.memory * mean + (1 - RATES.memory) * reward
        assert pupil.baseline == pytest.approx(mean)


def test_entropy_and_probabilities_of_decisions():
    odds = torch.tensor([-2.0, 0.0, 0.7])
    for value, keep, drop, bits in zip(
        odds.tolist(),
        log_probability(odds, torch.ones(3, dtype=torch.bool)).tolist(),
        log_probability(odds, torch.zeros(3, dtype=torch.bool)).tolist(),
        entropy(odds).tolist(),
        strict=True,
    ):
        pi = 1 / (1 + exp(-value))
        assert (exp(keep), exp(drop)) == pytest.approx((pi, 1 - pi), abs=1e-6)
        assert bits == pytest.approx(-pi * log(pi) - (1 - pi) * log(1 - pi), abs=1e-6)


def test_rewarded_decisions_become_more_probable():
    pupil, fixed = learner(Rates(0.01, 0.0, 0.9)), states(40)
    pupil.learn(0.0)
    good = fixed[:, 0] > 0
    for _ in range(300):
        kept = pupil.decide(fixed)
        pupil.learn(float((kept == good).float().mean()))
    assert ((pupil.odds(fixed) > 0) == good).float().mean() > 0.9


def test_it_draws_as_probable_as_it_says_and_the_same_for_the_same_seed():
    same, again, other = learner(seed=1), learner(seed=1), learner(seed=2)
    many = states(1).repeat(4000, 1)
    drawn = [pupil.decide(many) for pupil in (same, again, other)]
    assert torch.equal(drawn[0], drawn[1]) and not torch.equal(drawn[0], drawn[2])
    pi = 1 / (1 + exp(-odds_of(states(1)[0].tolist(), *weights(same.policy))[0]))
    assert drawn[0].float().mean().item() == pytest.approx(pi, abs=0.03)


def test_its_weights_are_of_its_seed_and_leave_the_generator_alone():
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    one, two, three = Policy(3, 4, 7), Policy(3, 4, 7), Policy(3, 4, 8)
    assert torch.equal(torch.rand(1), expected)
    assert weights(one) == weights(two) != weights(three)


def test_it_warms_up_to_decisions_that_are_given():
    pupil, fixed = learner(), states(50)
    wanted = fixed[:, 1] > 0
    pupil.warm_up(fixed, wanted, 200)
    assert ((pupil.odds(fixed) > 0) == wanted).float().mean() > 0.95
    same = learner()
    same.warm_up(fixed, wanted, 0)
    assert weights(same.policy) == weights(learner().policy)


def test_it_goes_on_from_its_state():
    one, other = learner(), learner(seed=9)
    for number in range(3):
        one.decide(states(4, number))
        one.learn(0.1 * number)
    one.decide(states(4, 5))
    other.load(deepcopy(one.state()))
    for pupil in (one, other):
        pupil.decide(states(4, 6))
        pupil.learn(0.7)
        pupil.decide(states(4, 7))
        pupil.learn(-0.2)
    assert weights(one.policy) == weights(other.policy) and one.baseline == other.baseline
