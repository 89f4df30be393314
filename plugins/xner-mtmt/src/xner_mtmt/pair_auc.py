"""How well a model's word vectors tell, on labelled sentences, whether two words have the same tag."""

from typing import Literal

import numpy as np
from sklearn.metrics import roc_auc_score

from xner.corpus import Corpus
from xner.errors import DataError
from xner.tagger import Tagger

Same = Literal["tag", "type"]
_WORDS = 100
"""Words of each tag that are paired, at most."""


def pair_auc(tagger: Tagger, corpus: Corpus, same: Same = "tag") -> float:
    """Return the area under the ROC curve of the cosine of two words, as a test of whether their tags are the same.

    The words are drawn, the same ones in every call, and paired across sentences; pairs are weighted so that each tag
    is as frequent as any other. So 0.5 is chance, however many of the words are O.

    Args:
        tagger: the model; the vectors are its last hidden states at the words' first sub-words.
        corpus: the labelled sentences.
        same: whether words are alike that have the same tag, or the same type.

    Raises:
        DataError: there are no pairs of one of the two kinds.
    """
    lengths = [len(sentence.tokens) for sentence in corpus]
    kinds = np.array([tag if same == "tag" else tag[2:] for sentence in corpus for tag in sentence.tags or []])
    words = _draw(kinds)
    sentences = np.repeat(np.arange(len(corpus)), lengths)[words]
    vectors = _unit_vectors(tagger, corpus, words - (np.cumsum(lengths) - lengths)[sentences], sentences)
    _, numbers, sizes = np.unique(kinds[words], return_inverse=True, return_counts=True)
    one, other = np.triu_indices(len(words), 1)
    across = sentences[one] != sentences[other]
    one, other = one[across], other[across]
    alike = numbers[one] == numbers[other]
    if alike.all() or not alike.any():
        raise DataError(f"{corpus}: too few words to judge pairs by; some of one tag and some of two are needed")
    weights = 1 / (sizes[numbers[one]] * sizes[numbers[other]])
    return float(roc_auc_score(alike, (vectors @ vectors.T)[one, other], sample_weight=weights))


def _draw(kinds: np.ndarray) -> np.ndarray:
    """Return the numbers, in order, of so many words of each kind."""
    draw = np.random.default_rng(0)
    places = (np.flatnonzero(kinds == kind) for kind in np.unique(kinds))
    return np.sort(np.concatenate([draw.permutation(place)[:_WORDS] for place in places]))


def _unit_vectors(tagger: Tagger, corpus: Corpus, places: np.ndarray, sentences: np.ndarray) -> np.ndarray:
    """Return the vectors, of length one, of the words at these places of these sentences."""
    by_sentence = np.split(places, np.searchsorted(sentences, np.arange(1, len(corpus))))
    rows = tagger.states(corpus, lambda states: {"hidden": states.hidden})
    vectors: np.ndarray = np.concatenate([row["hidden"][here] for row, here in zip(rows, by_sentence, strict=True)])
    vectors /= np.linalg.norm(vectors, axis=-1, keepdims=True).clip(min=1e-9)
    return vectors
