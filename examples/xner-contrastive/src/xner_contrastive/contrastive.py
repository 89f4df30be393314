"""The auxiliary task `contrastive`: words to which the teacher gives the same tag come closer together."""

from typing import ClassVar, Literal

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn.functional import normalize

from xner.base import AuxiliarySettings, AuxiliaryTask, LossTerm, SignalBatch, WordStates


class ContrastiveSettings(AuxiliarySettings):
    """How words are compared."""

    temperature: float = Field(
        0.1, gt=0, description="What cosines are divided by; the lower, the more near words count."
    )
    projection: int = Field(128, gt=0, description="Width of the projection head's vectors.")
    anchors: Literal["entities", "all"] = Field(
        "entities", description="Words that have a loss: those that the teacher takes for part of an entity, or all."
    )


def supervised_contrastive(vectors: Tensor, labels: Tensor, others: Tensor, temperature: float) -> LossTerm:
    """Return L_out of every word (Khosla et al. 2020, equation 2).

    Args:
        vectors: (K, width) of any length.
        labels: (K,) class numbers.
        others: (K, K) true where the second word is one that the first is compared with, A(i) of the paper.
        temperature: what cosines are divided by.

    Returns:
        values (K,), and true where there is a word of the same class to compare with; zero elsewhere.
    """
    unit = normalize(vectors, dim=-1)
    scores = (unit @ unit.mT / temperature).masked_fill(~others, -torch.inf)
    positive = others & (labels[:, None] == labels[None, :])
    counts = positive.sum(-1)
    log_shares = torch.where(positive, scores.log_softmax(-1), 0.0)
    return LossTerm(-log_shares.sum(-1) / counts.clamp(min=1), counts > 0)


class Contrastive(AuxiliaryTask):
    """Supervised contrastive loss on the teacher's likeliest tags, over the step's paired words."""

    Config = ContrastiveSettings
    config: ContrastiveSettings
    level: ClassVar[Literal["words", "pairs"]] = "words"
    needs: ClassVar[tuple[str, ...]] = ("probabilities",)
    head: nn.Sequential

    def build(self, hidden_size: int) -> None:
        """Make the projection head: one hidden layer, as in the paper."""
        wide, narrow = nn.Linear(hidden_size, hidden_size), nn.Linear(hidden_size, self.config.projection)
        self.head = nn.Sequential(wide, nn.ReLU(), narrow)

    def losses(self, student: WordStates, signals: SignalBatch) -> LossTerm:
        """Return the loss of every word (W,); words that are not paired in this step have none."""
        words = signals.pairs.words
        labels = signals.columns["probabilities"][words].argmax(-1)
        vectors = self.head(student.hidden[words])
        term = supervised_contrastive(vectors, labels, signals.pairs.mask, self.config.temperature)
        counted = term.mask & (labels > 0) if self.config.anchors == "entities" else term.mask  # tag 0 is O
        everywhere = len(signals.sentences)
        values = term.values.new_zeros(everywhere).index_put((words,), term.values)
        return LossTerm(values, counted.new_zeros(everywhere).index_put((words,), counted))
