"""A student that learns from what a policy keeps of each batch, while the policy learns from what the student gains."""

import io
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor

from xner.base import Objective, StudentSettings, Tagger, agreed, tag_loss
from xner_iterative.features import standardised
from xner_iterative.policy import Reinforce, entropy


@dataclass
class Epoch:
    """What is told of an epoch.

    Args:
        number: from 1 on.
        seen: how many sentences the policy saw.
        kept: how many of them it kept.
        entropy: the sum of its entropy over them.
        rewards: the sum of the rewards.
        bags: how many rewards there were.
    """

    number: int = 1
    seen: int = 0
    kept: int = 0
    entropy: float = 0.0
    rewards: float = 0.0
    bags: int = 0

    def __str__(self) -> str:
        kept = f"kept {self.kept / max(self.seen, 1):.0%} of the sentences"
        reward = f"mean reward {self.rewards / max(self.bags, 1):.3g} of {self.bags} bags"
        return f"policy: epoch {self.number}: {kept}, {reward}, entropy {self.entropy / max(self.seen, 1):.3f}"


class PickedDistillation(Objective):
    """The tag loss of the words that the policy keeps; after each bag of batches the policy is rewarded.

    The reward of a bag is the student's loss on what is held out before it, less that after it. In the first epoch all
    sentences are kept. All of the policy is part of the training's checkpoints.

    Args:
        tagger: the student.
        learner: the policy that learns.
        features: (N, features) of the sentences that are learned from, without the student's loss.
        words: how many they have.
        held_out: returns the student's loss on what is held out.
        settings: which tag loss.
        bag: batches between two rewards.
        say: tells people a line.
    """

    def __init__(
        self,
        tagger: Tagger,
        learner: Reinforce,
        features: Tensor,
        words: int,
        held_out: Callable[[], float],
        settings: StudentSettings,
        bag: int,
        say: Callable[[str], None],
    ) -> None:
        super().__init__(tagger)
        self.learner, self.features, self.words, self.held_out = learner, features, words, held_out
        self.settings, self.bag, self.say = settings, bag, say
        self.batches = self.words_seen = 0
        self.before: float | None = None
        self.epoch = Epoch()

    def forward(self, batch: Mapping[str, Tensor]) -> Tensor:
        """Return the mean tag loss of the words that are kept; zero if none is."""
        self._begin()
        logits, probabilities = self.states(batch).logits, batch["probabilities"].detach()
        losses = tag_loss(self.settings.tag_loss, logits, probabilities)
        numbers, place = torch.unique(batch["sentences"].cpu(), return_inverse=True)
        kept = self._decided(self.features[numbers], sentence_means(losses.detach().cpu(), place, len(numbers)))
        self.batches, self.words_seen = self.batches + 1, self.words_seen + len(losses)
        counts = kept[place].to(losses.device, losses.dtype)
        return (counts * losses).sum() / counts.sum().clamp(min=1)

    def finish(self) -> None:
        """Reward what was decided since the last reward, and tell of the last epoch."""
        if self.batches:
            self._reward()
        self.say(str(self.epoch))

    def _begin(self) -> None:
        """Reward a bag that is full, before another begins, and tell of an epoch that is over."""
        if self.before is None:
            self.before = self._measured()
        if self.batches == self.bag:
            self._reward()
        if (number := 1 + self.words_seen // self.words) > self.epoch.number:
            self.say(str(self.epoch))
            self.epoch = Epoch(number)

    def _decided(self, features: Tensor, losses: Tensor) -> Tensor:
        """Return which sentences of a batch are kept, (N,) of truth values."""
        states = with_losses(features, losses)
        first = self.epoch.number == 1
        kept = torch.ones(len(states), dtype=torch.bool) if first else self.learner.decide(states)
        self.epoch.seen += len(states)
        self.epoch.kept += int(kept.sum())
        self.epoch.entropy += float(entropy(self.learner.odds(states)).sum())
        return kept

    def _reward(self) -> None:
        after = self._measured()
        assert self.before is not None
        reward, self.before, self.batches = self.before - after, after, 0
        self.learner.learn(reward)
        self.epoch.rewards += reward
        self.epoch.bags += 1

    def _measured(self) -> float:
        """Return the first process's loss on what is held out, so that all take the same steps."""
        learning = self.model.training
        loss = agreed(self.held_out())
        self.model.train(learning)
        return loss

    def get_extra_state(self) -> Tensor:
        """Return, for a checkpoint, all that changes beside the student's weights, as bytes."""
        own = {"batches": self.batches, "words_seen": self.words_seen, "before": self.before}
        file = io.BytesIO()
        torch.save(own | {"epoch": asdict(self.epoch), "learner": self.learner.state()}, file)
        return torch.frombuffer(bytearray(file.getvalue()), dtype=torch.uint8)

    def set_extra_state(self, state: Any) -> None:
        """Go on from a checkpoint."""
        own = torch.load(io.BytesIO(state.cpu().numpy().tobytes()), weights_only=True)
        self.batches, self.words_seen, self.before = own["batches"], own["words_seen"], own["before"]
        self.epoch = Epoch(**own["epoch"])
        self.learner.load(own["learner"])


def sentence_means(values: Tensor, place: Tensor, number: int) -> Tensor:
    """Return the mean over the words of each sentence (N,).

    Args:
        values: (W,) of the words.
        place: (W,) the sentence of each word, from 0 to N - 1.
        number: N.
    """
    sums = torch.zeros(number, dtype=values.dtype).index_add(0, place, values)
    return sums / torch.bincount(place, minlength=number)


def with_losses(features: Tensor, losses: Tensor) -> Tensor:
    """Return the states of the policy (N, features + 1): a student's loss beside what was known before.

    The losses are standardised among these sentences, since they fall while the student learns.

    Args:
        features: (N, features).
        losses: (N,) of the student on each sentence.
    """
    return torch.cat([features, standardised(losses[:, None])], dim=1)
