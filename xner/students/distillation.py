"""Distillation: a student follows the teachers' signals on unlabelled target sentences."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import torch
from torch import Tensor, nn

from xner.students.batch import SignalBatch, draw
from xner.students.hard import HARD
from xner.students.losses import tag_loss
from xner.students.settings import StudentSettings
from xner.students.task import AuxiliarySettings, AuxiliaryTask, LossTerm
from xner.students.vetting import vetted_losses, vetted_weights
from xner.students.weighting import Weighting, Weights
from xner.tagging.states import WordStates
from xner.tagging.subwords import inside_probabilities, to_following
from xner.tagging.tagger import Tagger
from xner.training.batches import WEIGHT
from xner.training.objective import Objective


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
        weights = self._weights(signals, batch)
        loss = settings.tag_coefficient * self._tag_loss(student, batch, weights.words)
        for task in self.tasks:
            assert isinstance(task, AuxiliaryTask) and isinstance(task.config, AuxiliarySettings)
            term = vetted_losses(task, student, signals)
            loss = loss + task.config.coefficient * term.mean(getattr(weights, task.level))
        return loss

    def _weights(self, signals: SignalBatch, batch: Mapping[str, Tensor]) -> Weights:
        """Return the weighting's weights; those of words are multiplied by what refiners gave them."""
        weights = vetted_weights(self.weighting, signals)
        return replace(weights, words=weights.words * batch[WEIGHT].detach()[:, 0]) if WEIGHT in batch else weights

    def _tag_loss(self, student: WordStates, batch: Mapping[str, Tensor], weights: Tensor) -> Tensor:
        """Return the mean loss of the words, and with its factor that of their further sub-words."""
        name, probabilities = self.settings.tag_loss, batch.get(HARD, batch["probabilities"]).detach()
        loss = _mean(tag_loss(name, student.logits, probabilities), weights)
        if not self.settings.subwords or student.following is None or not len(student.following):
            return loss
        said, counts = (to_following(each, batch["sizes"]) for each in (inside_probabilities(probabilities), weights))
        return loss + self.settings.subwords * _mean(tag_loss(name, student.following, said), counts)

    def _signals(self, batch: Mapping[str, Tensor]) -> SignalBatch:
        columns = {name: batch[name].detach() for name in self.needed}
        settings = self.settings
        pairs = draw(settings.pairing, batch["sentences"], settings.paired_words, columns["probabilities"])
        return SignalBatch(columns, batch["sentences"], pairs)


def _mean(values: Tensor, weights: Tensor) -> Tensor:
    return LossTerm(values, torch.ones_like(values, dtype=torch.bool)).mean(weights)
