"""Signals: what the teachers say of every word of the target corpus, in Arrow files, aligned row by row."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from xner.corpora.corpus import Corpus
from xner.decoding.decoder import Decoder
from xner.machine import processes
from xner.store import ragged
from xner.store.ragged import Ragged, Row
from xner.teachers.combination import combine
from xner.teachers.fitting import Fitting
from xner.training.batches import WEIGHT

_BLOCK = 1024
"""Sentences that a teacher labels in one go: what is in memory, and what is dealt out among processes."""

Speak = Callable[[Corpus, range], Iterable[Row]]
"""Yields a row for each sentence of a part of a corpus, whose numbers in the whole are the range."""
Advance = Callable[[float, int], None]


def record(
    path: Path, target: Corpus, columns: Collection[str], speak: Speak, advance: Advance, tags: int | None = None
) -> None:
    """Let a teacher or a refiner speak of a corpus and write down what it says, a row a sentence.

    Args:
        path: the Arrow file to write.
        target: the sentences.
        columns: the names of what it provides.
        speak: yields for each sentence, in order, each column as (words, width).
        advance: gets the share that is done and the number of words.
        tags: how many tags the run has; None: that is not looked at.

    Raises:
        MisfitError: a row does not fit its sentence, rows are missing or left over, or a number cannot be.
    """
    fitting = Fitting(columns, tags)
    write_rows(path, target, lambda block, numbers: fitting.rows(block, speak(block, numbers)), advance)


def write_rows(path: Path, corpus: Corpus, rows_of: Callable[[Corpus, range], Sequence[Row]], advance: Advance) -> None:
    """Write a row for each sentence of a corpus, block by block.

    Several processes share the work; the file is the same as one process's, to the bit.

    Args:
        path: the Arrow file to write.
        corpus: the sentences.
        rows_of: returns the rows of a block of them, whose numbers are the range.
        advance: gets the share that is done and the number of words.
    """
    blocks = -(-len(corpus) // _BLOCK)
    parts = [path.with_suffix(f".{rank}") for rank in range(min(blocks, processes.state().num_processes))]
    mine = processes.share(blocks)

    def batches() -> Iterator[Sequence[Row]]:
        words = 0
        for done, number in enumerate(mine, 1):
            first = number * _BLOCK
            block = corpus.part(first, first + _BLOCK)
            yield rows_of(block, range(first, first + len(block)))
            words += block.words
            advance(done / len(mine), words * processes.state().num_processes)

    if mine:
        ragged.write(parts[processes.state().process_index], batches())
    processes.wait()
    if processes.first():
        ragged.interleave(parts, path)
    processes.wait()


@dataclass(frozen=True)
class Signals:
    """What teachers say of every word of a corpus, memory-mapped: one signal a name, whoever says it.

    Args:
        files: one for each teacher.
        names: the teachers' names; those of one name, fitted on several sources or with several seeds, stand side by
            side.
        shares: (files,) or (sentences, files): how much each counts among those that give the same column.
        embeddings: the columns that are joined where several teachers give them; all others are averaged.
        refined: files of columns that stand in place of what the teachers say under the same names; the last counts,
            but for weights, of which the product does.
        decoder: chooses legal tags from probabilities; has the tag bigrams of the teachers' sources; None: not known.
        seed: the run's, of everything that a refiner draws at random.
    """

    files: Sequence[Ragged]
    names: Sequence[str]
    shares: np.ndarray
    embeddings: Collection[str] = ()
    refined: Sequence[Ragged] = ()
    decoder: Decoder | None = None
    seed: int = 0

    @classmethod
    def open(cls, paths: Iterable[Path], embeddings: Collection[str] = ()) -> "Signals":
        """Map signal files into memory, of teachers that all count the same."""
        files = [Ragged(path) for path in paths]
        return cls(files, [str(number) for number in range(len(files))], np.ones(len(files)), embeddings)

    @property
    def teachers(self) -> tuple[str, ...]:
        """The teachers' names, each once."""
        return tuple(dict.fromkeys(self.names))

    def __len__(self) -> int:
        return len(self.files[0])

    def of(self, teacher: str) -> "Signals":
        """Return what the teachers of one name say, and nothing of what was made of it."""
        chosen = [number for number, name in enumerate(self.names) if name == teacher]
        files, names = [self.files[number] for number in chosen], [teacher] * len(chosen)
        return Signals(files, names, self.shares[..., chosen], self.embeddings, decoder=self.decoder, seed=self.seed)

    @property
    def apart(self) -> Sequence["Signals"]:
        """What each teacher says alone, also where several have one name, and nothing of what was made of it."""
        alone = np.ones(1)
        said = zip(self.files, self.names, strict=True)
        own = self.embeddings, (), self.decoder, self.seed
        return [Signals([file], [name], alone, *own) for file, name in said]

    def row(self, sentence: int) -> dict[str, np.ndarray]:
        """Return each column of one sentence as (words, width)."""
        refined = dict[str, np.ndarray]()
        for file in self.refined:
            made = file.row(sentence)
            if WEIGHT in made and WEIGHT in refined:
                made[WEIGHT] = made[WEIGHT] * refined[WEIGHT]
            refined |= made
        shares = self.shares if self.shares.ndim == 1 else self.shares[sentence]
        said = dict[str, list[tuple[np.ndarray, float]]]()
        for file, share in zip(self.files, shares, strict=True):
            for name, values in file.row(sentence).items():
                if name not in refined:
                    said.setdefault(name, []).append((values, share))
        return {name: self._combined(name, parts) for name, parts in said.items()} | refined

    def _combined(self, name: str, parts: Sequence[tuple[np.ndarray, float]]) -> np.ndarray:
        weights = np.array([share for _, share in parts])
        return combine([values for values, _ in parts], weights / weights.sum(), name in self.embeddings)
