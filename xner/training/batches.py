"""Batches: which sentences a step learns from, in which order, and with which signals."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol
from zlib import crc32

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset, Sampler

from xner.machine import processes
from xner.tagging.windows import MODEL_INPUTS, Window, WindowFile, collate

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


class TextBatches:
    """Batches of a text without an end, for an objective's updates: every pass goes over it in an order of its own.

    Which sentences are in a batch depends on the seed, the name and the batch's number alone, so that a killed training
    goes on with the same ones. Several processes share each batch.

    Args:
        windows: those of the text, in which every sub-word stands as a word (`xner.tagging.windows.by_piece`).
        batch_size: how many are in a batch; at least one a process.
        pad: the number of the tokenizer's padding piece.
        device: where batches are to be.
        seed: of their order.
        name: of the text; another one has other orders.
    """

    def __init__(
        self, windows: WindowFile, batch_size: int, pad: int, device: torch.device, seed: int, name: str
    ) -> None:
        self.windows, self.pad, self.device = windows, pad, device
        self.size = max(batch_size, processes.state().num_processes)
        self.seed = [seed, crc32(name.encode())]
        self._order: tuple[int, np.ndarray] = -1, np.array([], int)

    def numbers(self, number: int) -> list[int]:
        """Return which windows are in a batch.

        Args:
            number: the batch's, from 0.
        """
        places = np.arange(number * self.size, (number + 1) * self.size)
        passes, within = np.divmod(places, len(self.windows))
        return [int(self._pass(int(each))[place]) for each, place in zip(passes, within, strict=True)]

    def __getitem__(self, number: int) -> dict[str, Tensor]:
        """Return a batch, as `Objective.states` reads it: those of its sentences that are this process's.

        Its column `sentences` (P,) has, for each of the P sub-words of the whole batch, the number of its sentence.

        Args:
            number: the batch's, from 0.
        """
        numbers = self.numbers(number)
        own = [self.windows[numbers[place]] for place in processes.share(self.size)]
        batch = {name: column.to(self.device) for name, column in collate(own, self.pad).items()}
        return {name: batch[name] for name in MODEL_INPUTS} | {"sentences": processes.gathered(batch["sentences"])}

    def _pass(self, number: int) -> np.ndarray:
        """Return the order of a pass over the text; the last one that was asked for is kept."""
        if self._order[0] != number:
            self._order = number, np.random.default_rng([*self.seed, number]).permutation(len(self.windows))
        return self._order[1]


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
