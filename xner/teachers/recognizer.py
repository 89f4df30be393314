"""The teacher `recognizer`: a tagger trained on the source's gold labels."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import ClassVar

import numpy as np
from torch import Tensor
from torch.nn.functional import cross_entropy

from xner.corpora.corpus import Corpus
from xner.errors import DataError
from xner.store.stages import TAGGER
from xner.tagging.tagger import Tagger
from xner.tagging.windows import IGNORED
from xner.teachers.teacher import Teacher
from xner.training.objective import Objective
from xner.training.settings import TrainingSettings
from xner.training.workbench import Workbench


class GoldTags(Objective):
    """Cross-entropy of the gold tags over words (L_ER of Li et al. 2022, section 3.2.1)."""

    def forward(self, batch: Mapping[str, Tensor]) -> Tensor:
        """Return the mean loss of the labelled words."""
        return cross_entropy(self.states(batch).logits, batch["labels"], ignore_index=IGNORED)


class Recognizer(Teacher):
    """Learns the source's tags, and predicts the probability of each tag for each target word."""

    Config = TrainingSettings
    config: TrainingSettings
    provides: ClassVar[tuple[str, ...]] = ("probabilities",)
    _tagger: Tagger

    def fit(self, source: Corpus, workbench: Workbench) -> None:
        """Train on labelled sentences.

        Raises:
            DataError: they have no labels.
        """
        if not source.labelled:
            raise DataError(f"{source}: has no labels, so no recognizer can learn from it")
        self._tagger = workbench.new_tagger()
        workbench.train(self._tagger, GoldTags(self._tagger), source, self.config)

    def label(self, target: Corpus) -> Iterator[Mapping[str, np.ndarray]]:
        """Yield `probabilities` (words, tags) of each sentence."""
        return self._tagger.states(target, lambda states: {"probabilities": states.logits.softmax(-1)})

    def save(self, folder: Path) -> None:
        """Write the tagger."""
        self._tagger.save(folder / TAGGER)

    def restore(self, folder: Path, workbench: Workbench) -> None:
        """Read the tagger."""
        self._tagger = workbench.load_tagger(folder / TAGGER)
