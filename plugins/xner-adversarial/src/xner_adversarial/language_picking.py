"""The refiner `language-picking`."""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
from pydantic import Field

from xner.base import Corpus, Refiner, Settings, Signals


class LanguagePicking(Refiner):
    """Leaves out the sentences whose language a discriminator is surest of (the code of Chen et al., ACL 2021).

    With p, the mean of a sentence's `source_probability`, its score is 1 - |p - 0.5|; the sentences with the highest
    are kept, of equal ones the earlier.
    """

    class Config(Settings):
        """How many are kept."""

        keep: float = Field(0.8, gt=0, le=1, description="Share of the sentences that are kept; 1: all are.")

    config: Config
    needs: ClassVar[tuple[str, ...]] = ("source_probability",)
    provides: ClassVar[tuple[str, ...]] = ("weight",)
    _kept: np.ndarray

    def prepare(self, target: Corpus, signals: Signals) -> None:
        """Score all sentences, and pick."""
        said = [signals.row(number)["source_probability"].mean(dtype=np.float64) for number in range(len(signals))]
        distances = np.abs(np.array(said) - 0.5)
        number = max(1, round(self.config.keep * len(distances)))
        best = np.argsort(distances, kind="stable")[:number]
        self._kept = np.zeros(len(distances), bool)
        self._kept[best] = True
        farthest = distances[best[-1]]
        found = f"P(source) is {np.mean(said):.2f} on average, and within {farthest:.2f} of a half in what is kept"
        self.notes = (f"language-picking: {number:,} of {len(distances):,} sentences are kept; {found}",)

    def refine(self, sentence: int, signals: Signals) -> Mapping[str, np.ndarray]:
        """Return `weight` (words, 1) of one sentence: 1 if it is kept, and 0 if it is left out."""
        words = len(signals.row(sentence)["source_probability"])
        return {"weight": np.full((words, 1), self._kept[sentence], np.float32)}
