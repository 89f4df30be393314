"""The policy that picks sentences, and REINFORCE, by which it learns."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, logsigmoid, softplus


class Policy(nn.Module):
    """How probable it is that a sentence is kept: pi(keep | s) = sigmoid(W2 tanh(W1 s + b1) + b2).

    Args:
        features: the size of s.
        hidden: the rows of W1.
        seed: of its first weights.
    """

    def __init__(self, features: int, hidden: int, seed: int) -> None:
        super().__init__()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.layers = nn.Sequential(nn.Linear(features, hidden), nn.Tanh(), nn.Linear(hidden, 1))

    def forward(self, states: Tensor) -> Tensor:
        """Return the log-odds of keeping (N,), of sentences with the states (N, features)."""
        odds: Tensor = self.layers(states).squeeze(-1)
        return odds


class Rates(NamedTuple):
    """How a policy learns.

    Args:
        rate: Adam's learning rate.
        entropy: factor of the entropy that is rewarded, too.
        memory: what the mean of the rewards keeps of itself when another comes.
    """

    rate: float
    entropy: float
    memory: float


def log_probability(odds: Tensor, kept: Tensor) -> Tensor:
    """Return log pi(a | s) of decisions (N,).

    Args:
        odds: the policy's log-odds of keeping (N,).
        kept: what was decided, (N,) of truth values.
    """
    return torch.where(kept, logsigmoid(odds), logsigmoid(-odds))


def entropy(odds: Tensor) -> Tensor:
    """Return the entropy of the decisions (N,), in nats, of their log-odds (N,)."""
    return softplus(odds) - torch.sigmoid(odds) * odds


class Reinforce:
    """REINFORCE (Williams 1992) over bags of decisions, with a running mean of the rewards as the baseline.

    Args:
        policy: what learns.
        rates: how.
        seed: of the decisions.
    """

    def __init__(self, policy: Policy, rates: Rates, seed: int) -> None:
        self.policy, self.rates = policy, rates
        self.optimizer = torch.optim.Adam(policy.parameters(), lr=rates.rate)
        self.draws = torch.Generator().manual_seed(seed)
        self.baseline: float | None = None
        self.bag: list[tuple[Tensor, Tensor]] = []
        """The states and decisions since the last reward."""

    def warm_up(self, states: Tensor, wanted: Tensor, steps: int) -> None:
        """Learn decisions that are given, by cross-entropy over all of them in each step.

        Args:
            states: (N, features).
            wanted: (N,) of truth values.
            steps: how many.
        """
        for _ in range(steps):
            self._step(binary_cross_entropy_with_logits(self.policy(states), wanted.float()))

    @torch.no_grad()
    def odds(self, states: Tensor) -> Tensor:
        """Return the log-odds of keeping (N,), of states (N, features), without gradient."""
        odds: Tensor = self.policy(states)
        return odds

    def decide(self, states: Tensor) -> Tensor:
        """Draw which sentences are kept, (N,) of truth values, and remember it until the next reward.

        Args:
            states: (N, features).
        """
        kept = torch.rand(len(states), generator=self.draws) < torch.sigmoid(self.odds(states))
        self.bag.append((states, kept))
        return kept

    def learn(self, reward: float) -> None:
        """Take one step along (r - b) sum_i grad log pi(a_i | s_i) + c grad mean_i H(pi(s_i)), and forget the bag.

        The baseline b is the running mean of the rewards before; the first has none, and counts as it itself.

        Args:
            reward: r, what came of the decisions since the last one.
        """
        baseline = reward if self.baseline is None else self.baseline
        if self.bag:
            states, kept = (torch.cat(each) for each in zip(*self.bag, strict=True))
            odds = self.policy(states)
            gain = (reward - baseline) * log_probability(odds, kept).sum()
            self._step(-gain - self.rates.entropy * entropy(odds).mean())
        self.baseline = self.rates.memory * baseline + (1 - self.rates.memory) * reward
        self.bag = []

    def _step(self, loss: Tensor) -> None:
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()

    def state(self) -> dict[str, Any]:
        """Return all that changes while it learns, to go on from it after a kill."""
        return {
            "policy": self.policy.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "draws": self.draws.get_state(),
            "baseline": self.baseline,
            "bag": self.bag,
        }

    def load(self, state: Mapping[str, Any]) -> None:
        """Go on from a `state`."""
        self.policy.load_state_dict(state["policy"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.draws.set_state(state["draws"])
        self.baseline, self.bag = state["baseline"], state["bag"]
