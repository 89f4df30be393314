import numpy as np
import pytest

from xner.base import Pair, Sentence
from xner.errors import UsageError
from xner_resources.aligners.argmax import Argmax
from xner_resources.aligners.word_similarity import cut


def test_a_layers_vectors_are_compared(between):
    sides, seen = between("en", "de"), []

    class Seeing(Argmax):
        def links(self, similarity):
            seen.append(similarity)
            return super().links(similarity)

    pairs = [Pair(("Ada", "sees", "Rome"), ("Rome", "zed")), Pair(("Oslo",), ("Oslo",))]
    assert len(list(Seeing(Seeing.Config(layer=1)).align(pairs, sides))) == 2
    tagger = sides.workbench.new_tagger()
    for pair, similarity in zip(pairs, seen, strict=True):
        # twice the mean of both layers, less the upper one, is the lower one
        rows = []
        for words in pair:
            (both,), (upper,) = (
                list(tagger.vectors([Sentence(list(words))], layers, lambda vectors: {"v": vectors}))
                for layers in (2, 1)
            )
            rows.append(2 * both["v"] - upper["v"])
        one, other = (row / np.linalg.norm(row, axis=1, keepdims=True) for row in rows)
        assert similarity.shape == (len(pair.source), len(pair.target))
        assert np.allclose(similarity, (one @ other.T + 1) / 2, atol=1e-4)
    assert seen[1][0, 0] == pytest.approx(1, abs=1e-5)


def test_by_default_it_is_two_thirds_of_the_layers(tiny_workbench):
    layers = cut(tiny_workbench, None).model.base_model.encoder.layer
    assert len(layers) == 1  # of 2


def test_a_layer_that_is_not_there_is_told(tiny_workbench):
    with pytest.raises(UsageError, match=r"^an aligner's layer = 3: the encoder has 2 layers; set one of these$"):
        cut(tiny_workbench, 3)


def test_the_same_text_finds_itself_and_another_encoder_is_another_aligner(between, monkeypatch):
    sides, aligner = between("en", "de"), Argmax()
    shown = aligner.shown(sides)
    assert shown.facts["of their words, aligned with themselves"] > 0.5
    before = aligner.identity(sides)
    monkeypatch.setattr(type(sides.workbench.encoder), "identity", lambda self: "another")
    assert aligner.identity(sides) != before
