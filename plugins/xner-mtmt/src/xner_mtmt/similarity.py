"""The auxiliary task `similarity`: do two target words have the same tag? The evaluator's score is the label."""

from typing import ClassVar, Literal

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, normalize

from xner.base import AuxiliaryTask, LossTerm, SignalBatch, WordStates


def cosines(vectors: Tensor) -> Tensor:
    """Return the cosine of every vector with every other: (K, width) to (K, K)."""
    unit = normalize(vectors, dim=-1)
    return unit @ unit.mT


def scores(vectors: Tensor) -> Tensor:
    """Return the similarity score sigmoid(cos), between 0.269 and 0.731 (Li et al. 2022, section 3.2.2)."""
    return torch.sigmoid(cosines(vectors))


class Similarity(AuxiliaryTask):
    """Binary cross-entropy between the evaluator's and the student's similarity (Li et al. 2022, section 3.3).

    The student's similarity has no parameters: it is sigmoid(cos) of its own last hidden states.
    """

    level: ClassVar[Literal["words", "pairs"]] = "pairs"
    needs: ClassVar[tuple[str, ...]] = ("vectors",)

    def losses(self, student: WordStates, signals: SignalBatch) -> LossTerm:
        """Return the loss of every pair (K, K)."""
        words = signals.pairs.words
        target = scores(signals.columns["vectors"][words])
        values = binary_cross_entropy_with_logits(cosines(student.hidden[words]), target, reduction="none")
        return LossTerm(values, signals.pairs.mask)
