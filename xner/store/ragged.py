"""Rows of arrays of different lengths in an Arrow file: streamed to disk, and read back memory-mapped."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

Row = Mapping[str, np.ndarray]


def write(path: Path, batches: Iterable[Sequence[Row]]) -> None:
    """Write rows to a file.

    Args:
        path: the file.
        batches: rows that are written together, as one record batch; every row has the same columns, each of
            shape (length,) or (length, width), where the length may differ between rows and columns.
    """
    writer: pa.RecordBatchFileWriter | None = None
    try:
        for rows in batches:
            batch = pa.record_batch({name: _column([row[name] for row in rows]) for name in rows[0]})
            writer = writer or pa.ipc.new_file(str(path), batch.schema)
            writer.write_batch(batch)
    finally:
        if writer is not None:
            writer.close()


def _column(arrays: Sequence[np.ndarray]) -> pa.ListArray:
    flat = np.concatenate(arrays)
    values = pa.array(flat.reshape(-1))
    if flat.ndim == 2:
        values = pa.FixedSizeListArray.from_arrays(values, flat.shape[1])
    return pa.ListArray.from_arrays(np.cumsum([0, *map(len, arrays)]).astype(np.int32), values)


def interleave(parts: Sequence[Path], path: Path) -> None:
    """Make one file of several whose record batches were dealt out in turn, and remove them.

    Args:
        parts: the files; the first has batches 0, N, 2N and so on, of N files.
        path: the file to write.
    """
    if len(parts) == 1:
        parts[0].rename(path)
        return
    files = [pa.ipc.open_file(pa.memory_map(str(part))) for part in parts]
    with pa.ipc.new_file(str(path), files[0].schema) as writer:
        for number in range(sum(file.num_record_batches for file in files)):
            writer.write_batch(files[number % len(files)].get_batch(number // len(files)))
    del files
    for part in parts:
        part.unlink()


class Ragged:
    """A file of rows, mapped into memory: the system decides how long what was read stays there.

    Args:
        path: the file.
    """

    def __init__(self, path: Path) -> None:
        table = pa.ipc.open_file(pa.memory_map(str(path))).read_all()
        self.columns = tuple(table.column_names)
        self._views = [[_view(chunk) for chunk in column.chunks] for column in table.columns]
        self._starts = np.cumsum([0, *(len(offsets) - 1 for offsets, _ in self._views[0])])

    def __len__(self) -> int:
        return int(self._starts[-1])

    def row(self, number: int) -> dict[str, np.ndarray]:
        """Return the arrays of one row by column."""
        chunk = int(np.searchsorted(self._starts, number, side="right")) - 1
        place = number - int(self._starts[chunk])
        result = {}
        for name, views in zip(self.columns, self._views, strict=True):
            offsets, values = views[chunk]
            result[name] = values[offsets[place] : offsets[place + 1]]
        return result

    def lengths(self, column: str) -> np.ndarray:
        """Return the length of every row's array in a column."""
        views = self._views[self.columns.index(column)]
        return np.concatenate([np.diff(offsets) for offsets, _ in views])


def _view(chunk: pa.ListArray) -> tuple[np.ndarray, np.ndarray]:
    """Return a column's offsets and values as arrays over the file's own bytes."""
    values = chunk.values
    if isinstance(values, pa.FixedSizeListArray):
        flat = values.flatten().to_numpy()
        return chunk.offsets.to_numpy(), flat.reshape(-1, values.type.list_size)
    return chunk.offsets.to_numpy(), values.to_numpy()
