"""The auxiliary task `similarity`: do two target words have the same tag? The evaluator's score is the label."""

from typing import ClassVar, Literal

import torch
from pydantic import Field
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, log_softmax, normalize

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


def same_tag_logits(logits: Tensor) -> Tensor:
    """Return the log-odds of every two words having one tag: (K, tags) to (K, K).

    The probability is sum_t q_i(t) q_j(t), as if each word's tag were drawn on its own (as in Hsu et al., ICLR 2019,
    whose classifier learns classes from nothing but such pairs; cited from memory).

    Args:
        logits: (K, tags) tag scores.
    """
    logs = log_softmax(logits, dim=-1)
    alike = (logs[:, None, :] + logs[None, :, :]).logsumexp(-1).clamp(max=-1e-6)
    return alike - torch.log(-torch.expm1(alike))


class SimilaritySettings(AuxiliarySettings):
    """How the student learns similarity."""

    scale: float = Field(1.0, gt=0, description="Factor of both cosines, the evaluator's and the student's; 1: paper.")
    student: Literal["states", "tags"] = Field(
        "states", description="What of the student is compared: its last hidden states (paper), or its tags; ours."
    )


class Similarity(AuxiliaryTask):
    """Binary cross-entropy between the evaluator's and the student's similarity (Li et al. 2022, section 3.3).

    The student's similarity has no parameters: it is sigmoid(cos) of its own last hidden states. A scale, ours, lets
    scores come near 0 and 1; without one they stay between 0.27 and 0.73, whatever the words are.

    Instead of the states its tags can be compared, ours: then what the evaluator says of two words is learned by the
    tag head, and not only by the states below it.
    """

    Config = SimilaritySettings
    config: SimilaritySettings

    level: ClassVar[Literal["words", "pairs"]] = "pairs"
    needs: ClassVar[tuple[str, ...]] = ("vectors",)

    def losses(self, student: WordStates, signals: SignalBatch) -> LossTerm:
        """Return the loss of every pair (K, K)."""
        words, scale = signals.pairs.words, self.config.scale
        target = scores(signals.columns["vectors"][words], scale)
        tags = self.config.student == "tags"
        own = same_tag_logits(student.logits[words]) if tags else scale * cosines(student.hidden[words])
        values = binary_cross_entropy_with_logits(own, target, reduction="none")
        return LossTerm(values, signals.pairs.mask)
