from dataclasses import replace

import numpy as np
import pytest

from xner.base import Corpus, Sentence
from xner.errors import DataError
from xner.testing import DictionaryContract
from xner_resources.embedding import Embedding

DRAW = np.random.default_rng(0)
EN = ["one", "two", "three", "four"]
VECTORS = DRAW.standard_normal((4, 5))


def write(file, words, rows):
    lines = (" ".join([word, *map(str, row)]) for word, row in zip(words, rows, strict=True))
    file.write_text(f"{len(words)} {rows.shape[1]}\n" + "\n".join(lines) + "\n", encoding="utf-8")


@pytest.fixture
def path(tmp_path):
    """Vectors of numerals in two languages, a little apart."""
    write(tmp_path / "en.vec", EN, VECTORS)
    write(tmp_path / "de.vec", ["vier", "drei", "zwei", "eins"], VECTORS[::-1] + 0.05)
    return str(tmp_path / "{language}.vec")


class TestEmbedding(DictionaryContract):
    component = "embedding"


class TestEmbeddingOfFiles(DictionaryContract):
    component = "embedding"
    languages = "en", "de"

    @pytest.fixture
    def settings(self, path):
        return {"path": path}


def test_the_nearest_words_of_files(between, path):
    made = list(Embedding(Embedding.Config(path=path, neighbours=2)).pairs(between("en", "de")))
    assert made == [("one", "eins"), ("two", "zwei"), ("three", "drei"), ("four", "vier")]
    assert len(list(Embedding(Embedding.Config(path=path, limit=2)).pairs(between("en", "de")))) == 2


def test_mutual_pairs_alone(between, path, tmp_path):
    write(tmp_path / "en.vec", [*EN, "uno"], np.vstack([VECTORS, VECTORS[:1] + 0.4]))
    every, mutual = (
        dict(Embedding(Embedding.Config(path=path, neighbours=1, mutual=mutual)).pairs(between("en", "de")))
        for mutual in (False, True)
    )
    assert (
        every["uno"] == "eins" and "uno" not in mutual and mutual.items() <= every.items() and mutual["one"] == "eins"
    )


def test_its_identity_follows_the_files_and_the_texts(between, path, tmp_path, monkeypatch):
    sides, of_files, of_encoder = between("en", "de"), Embedding(Embedding.Config(path=path)), Embedding()
    before = of_files.identity(sides), of_encoder.identity(sides)
    write(tmp_path / "de.vec", ["eins"], VECTORS[:1])
    other = replace(sides, target=sides.target.part(0, 3))
    assert of_files.identity(sides) != before[0] and of_encoder.identity(other) != before[1]
    monkeypatch.setattr(type(sides.workbench.encoder), "identity", lambda self: "another")
    assert of_encoder.identity(sides) != before[1]


def test_words_of_both_texts_by_the_encoder(between):
    sides = between("en", "de")
    source = Corpus.from_sentences("a", "en", "train", [Sentence(["Rome", "Rome", "12", "sees", "Oslo"])])
    target = Corpus.from_sentences("b", "de", "train", [Sentence(["oslo", "zed", "rome", "."])])
    made = dict(Embedding(Embedding.Config(neighbours=1)).pairs(replace(sides, source=source, target=target)))
    assert list(made) == ["rome", "sees", "oslo"]  # the most frequent first, and words alone
    assert (made["rome"], made["oslo"]) == ("rome", "oslo") and made["sees"] in {"oslo", "zed", "rome"}
    nothing = Corpus.from_sentences("b", "de", "train", [Sentence(["12"])])
    with pytest.raises(DataError, match="has no words of letters"):
        list(Embedding().pairs(replace(sides, target=nothing)))


def test_files_that_do_not_fit_are_told(between, path, tmp_path):
    write(tmp_path / "de.vec", ["eins"], VECTORS[:1, :3])
    with pytest.raises(DataError, match=r"^embedding: vectors of en have 5 numbers and those of de 3; they must"):
        list(Embedding(Embedding.Config(path=path)).pairs(between("en", "de")))
    with pytest.raises(DataError, match=r"hr\.vec: no such vectors of hr; set resources\.embedding\.path$"):
        Embedding(Embedding.Config(path=path)).identity(between("en", "hr"))
