"""Hard labels: the tags that the teachers would give to a sentence, decoded as a whole."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from xner.decoding.decoder import Decoder
from xner.training.batches import Columns

HARD = "hard"
"""The column of them: 1 for the tag of a word, 0 for all others."""


@dataclass(frozen=True)
class HardLabels:
    """Signals with hard labels beside them.

    Args:
        signals: what the teachers say, with the column `probabilities`.
        decoder: what chooses tags.
    """

    signals: Columns
    decoder: Decoder

    def row(self, sentence: int) -> Mapping[str, np.ndarray]:
        """Return each column of one sentence as (words, width)."""
        said = self.signals.row(sentence)
        (decoded,) = self.decoder.decode([said["probabilities"]])
        ids = self.decoder.labels.ids
        chosen = np.array([ids[tag] for tag in decoded.tags])
        return {**said, HARD: np.eye(len(ids), dtype=np.float32)[chosen]}
