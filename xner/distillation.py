"""Distillation: a student follows the teachers' signals on unlabelled target sentences."""

from collections.abc import Mapping, Sequence
from typing import Literal

import torch
from pydantic import Field, field_validator
from torch import Tensor, nn

from xner.base import AuxiliarySettings, AuxiliaryTask, LossTerm, SignalBatch, Weighting
from xner.losses import TagLoss, tag_loss
from xner.pairing import Pairing, draw
from xner.tagger import Tagger
from xner.training import Objective, TrainingSettings
from xner.vetting import vetted_losses, vetted_weights


class StudentSettings(TrainingSettings):
    """How the student learns."""

    epochs: float = Field(4, gt=0, description="Passes over the target sentences.")
    learning_rate: float | None = Field(
        5e-5, gt=0, description="Highest learning rate; unset: the encoder's usual one."
    )
    head_rate: float | None = Field(1.0, gt=0, description="Factor of the rate for the tag head.")
    start: Literal["encoder", "teacher"] = Field(
        "teacher", description="Start from the pretrained encoder or from the teacher, of several the weightiest."
    )
    tag_loss: TagLoss = Field("soft_ce", description="Loss against the recognizer teacher's soft labels.")
    tag_coefficient: float = Field(1.0, ge=0, description="Factor of the tag loss beside the auxiliary tasks.")
    pairing: Pairing = Field(
        "uniform", description="Which words are paired: uniform, or balanced by the teacher's entities."
    )
    paired_words: int = Field(512, gt=1, description="At most so many words of a batch are paired, each with each.")
    tasks: tuple[str, ...] = Field((), description="Auxiliary tasks that the student learns beside the method's own.")
    weighting: str | None = Field(None, description="How words and pairs are weighted; unset: as the method says.")

    @field_validator("tasks")
    @classmethod
    def _each_once(cls, tasks: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(tasks))

    @property
    def parts(self) -> tuple[str, ...]:
        """The names of what is mixed into the method: the tasks, then the weighting."""
        return (*self.tasks, *([self.weighting] if self.weighting else []))


class Distillation(Objective):
    """The weighted tag loss and the weighted losses of the auxiliary tasks.

    Args:
        tagger: the student.
        tasks: the auxiliary tasks.
        weighting: gives every word's and every pair's weight.
        settings: which loss, which pairs, which coefficients.
    """

    def __init__(
        self, tagger: Tagger, tasks: Sequence[AuxiliaryTask], weighting: Weighting, settings: StudentSettings
    ) -> None:
        super().__init__(tagger)
        self.tasks = nn.ModuleList(tasks)
        self.needed = sorted({"probabilities", *weighting.needs}.union(*(task.needs for task in tasks)))
        self.weighting = weighting
        self.settings = settings
        for task in tasks:
            task.build(tagger.model.config.hidden_size)

    def forward(self, batch: Mapping[str, Tensor]) -> Tensor:
        """Return the loss of one batch; each term is a mean over the words or pairs that count.

        Raises:
            XnerError: the weighting or a task returns what the student cannot learn from.
        """
        settings = self.settings
        student = self.states(batch)
        signals = self._signals(batch)
        weights = vetted_weights(self.weighting, signals)
        values = tag_loss(settings.tag_loss, student.logits, signals.columns["probabilities"])
        loss = settings.tag_coefficient * LossTerm(values, torch.ones_like(values, dtype=torch.bool)).mean(
            weights.words
        )
        for task in self.tasks:
            assert isinstance(task, AuxiliaryTask) and isinstance(task.config, AuxiliarySettings)
            term = vetted_losses(task, student, signals)
            loss = loss + task.config.coefficient * term.mean(getattr(weights, task.level))
        return loss

    def _signals(self, batch: Mapping[str, Tensor]) -> SignalBatch:
        columns = {name: batch[name].detach() for name in self.needed}
        settings = self.settings
        pairs = draw(settings.pairing, batch["sentences"], settings.paired_words, columns["probabilities"])
        return SignalBatch(columns, batch["sentences"], pairs)
