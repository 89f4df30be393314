"""The base class of weightings, and the weighting `uniform`."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from xner.plugin.component import Component
from xner.students.batch import SignalBatch


@dataclass(frozen=True)
class Weights:
    """One weight for each value of the losses.

    Args:
        words: (W,) for the tag loss and for auxiliary tasks on words.
        pairs: (K, K) for auxiliary tasks on pairs.
    """

    words: Tensor
    pairs: Tensor


class Weighting(Component, ABC):
    """How much every word and every pair counts, from the teachers' signals alone."""

    kind: ClassVar[str] = "weightings"
    needs: ClassVar[tuple[str, ...]] = ()
    """The signal columns that the weighting reads."""

    @abstractmethod
    def weigh(self, signals: SignalBatch) -> Weights:
        """Return finite, non-negative weights; they are constants, no gradient flows through them."""


class Uniform(Weighting):
    """Every word and every pair counts the same."""

    def weigh(self, signals: SignalBatch) -> Weights:
        """Return ones."""
        mask = signals.pairs.mask
        return Weights(
            torch.ones(len(signals.sentences), device=mask.device), torch.ones(mask.shape, device=mask.device)
        )
