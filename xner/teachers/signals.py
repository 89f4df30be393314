"""Signals: what the teachers say of every word of the target corpus, in Arrow files, aligned row by row."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from xner.corpora.corpus import Corpus
from xner.errors import XnerError
from xner.machine import processes
from xner.store import ragged
from xner.store.ragged import Ragged, Row
from xner.teachers.combination import Combined, combine

_BLOCK = 1024
"""Sentences that a teacher labels in one go: what is in memory, and what is dealt out among processes."""

Label = Callable[[Corpus], Iterable[Row]]
Advance = Callable[[float, int], None]


class MisfitError(XnerError):
    """What a teacher says is not of the words that it was asked for; the text begins with "gives"."""


def record(path: Path, target: Corpus, columns: Collection[str], label: Label, advance: Advance) -> None:
    """Let a teacher speak of a corpus and write down what it says, a row a sentence.

    Args:
        path: the Arrow file to write.
        target: the sentences.
        columns: the names of what the teacher provides.
        label: yields for each sentence of a corpus, in order, each column as (words, width).
        advance: is told the share that is done and the number of words.

    Raises:
        MisfitError: a row does not fit its sentence, rows are missing or left over, or a number is not finite.
    """
    write_rows(path, target, lambda block: _fitting(block, columns, label(block)), advance)


def write_rows(path: Path, corpus: Corpus, rows_of: Callable[[Corpus], Sequence[Row]], advance: Advance) -> None:
    """Write a row for each sentence of a corpus, block by block.

    Several processes share the work; the file is the same as one process's, to the bit.

    Args:
        path: the Arrow file to write.
        corpus: the sentences.
        rows_of: returns the rows of a block of them.
        advance: is told the share that is done and the number of words.
    """
    blocks = -(-len(corpus) // _BLOCK)
    parts = [path.with_suffix(f".{rank}") for rank in range(min(blocks, processes.state().num_processes))]
    mine = processes.share(blocks)

    def batches() -> Iterator[Sequence[Row]]:
        words = 0
        for done, number in enumerate(mine, 1):
            block = corpus.part(number * _BLOCK, (number + 1) * _BLOCK)
            yield rows_of(block)
            words += block.words
            advance(done / len(mine), words * processes.state().num_processes)

    if mine:
        ragged.write(parts[processes.state().process_index], batches())
    processes.wait()
    if processes.first():
        ragged.interleave(parts, path)
    processes.wait()


def _fitting(block: Corpus, columns: Collection[str], rows: Iterable[Row]) -> list[Row]:
    """Return a teacher's rows, if there is one for each sentence and in it one for each word."""
    signals = list(rows)
    for row in signals:
        if row.keys() != set(columns):
            given, expected = (", ".join(sorted(names)) for names in (row, columns))
            raise MisfitError(f"gives the signals {given or 'none'}, but provides {expected}")
        if broken := [name for name, values in row.items() if not np.isfinite(values).all()]:
            raise MisfitError(f"gives a signal '{broken[0]}' of {block} that is not finite")
    if len(signals) != len(block):
        raise MisfitError(f"gives {len(signals):,} rows for {len(block):,} sentences of {block}")
    for sentence, row in zip(block, signals, strict=True):
        for name, values in row.items():
            if len(values) != len(sentence.tokens):
                words = " ".join(sentence.tokens[:5])
                found = f"{len(values)} rows of '{name}' for {len(sentence.tokens)} words"
                raise MisfitError(f"gives {found} of {block}, in the sentence '{words} ...'")
    return signals


@dataclass(frozen=True)
class Signals:
    """The columns of one or several teachers, memory-mapped, side by side.

    What several teachers say under one name is one column, in which they count the same.

    Args:
        files: one for each teacher, or for those of one kind that are combined.
        embeddings: the columns that are joined where several teachers give them; all others are averaged.
    """

    files: Sequence[Ragged | Combined]
    embeddings: Collection[str] = ()

    @classmethod
    def open(cls, paths: Iterable[Path], embeddings: Collection[str] = ()) -> "Signals":
        """Map signal files into memory, one for each teacher."""
        return cls([Ragged(path) for path in paths], embeddings)

    def row(self, sentence: int) -> dict[str, np.ndarray]:
        """Return each column of one sentence as (words, width)."""
        said = dict[str, list[np.ndarray]]()
        for file in self.files:
            for name, values in file.row(sentence).items():
                said.setdefault(name, []).append(values)
        return {
            name: combine(values, np.full(len(values), 1 / len(values)), name in self.embeddings)
            for name, values in said.items()
        }
