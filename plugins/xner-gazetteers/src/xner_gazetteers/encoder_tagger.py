"""The tagger `encoder` of `wiki`: a run's encoder that is told, beside each word, what the gazetteer says of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor, nn

from xner.base import TAGGER, Corpus, Objective, Tagger, TagSettings, Teacher, Workbench, gold_loss
from xner.errors import DataError
from xner_gazetteers.name_features import NameFeatures

_FILE = "added.npy"
_COLUMN = "names"


@dataclass(frozen=True)
class _Columns:
    """The features beside the words of a corpus."""

    corpus: Corpus
    features: NameFeatures

    def row(self, sentence: int) -> Mapping[str, np.ndarray]:
        return {_COLUMN: self.features.row(self.corpus[sentence].tokens)}


class NamedTags(Objective):
    """The loss of gold tags, with scores to which the features add theirs.

    The features come before the tag head: with the head's matrix W and a word's state h and features x it says
    W (h + P x) = W h + (W P) x. What is learned is W P, (tags, features), from zero on.

    Args:
        tagger: the tagger whose model learns.
        size: how many features there are.
        subwords: factor of the loss of further sub-words.
    """

    def __init__(self, tagger: Tagger, size: int, subwords: float) -> None:
        super().__init__(tagger)
        self.added = nn.Linear(size, len(tagger.labels.tags), bias=False)
        nn.init.zeros_(self.added.weight)
        self.subwords = subwords

    def forward(self, batch: Mapping[str, Tensor]) -> Tensor:
        """Return the mean loss of the labelled words and of their further sub-words."""
        states = self.states(batch)
        scores = states.logits + self.added(batch[_COLUMN].to(states.logits.dtype))
        return gold_loss(replace(states, logits=scores), batch, self.subwords)


class EncoderTagger(Teacher):
    """A recognizer whose tag head also hears the gazetteer.

    Args:
        settings: how it learns.
        features: of words; `restore` reads those that were saved.
    """

    provides: ClassVar[tuple[str, ...]] = ("probabilities",)
    scored: ClassVar[bool] = True
    _tagger: Tagger
    _added: np.ndarray

    def __init__(self, settings: TagSettings, features: NameFeatures | None = None) -> None:
        super().__init__(settings)
        self.settings = settings
        if features is not None:
            self.features = features

    def fit(self, source: Corpus, workbench: Workbench) -> None:
        """Train on labelled sentences; the last step is kept, since a judge would not hear the gazetteer.

        Raises:
            DataError: they have no labels.
        """
        if not source.labelled:
            raise DataError(f"{source}: has no labels, so no tagger can learn from it")
        self._tagger = workbench.new_tagger()
        objective = NamedTags(self._tagger, len(self.features.names), self.settings.subwords)
        columns = _Columns(source, self.features)
        workbench.train(self._tagger, objective, source, self.settings, columns, judge=None)
        self._added = objective.added.weight.detach().float().cpu().numpy()

    def label(self, target: Corpus) -> Iterator[Mapping[str, np.ndarray]]:
        """Yield `probabilities` (words, tags) of each sentence."""
        said = self._tagger.states(target, lambda states: {"scores": states.logits})
        for sentence, row in zip(target, said, strict=True):
            scores = row["scores"] + self.features.row(sentence.tokens) @ self._added.T
            yield {"probabilities": torch.from_numpy(scores).softmax(-1).numpy()}

    def save(self, folder: Path) -> None:
        """Write the tagger, what it adds, and the features."""
        self._tagger.save(folder / TAGGER)
        np.save(folder / _FILE, self._added)
        self.features.save(folder)

    def restore(self, folder: Path, workbench: Workbench) -> None:
        """Read what was saved."""
        self._tagger = workbench.load_tagger(folder / TAGGER)
        self._added = np.load(folder / _FILE)
        self.features = NameFeatures.load(folder)
