import numpy as np
import pytest

from xner.base import Decoder, DecodingSettings, LabelSet, Signals
from xner.store.ragged import Ragged, write

LABELS = LabelSet(("LOC", "ORG", "PER"))


@pytest.fixture
def drawn():
    """Draws probabilities of the seven tags for sentences of these lengths."""

    def draw(lengths, seed=0, sharp=0.4):
        rng = np.random.default_rng(seed)
        return [rng.dirichlet(np.full(7, sharp), length).astype(np.float32) for length in lengths]

    return draw


@pytest.fixture
def heard(tmp_path):
    """Makes the signals of one teacher of (words, tags) probabilities of each sentence."""

    def make(rows, name="recognizer", seed=0):
        path = tmp_path / f"{name}-{seed}"
        write(path, [[{"probabilities": np.asarray(row, np.float32)} for row in rows]])
        decoder = Decoder(LABELS, DecodingSettings(rule="legal"))
        return Signals([Ragged(path)], [name], np.ones(1), decoder=decoder, seed=seed)

    return make
