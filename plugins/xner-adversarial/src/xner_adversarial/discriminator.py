"""The language discriminator, and the objective of a tagger that learns against it."""

from collections.abc import Mapping, Sequence
from typing import Literal

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn.functional import binary_cross_entropy_with_logits

from xner.base import Objective, Tagger, TagSettings, TextBatches, Update, gold_loss

Level = Literal["sentence", "token"]


class AdversarialSettings(TagSettings):
    """How a tagger learns against a discriminator, and how the discriminator does."""

    level: Level = Field("sentence", description="What has a language: a sentence's mean state, or every sub-word's.")
    hidden: int = Field(0, ge=0, description="Units of the discriminator's ReLU layer; 0: it is linear.")
    text_batch: int = Field(
        8, ge=1, description="Sentences of each language in a step's batch for the discriminator and against it."
    )
    update: Literal["flipped", "reversal"] = Field(
        "flipped",
        description="The encoder learns to be taken for the other language in an update of its own, or against the "
        "discriminator's reversed gradient within the update of the tags.",
    )
    generator_scale: float = Field(
        0.01,
        ge=0,
        description="Factor of the encoder's rate in that update; of reversal, of the reversed gradient; 0: never.",
    )
    discriminator_rate: float = Field(5e-3, gt=0, description="Highest learning rate of the discriminator.")


class Discriminator(nn.Module):
    """Scores how probable it is that states are of the source: a linear layer, or two with a ReLU between.

    Args:
        width: hidden size of the states.
        hidden: units of the first of two layers; 0: there is one.
    """

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        first = [nn.Linear(width, hidden), nn.ReLU()] if hidden else []
        self.layers = nn.Sequential(*first, nn.Linear(hidden or width, 1))

    def forward(self, states: Tensor) -> Tensor:
        """Return the scores (N,) of states (N, width); their sigmoid is P(source)."""
        scores: Tensor = self.layers(states)
        return scores.squeeze(-1)


def language_loss(source: Tensor, target: Tensor, flipped: bool = False) -> Tensor:
    """Return the mean binary cross-entropy of the source's states plus that of the target's.

    L_D of Keung et al. 2019, in which the source is 1 and the target 0; flipped it is their L_G.

    Args:
        source: (S,) scores of states of the source.
        target: (T,) scores of states of the target.
        flipped: each passes for the other.
    """
    truth = float(not flipped)
    return binary_cross_entropy_with_logits(source, torch.full_like(source, truth)) + binary_cross_entropy_with_logits(
        target, torch.full_like(target, 1 - truth)
    )


def sentence_means(states: Tensor, sentences: Tensor) -> Tensor:
    """Return the mean state of each sentence (B, width).

    Args:
        states: (P, width) of sub-words.
        sentences: (P,) the sentence of each.
    """
    numbers, places = sentences.unique(return_inverse=True)
    sums = states.new_zeros(len(numbers), states.shape[1]).index_add(0, places, states)
    return sums / torch.bincount(places)[:, None]


class AdversarialTags(Objective):
    """The loss of gold tags, and the further updates: of the discriminator, and of the encoder against it.

    The updates have batches of their own, of source and target text; both of a step read the same, so that the encoder
    runs on it once.

    Args:
        tagger: the tagger whose model learns.
        settings: how.
        texts: batches of the source's text and of the target's.
        rate: the highest learning rate of the encoder in the update of the tags.
    """

    right: Tensor
    judged: Tensor

    def __init__(
        self, tagger: Tagger, settings: AdversarialSettings, texts: tuple[TextBatches, TextBatches], rate: float
    ) -> None:
        super().__init__(tagger)
        self.settings, self.texts, self.rate = settings, texts, rate
        self.discriminator = Discriminator(tagger.model.config.hidden_size, settings.hidden)
        self._read: tuple[int, list[Tensor]] | None = None
        for name in ("right", "judged"):  # of source and target, since the epoch began
            self.register_buffer(name, torch.zeros(2, dtype=torch.int64))

    def forward(self, batch: Mapping[str, Tensor]) -> Tensor:
        """Return the mean loss of the labelled words; with reversal, less the scaled loss of the discriminator."""
        loss = gold_loss(self.states(batch), batch, self.settings.subwords)
        if not self._in_one:
            return loss
        fixed = {name: weight.detach() for name, weight in self.discriminator.named_parameters()}
        scores = [functional_call(self.discriminator, fixed, (each,)) for each in self._encoded()]
        return loss - self.settings.generator_scale * language_loss(*scores)

    def updates(self) -> Sequence[Update]:
        """Return the updates of the discriminator on fixed states and, unless reversal does it, of the encoder."""
        settings, own = self.settings, list(self.discriminator.parameters())
        discriminator = Update("discriminator", own, settings.discriminator_rate, self._discriminator_loss)
        if not self._hiding:
            return [discriminator]
        encoder, rate = list(self.model.base_model.parameters()), settings.generator_scale * self.rate
        return [discriminator, Update("generator", encoder, rate, self._generator_loss, settings.weight_decay)]

    def epoch_metrics(self) -> Mapping[str, float]:
        """Return the discriminator's accuracy on source and target text, each before its update has learned from it."""
        shares = self.right.double() / self.judged.clamp(min=1)
        for counts in (self.right, self.judged):
            counts.zero_()
        names = ("discriminator_accuracy_source", "discriminator_accuracy_target")
        return dict(zip(names, shares.tolist(), strict=True))

    @property
    def _in_one(self) -> bool:
        """Whether the encoder learns against the discriminator within the update of the tags."""
        return self.settings.update == "reversal" and self.settings.generator_scale > 0

    @property
    def _hiding(self) -> bool:
        """Whether it does so in an update of its own."""
        return self.settings.update == "flipped" and self.settings.generator_scale > 0

    def _discriminator_loss(self, batch: Mapping[str, Tensor]) -> Tensor:
        """Return L_D of states that are constants, and count how many it is right about."""
        with torch.set_grad_enabled(self._hiding):
            states = self._encoded()
        self._read = (self.step, states) if self._hiding else None
        source, target = (self.discriminator(each.detach()) for each in states)
        self.right += torch.stack([(source > 0).sum(), (target <= 0).sum()])
        self.judged += torch.tensor([len(source), len(target)], device=self.judged.device)
        return language_loss(source, target)

    def _generator_loss(self, batch: Mapping[str, Tensor]) -> Tensor:
        """Return L_G, of the states that the discriminator has just learned from: its update left the encoder alone."""
        step, states = self._read or (-1, [])
        self._read = None  # the encoder moves now
        source, target = map(self.discriminator, states if step == self.step else self._encoded())
        return language_loss(source, target, flipped=True)

    def _encoded(self) -> list[Tensor]:
        """Return what the discriminator judges in the step's source text and in its target text: (N, width) each."""
        return [self._states_of(text[self.step]) for text in self.texts]

    def _states_of(self, batch: Mapping[str, Tensor]) -> Tensor:
        states = self.states(batch).hidden
        return states if self.settings.level == "token" else sentence_means(states, batch["sentences"])
