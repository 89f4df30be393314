"""How well word vectors tell, on labelled sentences, whether two words have the same tag."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from sklearn.metrics import roc_auc_score

from xner.base import OUTSIDE, Corpus, Tagger
from xner.errors import DataError

Same = Literal["tag", "type"]
Among = Literal["all", "entities", "outside"]
_WORDS = 100
"""Words of each tag that are paired, at most."""


def pair_auc(tagger: Tagger, corpus: Corpus, same: Same = "tag") -> float:
    """Return the area under the ROC curve of the cosine of two words, as a test of whether their tags are the same.

    Args:
        tagger: the model; the vectors are its last hidden states at the words' first sub-words.
        corpus: the labelled sentences.
        same: whether words are alike that have the same tag, or the same type.

    Raises:
        DataError: there are no pairs of one of the two kinds.
    """
    pairs = WordPairs.draw(corpus, same)
    rows = tagger.states(corpus, lambda states: {"hidden": states.hidden})
    return pairs.auc(pairs.take(row["hidden"] for row in rows))


@dataclass(frozen=True)
class WordPairs:
    """Words of a labelled corpus, at most so many of each tag, and all their pairs that span two sentences.

    The words are drawn, the same ones in every call.

    Args:
        corpus: the sentences.
        words: (K,) the words' numbers in the corpus, in order.
        kinds: (K,) their tags, or types, of which O is the empty one.
        one: (P,) the first word of each pair, as a place in `words`.
        other: (P,) the second one.
    """

    corpus: Corpus
    words: np.ndarray
    kinds: np.ndarray
    one: np.ndarray
    other: np.ndarray

    @classmethod
    def draw(cls, corpus: Corpus, same: Same = "tag") -> "WordPairs":
        """Draw the words.

        Args:
            corpus: the labelled sentences.
            same: whether words are alike that have the same tag, or the same type.
        """
        kinds = np.array([tag if same == "tag" else tag[2:] for sentence in corpus for tag in sentence.tags or []])
        words = _draw(kinds)
        sentences = np.repeat(np.arange(len(corpus)), [len(sentence.tokens) for sentence in corpus])[words]
        one, other = np.triu_indices(len(words), 1)
        across = sentences[one] != sentences[other]
        return cls(corpus, words, kinds[words], one[across], other[across])

    def narrowed(self) -> "WordPairs":
        """Return the same pairs on a corpus of only those sentences that have one of the words, in less time to run."""
        lengths = np.array([len(sentence.tokens) for sentence in self.corpus])
        starts = np.cumsum(lengths) - lengths
        kept, where = np.unique(np.searchsorted(starts, self.words, side="right") - 1, return_inverse=True)
        shift = starts[kept] - (np.cumsum(lengths[kept]) - lengths[kept])
        corpus = replace(self.corpus, data=self.corpus.rows.select(kept))
        return replace(self, corpus=corpus, words=self.words - shift[where])

    def take(self, rows: Iterable[np.ndarray]) -> np.ndarray:
        """Return what the K words have of rows of (words of the sentence, width), one a sentence: (K, width)."""
        taken, begin = list[np.ndarray](), 0
        for row in rows:
            first, last = np.searchsorted(self.words, (begin, begin + len(row)))
            taken.append(row[self.words[first:last] - begin])
            begin += len(row)
        return np.concatenate(taken)

    def auc(self, vectors: np.ndarray, among: Among = "all") -> float:
        """Return the area under the ROC curve of the cosine of two words, as a test of whether they are alike.

        Pairs are weighted so that each tag is as frequent as any other. So 0.5 is chance, however many words are O.

        Args:
            vectors: (K, width) a vector for each of the words.
            among: which pairs are held against each other. "all"; "entities": those of two entity words; "outside":
                those of two alike entity words against those of an entity word and an O.

        Raises:
            DataError: there are no pairs of one of the two kinds.
        """
        _, numbers, sizes = np.unique(self.kinds, return_inverse=True, return_counts=True)
        alike = numbers[self.one] == numbers[self.other]
        chosen = self._chosen(alike, among)
        one, other, alike = self.one[chosen], self.other[chosen], alike[chosen]
        if alike.all() or not alike.any():
            raise DataError(
                f"{self.corpus}: too few words to judge pairs by; some of one tag and some of two are needed"
            )
        unit = vectors.astype(np.float32)
        unit /= np.linalg.norm(unit, axis=-1, keepdims=True).clip(min=1e-9)
        weights = 1 / (sizes[numbers[one]] * sizes[numbers[other]])
        return float(roc_auc_score(alike, (unit @ unit.T)[one, other], sample_weight=weights))

    def _chosen(self, alike: np.ndarray, among: Among) -> np.ndarray:
        """Return which pairs are asked for."""
        outside = np.isin(self.kinds, (OUTSIDE, ""))
        entities = 2 - outside[self.one].astype(int) - outside[self.other]
        if among == "all":
            return np.ones_like(alike)
        return np.asarray(entities == 2 if among == "entities" else alike & (entities == 2) | (entities == 1))


def _draw(kinds: np.ndarray) -> np.ndarray:
    """Return the numbers, in order, of so many words of each kind."""
    draw = np.random.default_rng(0)
    places = (np.flatnonzero(kinds == kind) for kind in np.unique(kinds))
    return np.sort(np.concatenate([draw.permutation(place)[:_WORDS] for place in places]))
