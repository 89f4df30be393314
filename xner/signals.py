"""Signals: what the teachers say of every word of the target corpus, in Arrow files, aligned row by row."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import pyarrow as pa

from xner.corpus import Corpus
from xner.errors import UsageError, XnerError

_BATCH = 256


def write(path: Path, corpus: Corpus, rows: Iterable[Mapping[str, np.ndarray]]) -> None:
    """Stream a teacher's signals to a file, a record a sentence.

    Args:
        path: the Arrow file to write.
        corpus: the sentences that the signals speak of.
        rows: for each sentence, in order, each column as (words, width).

    Raises:
        XnerError: a row does not fit its sentence, or rows are missing or left over.
    """
    sentences, stream = iter(corpus), iter(rows)
    writer: pa.RecordBatchFileWriter | None = None
    try:
        while chunk := list(islice(sentences, _BATCH)):
            signals = list(islice(stream, len(chunk)))
            if [{len(s.tokens)} for s in chunk] != [{len(column) for column in row.values()} for row in signals]:
                raise XnerError(
                    f"the teacher's signals do not fit {corpus}: expected one row a word, sentence by sentence"
                )
            batch = pa.record_batch({name: _column([row[name] for row in signals]) for name in signals[0]})
            writer = writer or pa.ipc.new_file(str(path), batch.schema)
            writer.write_batch(batch)
        if next(stream, None) is not None:
            raise XnerError(f"the teacher yields more rows than {corpus} has sentences")
    finally:
        if writer is not None:
            writer.close()


def _column(values: list[np.ndarray]) -> pa.ListArray:
    """Lay (words, width) arrays out as a column of lists of rows of fixed width."""
    flat = np.concatenate(values)
    rows = pa.FixedSizeListArray.from_arrays(pa.array(flat.reshape(-1)), flat.shape[1])
    return pa.ListArray.from_arrays(np.cumsum([0, *map(len, values)]).astype(np.int32), rows)


@dataclass(frozen=True)
class Signals:
    """The columns of one or several teachers, memory-mapped.

    Args:
        files: the Arrow files, one a teacher.
    """

    columns: Mapping[str, tuple[pa.Table, np.ndarray]]

    @classmethod
    def open(cls, files: Iterable[Path]) -> "Signals":
        """Map signal files into memory side by side.

        Raises:
            UsageError: two teachers provide the same column.
        """
        columns: dict[str, tuple[pa.Table, np.ndarray]] = {}
        for file in files:
            table = pa.ipc.open_file(pa.memory_map(str(file))).read_all()
            for name in table.column_names:
                if name in columns:
                    raise UsageError(f"two teachers provide the signal '{name}'; a student can follow only one of them")
                starts = np.cumsum([0, *(len(chunk) for chunk in table[name].chunks)])
                columns[name] = table[name], starts
        return cls(columns)

    def names(self) -> Iterator[str]:
        """Return the columns' names."""
        return iter(self.columns)

    def row(self, sentence: int) -> dict[str, np.ndarray]:
        """Return each column of one sentence as (words, width)."""
        result = {}
        for name, (column, starts) in self.columns.items():
            chunk = int(np.searchsorted(starts, sentence, side="right")) - 1
            rows = column.chunk(chunk)[sentence - int(starts[chunk])].values
            result[name] = rows.flatten().to_numpy().reshape(len(rows), -1)
        return result
