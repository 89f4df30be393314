import numpy as np
import pytest

from xner.base import Corpus, Decoder, DecodingSettings, LabelSet, Sentence, Signals
from xner.store.ragged import Ragged, write

LABELS = LabelSet(("LOC", "PER"))
TYPES = 5


@pytest.fixture
def target():
    """Makes a raw text of sentences written with blanks."""

    def make(*sentences):
        return Corpus.from_sentences("toy", "xx", "train", [Sentence(text.split()) for text in sentences])

    return make


@pytest.fixture
def heard(tmp_path):
    """Makes signals of teachers: from (name, {column: (words, width) of each sentence})."""

    def make(*teachers):
        files, embeddings = [], set()
        for _, columns in teachers:
            path = tmp_path / str(len(list(tmp_path.iterdir())))
            rows = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
            write(path, [[{name: np.asarray(value, np.float32) for name, value in row.items()} for row in rows]])
            files.append(Ragged(path))
            embeddings |= columns.keys() - {"probabilities"}
        decoder = Decoder(LABELS, DecodingSettings(rule="legal"))
        return Signals(files, [name for name, _ in teachers], np.ones(len(files)), embeddings, decoder=decoder)

    return make


@pytest.fixture
def vectors():
    """Draws vectors for sentences of these lengths."""

    def draw(lengths, seed=0, width=6):
        rng = np.random.default_rng(seed)
        return [rng.standard_normal((length, width)).astype(np.float32) for length in lengths]

    return draw


@pytest.fixture
def sure():
    """Writes tags as the probabilities of a teacher that is sure of them."""

    def rows(*sentences):
        ids = LABELS.ids
        return [np.eye(TYPES, dtype=np.float32)[[ids[tag] for tag in tags.split()]] * 0.9 + 0.02 for tags in sentences]

    return rows
