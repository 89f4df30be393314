"""From words to sub-words: windows that together hold every word of a corpus exactly once.

A sentence that is too long for the encoder becomes several overlapping windows. Each word belongs to the
one window that shows the most of its context, and is represented by its first sub-word there.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from xner.corpora.corpus import Sentence
from xner.corpora.labels import LabelSet
from xner.tagging.wordwise import WordTokenizer

if TYPE_CHECKING:  # what only tags an export needs neither
    from torch import Tensor

    from xner.store.ragged import Row

IGNORED = -100
"""The label of a word that has none; no loss counts it."""
MODEL_INPUTS = ("input_ids", "attention_mask", "rows", "positions")
FOLLOWING = ("following_rows", "following_positions")
"""The parts of a batch that only the model reads; all others have one value for each word."""
_CHUNK = 1000
"""Windows that are written to disk together."""


class Window(NamedTuple):
    """A stretch of one sentence, as the encoder reads it.

    Args:
        sentence: number of the sentence in the corpus.
        input_ids: sub-words, with the special tokens.
        words: numbers, in the sentence, of the words that belong to this window.
        positions: place of each of these words' first sub-word in `input_ids`.
        sizes: how many sub-words each of these words has.
        labels: the class number of each of these words, or `IGNORED`.
    """

    sentence: int
    input_ids: np.ndarray
    words: np.ndarray
    positions: np.ndarray
    sizes: np.ndarray
    labels: np.ndarray


def by_piece(window: Window) -> Window:
    """Return a window in which every sub-word, special tokens included, stands as a word of its own.

    Args:
        window: a stretch of a sentence.
    """
    places = np.arange(len(window.input_ids), dtype=np.int32)
    return window._replace(
        words=places, positions=places, sizes=np.ones_like(places), labels=np.full_like(places, IGNORED)
    )


@dataclass(frozen=True)
class Windower:
    """Cuts sentences into windows of at most `max_length` sub-words.

    Args:
        tokenizer: one that reads text word by word.
        max_length: the longest input, special tokens included.
        labels: the label set by which tags become class numbers.
    """

    tokenizer: WordTokenizer
    max_length: int
    labels: LabelSet

    def windows(self, sentences: Iterable[Sentence], batch_size: int = 1000) -> Iterator[Window]:
        """Yield the windows of a corpus, sentence by sentence."""
        stream, first = iter(sentences), 0
        while batch := list(islice(stream, batch_size)):
            for number, (sentence, pieces) in enumerate(zip(batch, self._pieces(batch), strict=True), first):
                yield from self._cut(number, sentence, pieces)
            first += len(batch)

    def _pieces(self, sentences: list[Sentence]) -> list[list[list[int]]]:
        """Return the sub-words of every word of every sentence; a word that has none is the unknown piece."""
        unknown = self.tokenizer.unk_token_id or 0
        tokens = [sentence.tokens for sentence in sentences]
        backend = self.tokenizer.backend_tokenizer
        encoded = backend.encode_batch(tokens, is_pretokenized=True, add_special_tokens=False)
        longest = max(1, self._room // 2)
        result = []
        for number, sentence in enumerate(sentences):
            pieces: list[list[int]] = [[] for _ in sentence.tokens]
            for piece, word in zip(encoded[number].ids, encoded[number].word_ids, strict=True):
                if word is not None and len(pieces[word]) < longest:  # a monstrous word is cut: its first piece decides
                    pieces[word].append(piece)
            result.append([word or [unknown] for word in pieces])
        return result

    def _cut(self, number: int, sentence: Sentence, pieces: list[list[int]]) -> Iterator[Window]:
        """Yield the windows of one sentence."""
        prefix, suffix = self._specials
        ids = self.labels.ids
        labels = np.array([ids[tag] for tag in sentence.tags] if sentence.tags else [IGNORED] * len(pieces))
        ends = np.cumsum([len(word) for word in pieces])
        starts = np.concatenate([[0], ends[:-1]])
        bounds = [(0, len(pieces))] if ends[-1] <= self._room else list(_bounds(starts, ends, self._room))
        for place, (first, last) in enumerate(bounds):
            # in an overlap, the left half belongs to the window before and the right half to the one after
            own_first = (first + bounds[place - 1][1]) // 2 if place else 0
            own_last = (bounds[place + 1][0] + last) // 2 if place + 1 < len(bounds) else last
            words = np.arange(own_first, own_last)
            input_ids = np.array([*prefix, *chain.from_iterable(pieces[first:last]), *suffix], np.int32)
            positions = starts[words] - starts[first] + len(prefix)
            yield Window(number, input_ids, words, positions, ends[words] - starts[words], labels[words])

    @property
    def _room(self) -> int:
        """How many sub-words a window holds beside the special tokens."""
        return self.max_length - sum(map(len, self._specials))

    @cached_property
    def _specials(self) -> tuple[list[int], list[int]]:
        """The special tokens before and after a sentence."""
        encoded = self.tokenizer.backend_tokenizer.encode(["a"], is_pretokenized=True)
        ids, mask = encoded.ids, encoded.special_tokens_mask
        first = mask.index(0)
        last = len(mask) - mask[::-1].index(0)
        return ids[:first], ids[last:]


def _bounds(starts: np.ndarray, ends: np.ndarray, room: int) -> Iterator[tuple[int, int]]:
    """Yield first and last-plus-one words of windows of at most `room` sub-words that overlap by about half."""
    first = 0
    while True:
        last = int(np.searchsorted(ends, starts[first] + room, side="right"))
        yield first, last
        if last == len(ends):
            return
        middle = int(np.searchsorted(starts, starts[first] + room // 2))
        first = max(first + 1, min(middle, last))


def write_windows(path: Path, windows: Iterator[Window]) -> None:
    """Write windows to a file for `WindowFile`."""
    from xner.store.ragged import write

    chunks = iter(lambda: list(islice(windows, _CHUNK)), [])
    write(path, ([_row(window) for window in chunk] for chunk in chunks))


class WindowFile:
    """Windows on disk, mapped into memory, so that a training's memory does not grow with its corpus.

    Args:
        path: a file that `write_windows` wrote.
    """

    def __init__(self, path: Path) -> None:
        from xner.store.ragged import Ragged

        self._rows = Ragged(path)
        self.lengths = self._rows.lengths("input_ids")
        """(windows,) the number of sub-words in each."""
        self.words = int(self._rows.lengths("words").sum())
        """The number of words in all windows."""

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, number: int) -> Window:
        row = self._rows.row(number)
        return Window(int(row["sentence"][0]), *(row[name] for name in Window._fields[1:]))


def _row(window: Window) -> "Row":
    return {name: np.atleast_1d(value).astype(np.int32) for name, value in window._asdict().items()}


def collate(windows: list[Window], pad: int) -> "dict[str, Tensor]":
    """Return a batch of `side_by_side` for torch."""
    import torch

    return {name: torch.from_numpy(array) for name, array in side_by_side(windows, pad).items()}


def side_by_side(windows: list[Window], pad: int) -> dict[str, np.ndarray]:
    """Pad windows to one batch of B rows and line up its W words.

    Returns:
        input_ids and attention_mask (B, longest); rows, positions, sizes, sentences and labels (W,): for each word its
        row, its first sub-word's place in the row, its number of sub-words, its sentence's number and its class number;
        following_rows and following_positions (F,): row and place of all further sub-words of these words, in order.
    """
    longest = max(len(window.input_ids) for window in windows)
    input_ids = np.full((len(windows), longest), pad, dtype=np.int64)
    mask = np.zeros_like(input_ids)
    for row, window in enumerate(windows):
        input_ids[row, : len(window.input_ids)] = window.input_ids
        mask[row, : len(window.input_ids)] = 1
    words = [len(window.words) for window in windows]
    rows = np.repeat(np.arange(len(windows)), words)
    positions, sizes, labels = (
        np.concatenate([getattr(window, name) for window in windows]).astype(np.int64)
        for name in ("positions", "sizes", "labels")
    )
    further = sizes - 1
    behind = np.arange(further.sum()) - np.repeat(further.cumsum() - further, further)
    return {
        "input_ids": input_ids,
        "attention_mask": mask,
        "rows": rows,
        "positions": positions,
        "following_rows": np.repeat(rows, further),
        "following_positions": np.repeat(positions, further) + 1 + behind,
        "sizes": sizes,
        "sentences": np.repeat([window.sentence for window in windows], words),
        "labels": labels,
    }
