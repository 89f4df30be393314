"""The teacher `recognizer`: a tagger trained on the source's gold labels."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import ClassVar

import numpy as np
from torch import Tensor
from torch.nn.functional import cross_entropy

from xner.base import TAGGER, Teacher
from xner.corpus import Corpus
from xner.encoding import IGNORED
from xner.errors import DataError
from xner.tagger import Tagger
from xner.training import Objective, TrainingSettings
from xner.workbench import Workbench


class GoldTags(Objective):
    """Cross-entropy of the gold tags over words (L_ER of Li et al. 2022, section 3.2.1)."""

    def forward(self, batch: Mapping[str, Tensor]) -> Tensor:
        """Return the mean loss of the labelled words."""
        return cross_entropy(self.states(batch).logits, batch["labels"], ignore_index=IGNORED)


class Recognizer(Teacher):
    """Learns the source's tags, and says of each target word how probable each tag is."""

    Config = TrainingSettings
    config: TrainingSettings
    provides: ClassVar[tuple[str, ...]] = ("probabilities",)
    _tagger: Tagger

    def fit(self, source: Corpus, bench: Workbench) -> None:
        """Train on labelled sentences.

        Raises:
            DataError: they have no labels.
        """
        if not source.labelled:
            raise DataError(f"{source}: has no labels, so no recognizer can learn from it")
        self._tagger = bench.new_tagger()
        bench.train(self._tagger, GoldTags(self._tagger), source, self.config)

    def label(self, target: Corpus) -> Iterator[Mapping[str, np.ndarray]]:
        """Yield `probabilities` (words, tags) of each sentence."""
        return self._tagger.states(target, lambda states: {"probabilities": states.logits.softmax(-1)})

    def save(self, folder: Path) -> None:
        """Write the tagger."""
        self._tagger.save(folder / TAGGER)

    def restore(self, folder: Path, bench: Workbench) -> None:
        """Read the tagger."""
        self._tagger = bench.load_tagger(folder / TAGGER)
