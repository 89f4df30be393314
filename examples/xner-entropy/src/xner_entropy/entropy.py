"""The weighting `entropy`: words count by how sure the teacher is of them."""

from typing import ClassVar

import torch
from torch import Tensor

from xner.base import SignalBatch, Weighting, Weights


def certainty(probabilities: Tensor) -> Tensor:
    """Return exp(-H(p)), the inverse of the teacher's perplexity: one where it is sure, 1 / C where it knows nothing.

    Args:
        probabilities: (..., C) of the tags.
    """
    return torch.exp(-torch.special.entr(probabilities).sum(-1))


class Entropy(Weighting):
    """exp(-H) for words, and the product of the two for pairs, which is exp(-H) of both tags together."""

    needs: ClassVar[tuple[str, ...]] = ("probabilities",)

    def weigh(self, signals: SignalBatch) -> Weights:
        """Return the weights, all between zero and one."""
        words = certainty(signals.columns["probabilities"])
        paired = words[signals.pairs.words]
        return Weights(words, paired[:, None] * paired[None, :])
