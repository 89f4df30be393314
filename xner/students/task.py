"""The base class of auxiliary tasks: what a student learns in addition to its tags."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Literal

import torch
from pydantic import Field
from torch import Tensor, nn

from xner.plugin.component import Component, Settings
from xner.students.batch import SignalBatch
from xner.tagging.states import WordStates


@dataclass(frozen=True)
class LossTerm:
    """Unreduced losses, and which of them count.

    Args:
        values: (W,) for a task on words, (K, K) for a task on pairs.
        mask: the same shape, true where the value counts.
    """

    values: Tensor
    mask: Tensor

    def mean(self, weights: Tensor) -> Tensor:
        """Return the mean of the weighted values that count; zero where none does."""
        weighted = torch.where(self.mask, weights * self.values, 0.0)
        return weighted.sum() / self.mask.sum().clamp(min=1)


class AuxiliarySettings(Settings):
    """Settings that every auxiliary task has."""

    coefficient: float = Field(1.0, ge=0, description="Factor of this task's loss beside the tag loss.")


class AuxiliaryTask(Component, nn.Module, ABC):
    """A second thing that the student learns; it may own parameters, which are trained and then dropped."""

    kind: ClassVar[str] = "auxiliary_tasks"
    Config: ClassVar[type[Settings]] = AuxiliarySettings
    level: ClassVar[Literal["words", "pairs"]]
    """Whether there is a loss for each word or for each pair of words."""
    needs: ClassVar[tuple[str, ...]] = ()
    """The signal columns that the task reads."""

    def build(self, hidden_size: int) -> None:
        """Create the task's own parameters, if it has any, for a student of this hidden size."""

    @abstractmethod
    def losses(self, student: WordStates, signals: SignalBatch) -> LossTerm:
        """Return the unreduced losses of one batch."""
