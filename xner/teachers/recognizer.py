"""The teacher `recognizer`: a tagger trained on the source's gold labels."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import ClassVar

import numpy as np
from pydantic import Field
from torch import Tensor
from torch.nn.functional import cross_entropy

from xner.corpora.corpus import Corpus
from xner.errors import DataError
from xner.plugin.component import Names
from xner.store.stages import TAGGER
from xner.tagging.classes import Wanted, read_classes
from xner.tagging.hub import Origin, configuration
from xner.tagging.states import WordStates
from xner.tagging.subwords import inside_labels, to_following
from xner.tagging.tagger import Tagger
from xner.tagging.windows import IGNORED
from xner.teachers.teacher import Teacher
from xner.training.objective import Objective
from xner.training.settings import TagSettings
from xner.training.workbench import Workbench


def gold_loss(states: WordStates, batch: Mapping[str, Tensor], subwords: float) -> Tensor:
    """Return the mean cross-entropy of the gold tags over words (L_ER of Li et al. 2022, section 3.2.1).

    Args:
        states: of the W words.
        batch: their labels (W,) and sizes (W,).
        subwords: factor of the mean over their further sub-words; 0 is the paper.
    """
    labels = batch["labels"]
    loss = cross_entropy(states.logits, labels, ignore_index=IGNORED)
    if not subwords or states.following is None:
        return loss
    further = to_following(inside_labels(labels), batch["sizes"])
    values = cross_entropy(states.following, further, ignore_index=IGNORED, reduction="sum")
    return loss + subwords * values / (further != IGNORED).sum().clamp(min=1)


class GoldTags(Objective):
    """The loss of a tagger on gold tags.

    Args:
        tagger: the tagger whose model learns.
        subwords: factor of the loss of further sub-words.
    """

    def __init__(self, tagger: Tagger, subwords: float = 1.0) -> None:
        super().__init__(tagger)
        self.subwords = subwords

    def forward(self, batch: Mapping[str, Tensor]) -> Tensor:
        """Return the mean loss of the labelled words and of their further sub-words."""
        return gold_loss(self.states(batch), batch, self.subwords)


class RecognizerSettings(TagSettings):
    """How the recognizer learns, or which tagger it is."""

    tagger: str = Field(
        "", description="Folder or hub id of a tagger that is taken as it is, in place of training; labels.map maps it."
    )
    names: Names = Field((), description="Names of that tagger's classes, in order, where it does not name them.")


class Recognizer(Teacher):
    """Learns the source's tags, and predicts the probability of each tag for each target word."""

    Config = RecognizerSettings
    config: RecognizerSettings
    provides: ClassVar[tuple[str, ...]] = ("probabilities",)
    _tagger: Tagger

    def fit(self, source: Corpus, workbench: Workbench) -> None:
        """Train on labelled sentences, or take the tagger of the settings as it is.

        Raises:
            DataError: they have no labels, or there is no such tagger.
            UsageError: its types are not the run's.
        """
        if self.config.tagger and workbench.start is None:  # from given weights it goes on learning
            self._tagger = Tagger.adopt(self._origin(workbench), workbench.hardware, self._wanted(workbench))
            self._tagger.max_length = min(self._tagger.max_length, workbench.max_length)
            workbench.check_words(self._tagger)
            return
        if not source.labelled:
            raise DataError(f"{source}: has no labels, so no recognizer can learn from it")
        self._tagger = workbench.new_tagger()
        workbench.train(self._tagger, GoldTags(self._tagger, self.config.subwords), source, self.config)

    def label(self, target: Corpus) -> Iterator[Mapping[str, np.ndarray]]:
        """Yield `probabilities` (words, tags) of each sentence."""
        return ({"probabilities": row} for row in self._tagger.probabilities(target))

    def save(self, folder: Path) -> None:
        """Write the tagger."""
        self._tagger.save(folder / TAGGER)

    def restore(self, folder: Path, workbench: Workbench) -> None:
        """Read the tagger."""
        self._tagger = workbench.load_tagger(folder / TAGGER)

    def identity(self, workbench: Workbench) -> object:
        """Return which tagger it is, and how its classes are read; None if it is trained.

        Raises:
            DataError: there is no such tagger.
            UsageError: its types are not the run's.
        """
        if not self.config.tagger:
            return None
        origin, wanted = self._origin(workbench), self._wanted(workbench)
        labels, _ = read_classes(configuration(origin), origin.path, wanted)  # before anything is computed
        return {"tagger": origin.identity, "labels": labels.tags, "map": dict(wanted.renames)}

    def _origin(self, workbench: Workbench) -> Origin:
        place, encoder = str(Path(self.config.tagger).expanduser()), workbench.encoder
        return Origin.of(place, trusted=encoder.trusted, what="tagger", pickled=encoder.pickled)

    def _wanted(self, workbench: Workbench) -> Wanted:
        return Wanted(workbench.labels, workbench.renames, self.config.names)
