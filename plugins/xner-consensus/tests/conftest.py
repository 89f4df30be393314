import numpy as np
import pytest

from xner.base import Corpus, Decoder, DecodingSettings, LabelSet, Sentence, Signals
from xner.decoding.bigrams import Bigrams
from xner.store.ragged import Ragged, write

LABELS = LabelSet(("LOC", "PER"))
SOURCE = [
    ["O", "B-PER", "I-PER", "O", "B-LOC"],
    ["B-LOC", "O", "O", "B-PER", "O"],
    ["O", "O", "B-LOC", "I-LOC", "I-LOC"],
    ["B-PER", "I-PER", "B-LOC", "O"],
]


@pytest.fixture
def source():
    """The tags of which the bigrams are counted."""
    return SOURCE


@pytest.fixture
def target():
    """Makes a raw text of sentences written with blanks."""

    def make(*sentences):
        return Corpus.from_sentences("toy", "xx", "train", [Sentence(text.split()) for text in sentences])

    return make


@pytest.fixture
def heard(tmp_path):
    """Makes signals of teachers: from (name, [(words, tags) probabilities of each sentence]), or None for vectors."""

    def make(*teachers, bigrams=True):
        files = []
        for number, (_, rows) in enumerate(teachers):
            path = tmp_path / str(number)
            column = "probabilities" if rows is not None else "vectors"
            write(path, [[{column: np.asarray(row, np.float32)} for row in rows or [np.ones((1, 2))]]])
            files.append(Ragged(path))
        counted = Bigrams.of(SOURCE, LABELS) if bigrams else None
        decoder = Decoder(LABELS, DecodingSettings(rule="legal"), counted)
        return Signals(files, [name for name, _ in teachers], np.ones(len(files)), ("vectors",), decoder=decoder)

    return make


@pytest.fixture
def drawn():
    """Draws probabilities of the five tags for sentences of these lengths."""

    def draw(lengths, seed=0, sharp=0.4):
        rng = np.random.default_rng(seed)
        return [rng.dirichlet(np.full(5, sharp), length).astype(np.float32) for length in lengths]

    return draw


@pytest.fixture
def sure():
    """Writes tags as the probabilities of a teacher that is sure of them."""

    def rows(*sentences):
        ids = LABELS.ids
        return [np.eye(5, dtype=np.float32)[[ids[tag] for tag in tags.split()]] * 0.9 + 0.02 for tags in sentences]

    return rows
