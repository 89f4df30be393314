"""The refiners `most-confident` and `random-share`: they pick a share of the sentences for the student."""

from abc import abstractmethod
from collections.abc import Mapping
from math import ceil
from typing import ClassVar
from zlib import crc32

import numpy as np
from pydantic import Field

from xner.base import Corpus, Refiner, Settings, Signals


def confidence(rows: np.ndarray) -> float:
    """Return how sure the teachers are of a sentence: the mean over its words of the largest probability.

    Args:
        rows: probabilities (words, tags).
    """
    return float(rows.max(-1).mean(dtype=np.float64))


def highest(scores: np.ndarray, number: int) -> np.ndarray:
    """Return which of N sentences have the highest scores (N,); of equals, those that come first.

    Args:
        scores: (N,).
        number: how many.
    """
    chosen = np.zeros(len(scores), dtype=bool)
    chosen[np.argsort(-scores, kind="stable")[:number]] = True
    return chosen


def mask(chosen: bool | np.bool_, words: int) -> Mapping[str, np.ndarray]:
    """Return the column `weight` of a sentence that is picked, or not.

    Args:
        chosen: whether it is.
        words: how many it has.
    """
    return {"weight": np.full((words, 1), float(chosen), dtype=np.float32)}


class Share(Refiner):
    """Picks the share of the sentences with the highest scores; the words of all others count nothing."""

    class Config(Settings):
        """How many sentences."""

        share: float = Field(0.8, gt=0, le=1, description="Share of the sentences that the student learns from.")

    config: Config
    provides: ClassVar[tuple[str, ...]] = ("weight",)
    _chosen: np.ndarray

    @abstractmethod
    def scores(self, signals: Signals) -> np.ndarray:
        """Return a score of each sentence (N,)."""

    def prepare(self, target: Corpus, signals: Signals) -> None:
        """Score all sentences and pick, rounded up."""
        self._chosen = highest(self.scores(signals), ceil(round(self.config.share * len(signals), 6)))

    def refine(self, sentence: int, signals: Signals) -> Mapping[str, np.ndarray]:
        """Return `weight` (words, 1) of one sentence: 1 if it is picked, 0 if not."""
        return mask(self._chosen[sentence], len(signals.row(sentence)["probabilities"]))


class MostConfident(Share):
    """Picks the sentences that the teachers are surest of, by the mean over words of the largest probability."""

    def scores(self, signals: Signals) -> np.ndarray:
        """Return how sure the teachers are of each sentence (N,)."""
        return np.array([confidence(signals.row(number)["probabilities"]) for number in range(len(signals))])


class RandomShare(Share):
    """Picks sentences at random, by the run's seed; for other teachers, as those of another round, others."""

    def scores(self, signals: Signals) -> np.ndarray:
        """Return random numbers (N,)."""
        names = [crc32(name.encode()) for name in signals.teachers]
        return np.random.default_rng([signals.seed, *names]).random(len(signals))
