import numpy as np
import pytest
from naive_ws import mined as naive

from xner.testing import tiny_corpus
from xner_projection.parallel import mining
from xner_projection.parallel.mining import mined, sentence_vectors


def unit(rows):
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.mark.parametrize("rows", [1024, 5])
@pytest.mark.parametrize(("k", "least"), [(1, 0), (4, 1.06), (100, 1.5)])
def test_the_pairs_are_those_of_a_naive_reading(monkeypatch, k, least, rows):
    monkeypatch.setattr(mining, "_ROWS", rows)
    for seed in range(5):
        draw = np.random.default_rng(seed)
        source, target = unit(draw.standard_normal((13, 6))), unit(draw.standard_normal((9, 6)))
        assert mined(source, target, k, least) == naive(source.tolist(), target.tolist(), k, least)


def test_sentences_that_are_nearly_the_same_find_each_other():
    draw = np.random.default_rng(0)
    source = unit(draw.standard_normal((20, 8)))
    order = draw.permutation(20)
    target = unit(source[order] + 0.05 * draw.standard_normal((20, 8)))
    assert mined(source, target, 4, 1.06) == [(int(order[place]), place) for place in np.argsort(order)]


def test_vectors_are_means_of_words_less_that_of_the_text(tiny_workbench):
    text = tiny_corpus(size=5).without_labels()
    tagger = tiny_workbench.new_tagger()
    words = [row["v"].mean(0) for row in tagger.vectors(text, 1, lambda vectors: {"v": vectors})]
    expected = unit(np.stack(words) - np.mean(words, 0))
    assert np.allclose(sentence_vectors(tagger, text), expected, atol=1e-4)
