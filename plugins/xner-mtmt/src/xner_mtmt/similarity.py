"""The auxiliary task `similarity`: do two target words have the same tag? The evaluator's score is the label."""

from typing import ClassVar, Literal

import torch
from pydantic import Field
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, normalize

from xner.base import AuxiliarySettings, AuxiliaryTask, LossTerm, SignalBatch, WordStates


def cosines(vectors: Tensor) -> Tensor:
    """Return the cosine of every vector with every other: (K, width) to (K, K)."""
    unit = normalize(vectors, dim=-1)
    return unit @ unit.mT


def scores(vectors: Tensor, scale: float = 1.0) -> Tensor:
    """Return the similarity score sigmoid(cos) (Li et al. 2022, section 3.2.2), between 0.269 and 0.731.

    Args:
        vectors: (K, width).
        scale: factor of the cosine; 1 is the paper.
    """
    return torch.sigmoid(scale * cosines(vectors))


class SimilaritySettings(AuxiliarySettings):
    """How the student learns similarity."""

    scale: float = Field(1.0, gt=0, description="Factor of both cosines, the evaluator's and the student's; 1: paper.")


class Similarity(AuxiliaryTask):
    """Binary cross-entropy between the evaluator's and the student's similarity (Li et al. 2022, section 3.3).

    The student's similarity has no parameters: it is sigmoid(cos) of its own last hidden states. A scale, ours, lets
    scores come near 0 and 1; without one they stay between 0.27 and 0.73, whatever the words are.
    """

    Config = SimilaritySettings
    config: SimilaritySettings

    level: ClassVar[Literal["words", "pairs"]] = "pairs"
    needs: ClassVar[tuple[str, ...]] = ("vectors",)

    def losses(self, student: WordStates, signals: SignalBatch) -> LossTerm:
        """Return the loss of every pair (K, K)."""
        words, scale = signals.pairs.words, self.config.scale
        target = scores(signals.columns["vectors"][words], scale)
        values = binary_cross_entropy_with_logits(scale * cosines(student.hidden[words]), target, reduction="none")
        return LossTerm(values, signals.pairs.mask)
