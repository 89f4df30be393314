"""Batches: which sentences a step learns from, in which order, and with which signals."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset, Sampler

from xner.tagging.windows import Window, WindowFile, collate

_POOL = 16
"""Batches whose sentences are sorted by length together: the more, the less padding and the less randomness."""


WEIGHT = "weight"
"""The column (words, 1) of how much a word counts, beside the student's weighting; several refiners' are multiplied."""


class Columns(Protocol):
    """Values for each word of each sentence, such as the teachers' signals."""

    def row(self, sentence: int) -> Mapping[str, np.ndarray]:
        """Return each column of one sentence as (words, width)."""


class TrainingData(Dataset[tuple[Window, dict[str, np.ndarray]]]):
    """Windows and, for a student, the teachers' signals for their words."""

    def __init__(self, windows: WindowFile, columns: Columns | None = None) -> None:
        self.windows = windows
        self.columns = columns

    def __len__(self) -> int:
        return len(self.windows)

    def __getitem__(self, number: int) -> tuple[Window, dict[str, np.ndarray]]:
        window = self.windows[number]
        rows = self.columns.row(window.sentence) if self.columns else {}
        return window, {name: row[window.words] for name, row in rows.items()}


class Order(Sampler[int]):
    """Sentences of about equal length together, in batches that come in any order.

    transformers' own LengthGroupedSampler goes from long to short again and again, and ends on the shortest; that
    costs much F1. The order depends on seed and epoch alone, so that a killed training resumes in the same one.
    """

    def __init__(self, batch_size: int, lengths: np.ndarray, seed: int) -> None:
        self.batch_size, self.lengths, self.seed, self.epoch = batch_size, lengths, seed, 0

    def __len__(self) -> int:
        return len(self.lengths)

    def set_epoch(self, epoch: int) -> None:
        """Begin another epoch, with an order of its own; the Trainer calls it."""
        self.epoch = epoch

    def __iter__(self) -> Iterator[int]:
        draw = np.random.default_rng([self.seed, self.epoch])
        order, size = draw.permutation(len(self.lengths)), self.batch_size
        for start in range(0, len(order), size * _POOL):
            pool = order[start : start + size * _POOL]
            pool[:] = pool[np.argsort(self.lengths[pool], kind="stable")]
        whole = len(order) // size
        for batch in draw.permutation(whole):
            yield from order[batch * size : (batch + 1) * size].tolist()
        # a batch that is not full must come last, since the loader cuts the order into batches by counting
        yield from order[whole * size :].tolist()


def collate_with_signals(items: Sequence[tuple[Window, dict[str, np.ndarray]]], pad: int) -> dict[str, Tensor]:
    """Return windows as one batch, see `xner.tagging.windows.collate`, with the signals as further columns (W, width).

    Args:
        items: of a `TrainingData`.
        pad: the number of the tokenizer's padding piece.
    """
    batch = collate([window for window, _ in items], pad)
    for name in items[0][1]:
        batch[name] = torch.cat([torch.from_numpy(rows[name]).float() for _, rows in items])
    return batch
