"""Picked sentences: those that refiners give no weight are left out of a student's training."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from xner.corpora.corpus import Corpus
from xner.errors import XnerError
from xner.machine.progress import Progress
from xner.training.batches import WEIGHT, Columns


@dataclass(frozen=True)
class Picked:
    """The columns of those sentences of a corpus that were picked.

    Args:
        columns: of all its sentences.
        numbers: of those that were, in their order.
    """

    columns: Columns
    numbers: Sequence[int]

    def row(self, sentence: int) -> Mapping[str, np.ndarray]:
        """Return each column of one sentence as (words, width).

        Args:
            sentence: its number among those that were picked.
        """
        return self.columns.row(self.numbers[sentence])


def weighty(columns: Columns, sentences: int) -> list[int]:
    """Return the numbers of the sentences that have a word whose weight is not zero.

    Args:
        columns: one of them is `weight`, (words, 1) of each sentence.
        sentences: how many there are.

    Raises:
        XnerError: a weight is negative, there is not one for each word, or all are zero.
    """
    found = []
    for number in range(sentences):
        weights = columns.row(number)[WEIGHT]
        if weights.shape[1:] != (1,):
            raise XnerError(f"the refiners give weights of the shape {weights.shape}; expected one for each word")
        if (weights < 0).any():
            raise XnerError(f"the refiners give a word the weight {weights.min():.4g}; weights must not be negative")
        if weights.any():
            found.append(number)
    if not found:
        raise XnerError("the refiners give all words the weight 0, so no sentence is left to learn from")
    return found


def picked(target: Corpus, columns: Columns, progress: Progress) -> tuple[Corpus, Columns]:
    """Return the sentences that a student learns from, with their columns: all, unless refiners have weighed them.

    Args:
        target: the sentences that were labelled.
        columns: what is said of them.
        progress: is told how many were picked.

    Raises:
        XnerError: the weights are none, or leave nothing to learn from.
    """
    if WEIGHT not in columns.row(0):
        return target, columns
    numbers = weighty(columns, len(target))
    if len(numbers) < len(target):
        told = f"refiners picked {len(numbers):,} of {len(target):,} sentences for the student to learn from"
        progress.say_once(told)
    return target.chosen(numbers), Picked(columns, numbers)
