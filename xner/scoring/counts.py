"""Counts of entities by sentence and type: what all scores and their statistics are computed from."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from xner.errors import DataError

COUNTS = "counts.parquet"
"""The file, in a run folder, of the counts behind its scores."""
_COLUMNS = ("tp", "predicted", "gold")
_SENTENCE = "sentence"


@dataclass(frozen=True)
class Counts:
    """How many entities of each sentence are right, predicted and in the gold.

    Args:
        types: the K types in the gold or in the predictions.
        values: (sentences, K, 3) true positives, predicted and gold entities.
    """

    types: tuple[str, ...]
    values: np.ndarray

    @property
    def by_sentence(self) -> np.ndarray:
        """(sentences, 3) the counts of all types together."""
        return np.asarray(self.values.sum(axis=1))

    def save(self, file: Path) -> None:
        """Write a Parquet file: one row per sentence, in the corpus's order, with columns such as `PER.tp`."""
        columns = {_SENTENCE: np.arange(len(self.values), dtype=np.int32)}
        for place, kind in enumerate(self.types):
            columns |= {f"{kind}.{name}": self.values[:, place, number] for number, name in enumerate(_COLUMNS)}
        pq.write_table(pa.table(columns), file, compression="zstd")

    @classmethod
    def load(cls, file: Path) -> "Counts":
        """Read what `save` wrote.

        Raises:
            DataError: there is no such file, or it is something else.
        """
        try:
            table = pq.read_table(file)
            types = tuple(name.removesuffix(".gold") for name in table.column_names if name.endswith(".gold"))
            columns = [table[f"{kind}.{name}"].to_numpy() for kind in types for name in _COLUMNS]
        except (OSError, KeyError, pa.ArrowException) as error:
            raise DataError(f"{file}: cannot be read as counts of entities: {error}; `xner train` writes it") from None
        shape = (table.num_rows, len(types), len(_COLUMNS))
        return cls(types, np.stack(columns, axis=1).reshape(shape) if columns else np.zeros(shape, dtype=np.int32))


def precision_recall_f1(counts: np.ndarray) -> np.ndarray:
    """Return precision, recall and F1 in per cent; what cannot be computed, such as the recall of no entity, is 0.

    Args:
        counts: (..., 3) true positives, predicted and gold entities.

    Returns:
        (..., 3)
    """
    right, predicted, gold = np.moveaxis(counts.astype(np.float64), -1, 0)
    pairs = ((right, predicted), (right, gold), (2 * right, predicted + gold))
    shares = [np.divide(part, whole, out=np.zeros_like(part), where=whole > 0) for part, whole in pairs]
    return 100 * np.stack(shares, axis=-1)
