"""The teacher `joint`: one encoder with the student's structure, trained on tags and similarity together."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import ClassVar

import numpy as np
from torch import Tensor

from xner.base import TAGGER, Corpus, Objective, Tagger, TagSettings, Teacher, WordStates, Workbench, gold_loss
from xner_mtmt.evaluator import PairSettings, pair_loss, unit_vectors


class JointSettings(PairSettings, TagSettings):
    """How the joint teacher learns."""


class JointLoss(Objective):
    """L_ER + L_SIM (the single teacher of Li et al. 2022, table 5)."""

    def __init__(self, tagger: Tagger, settings: JointSettings) -> None:
        super().__init__(tagger)
        self.settings = settings

    def forward(self, batch: Mapping[str, Tensor]) -> Tensor:
        """Return the sum of both mean losses."""
        states = self.states(batch)
        tags = gold_loss(states, batch, self.settings.subwords)
        return tags + pair_loss(states.hidden, batch["labels"], batch["sentences"], self.settings)


def _columns(states: WordStates) -> dict[str, Tensor]:
    return {"probabilities": states.logits.softmax(-1), **unit_vectors(states)}


class Joint(Teacher):
    """Recognizer and similarity evaluator in one."""

    Config = JointSettings
    config: JointSettings
    provides: ClassVar[tuple[str, ...]] = ("probabilities", "vectors")
    embeddings: ClassVar[tuple[str, ...]] = ("vectors",)
    _tagger: Tagger

    def fit(self, source: Corpus, workbench: Workbench) -> None:
        """Train on labelled sentences."""
        self._tagger = workbench.new_tagger()
        workbench.train(self._tagger, JointLoss(self._tagger, self.config), source, self.config)

    def label(self, target: Corpus) -> Iterator[Mapping[str, np.ndarray]]:
        """Yield `probabilities` and `vectors` of each sentence."""
        return self._tagger.states(target, _columns)

    def save(self, folder: Path) -> None:
        """Write the tagger."""
        self._tagger.save(folder / TAGGER)

    def restore(self, folder: Path, workbench: Workbench) -> None:
        """Read the tagger."""
        self._tagger = workbench.load_tagger(folder / TAGGER)
