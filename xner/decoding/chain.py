"""A linear chain over tags: its best path, and how probable each tag is in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

_FLOOR = 1e-12
"""Probabilities below this count as this, so that no sentence becomes impossible."""


@dataclass(frozen=True)
class Potentials:
    """How well tags fit together: factors of T tags beside their probabilities; 0 forbids.

    Args:
        start: (T,) of a tag at the beginning of a sentence.
        step: (T, T) of a tag, in a column, after another, in a row.
    """

    start: np.ndarray
    step: np.ndarray


@dataclass(frozen=True)
class Chain:
    """Sentences as linear chains: a path y has the weight start(y_1) p_1(y_1) prod_t step(y_t-1, y_t) p_t(y_t).

    Args:
        probabilities: (B, longest, T) of B sentences; what stands behind the end of one is not read.
        lengths: (B,) words of each, at least one.
        potentials: how well tags fit together.
    """

    probabilities: np.ndarray
    lengths: np.ndarray
    potentials: Potentials

    @classmethod
    def of(cls, rows: Sequence[np.ndarray], potentials: Potentials) -> "Chain":
        """Put sentences side by side.

        Args:
            rows: (words, T) probabilities of each, of one word at least.
            potentials: how well tags fit together.
        """
        lengths = np.array([len(row) for row in rows])
        padded = np.ones((len(rows), lengths.max(), len(potentials.start)))
        for sentence, row in zip(padded, rows, strict=True):
            sentence[: len(row)] = np.maximum(row, _FLOOR)
        return cls(padded, lengths, potentials)

    def best(self) -> np.ndarray:
        """Return the tags (B, longest) of the path with the largest weight (Viterbi 1967)."""
        with np.errstate(divide="ignore"):
            emitted, start, step = map(np.log, (self.probabilities, self.potentials.start, self.potentials.step))
        sentences, longest, tags = emitted.shape
        come_from = np.empty((longest, sentences, tags), dtype=np.int64)
        weights = start + emitted[:, 0]
        for place in range(1, longest):
            ways = weights[:, :, None] + step
            come_from[place] = ways.argmax(1)
            moved = ways.max(1) + emitted[:, place]
            ended = (self.lengths <= place)[:, None]
            come_from[place] = np.where(ended, np.arange(tags), come_from[place])
            weights = np.where(ended, weights, moved)
        paths = np.empty((sentences, longest), dtype=np.int64)
        paths[:, -1] = weights.argmax(1)
        for place in range(longest - 1, 0, -1):
            paths[:, place - 1] = np.take_along_axis(come_from[place], paths[:, place, None], 1)[:, 0]
        return paths

    @property
    def marginals(self) -> np.ndarray:
        """The probabilities (B, longest, T) of each tag, over all paths (forward-backward, Baum 1972)."""
        reached, left, _ = self._passes
        return np.asarray(reached * left)

    def run(self, sentence: int, start: int, end: int, begin: int) -> float:
        """Return how probable it is that an entity has exactly these words.

        Args:
            sentence: its number in the batch.
            start: its first word.
            end: the word after its last.
            begin: the number of its type's B- tag; that of its I- tag is one more.
        """
        reached, left, scales = (part[sentence] for part in self._passes)
        emitted, step, inside = self.probabilities[sentence], self.potentials.step, begin + 1
        value, last = reached[start, begin], begin
        for place in range(start + 1, end):
            value *= step[last, inside] * emitted[place, inside] / scales[place]
            last = inside
        if end < self.lengths[sentence]:
            onwards = step[last] * emitted[end] * left[end] / scales[end]
            onwards[inside] = 0.0
            value *= onwards.sum()
        return float(value)

    @cached_property
    def _passes(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Forward and backward weights (B, longest, T), each place's forward ones adding up to one, and the scales."""
        emitted, step, (sentences, longest, _) = self.probabilities, self.potentials.step, self.probabilities.shape
        reached, left, scales = np.ones_like(emitted), np.ones_like(emitted), np.ones((sentences, longest))
        for place in range(longest):
            come = reached[:, place - 1] @ step if place else self.potentials.start
            weights = come * emitted[:, place]
            scales[:, place] = weights.sum(-1)
            reached[:, place] = weights / scales[:, place, None]
        for place in range(longest - 2, -1, -1):
            gone = (left[:, place + 1] * emitted[:, place + 1]) @ step.T / scales[:, place + 1, None]
            left[:, place] = np.where((self.lengths <= place + 1)[:, None], 1.0, gone)
        return reached, left, scales
