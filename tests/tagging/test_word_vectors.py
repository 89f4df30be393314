import numpy as np
import pytest
import torch

from xner.corpora.corpus import Corpus, Sentence
from xner.tagging.quick import packing

SENTENCES = ["a", "Rome"], ["Ada", "sees", "x", "Rome"], ["b"], ["Bayer"] * 40  # the last is several windows
LAYERS = 2


@pytest.fixture(params=["packed", "padded"])
def tagger(tiny_workbench, request, monkeypatch):
    if request.param == "padded":
        monkeypatch.setattr(packing, "enabled", lambda model: False)
    return tiny_workbench.new_tagger()


def corpus_of(*sentences):
    return Corpus.from_sentences("x", "en", "test", map(Sentence, sentences))


def vectors(tagger, layers, *sentences):
    rows = tagger.vectors(corpus_of(*sentences), layers, lambda found: {"v": found})
    return [row["v"] for row in rows]


def naive(tagger, layers, sentence):
    """A second reading: the mean over layers and sub-words, word by word, of one window."""
    encoded = tagger.tokenizer(list(sentence), is_split_into_words=True, return_tensors="pt")
    with torch.no_grad():
        states = tagger.model.eval()(**encoded, output_hidden_states=True).hidden_states
    result = []
    for word in range(len(sentence)):
        pieces = [place for place, found in enumerate(encoded.word_ids()) if found == word]
        values = [states[-1 - layer][0, place].tolist() for layer in range(layers) for place in pieces]
        result.append([sum(each) / len(values) for each in zip(*values, strict=True)])
    return result


@pytest.mark.parametrize("layers", [1, LAYERS])
def test_a_vector_is_the_mean_over_layers_and_sub_words(tagger, layers):
    for row, sentence in zip(vectors(tagger, layers, *SENTENCES[:3]), SENTENCES, strict=False):
        assert row.shape == (len(sentence), 32)
        assert np.allclose(row, naive(tagger, layers, sentence), atol=1e-5)


def test_of_fewer_layers_all_are_taken_but_not_the_embeddings(tagger):
    all_of_them, more = (vectors(tagger, layers, *SENTENCES[:2]) for layers in (LAYERS, 7))
    assert all(map(np.array_equal, all_of_them, more))


def test_words_of_one_sub_word_have_their_first_ones_state(tagger):
    (row,) = vectors(tagger, 1, ["a", "b"])
    (state,) = (found["h"] for found in tagger.states(corpus_of(["a", "b"]), lambda states: {"h": states.hidden}))
    assert np.allclose(row, state, atol=1e-6)


def test_a_long_sentence_has_a_vector_for_every_word(tagger):
    long = SENTENCES[3]
    assert len(list(tagger.windower.windows(corpus_of(long)))) > 1
    assert vectors(tagger, 1, long)[0].shape == (len(long), 32)


def test_it_does_not_depend_on_the_batch(tagger):
    together = vectors(tagger, LAYERS, *SENTENCES)
    for row, sentence in zip(together, SENTENCES, strict=True):
        assert np.allclose(row, vectors(tagger, LAYERS, sentence)[0], atol=1e-5)
