"""Whether MTMT's weights track how far its teachers are right (Li et al. 2022, figure 6), on the target's test."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import torch
from finished import View
from pydantic import BaseModel
from store import Store

from xner.scoring.counts import precision_recall_f1
from xner_mtmt.pair_auc import WordPairs
from xner_mtmt.similarity import scores

_ALPHA = (0, 0.25, 0.5, 0.75, 0.9, 0.99, 1)
_SCORE = (0.26, 0.35, 0.42, 0.5, 0.58, 0.65, 0.74)
_GAMMA = (0.53, 0.6, 0.7, 0.8, 0.9, 1)
_SAME = 0.5
"""From this score on, the evaluator takes two words for alike."""


class Interval(BaseModel):
    """The words or pairs whose weight lies between two bounds, the upper one included.

    Args:
        low: the lower bound.
        high: the upper one.
        number: how many there are.
        f1: of the recognizer's tags, word by word, in per cent; None where it is not asked for.
        right: the share of pairs of which the evaluator decides rightly whether they are alike, in per cent.
    """

    low: float
    high: float
    number: int
    f1: float | None = None
    right: float | None = None


class Weights(BaseModel):
    """The teachers' quality by what the weights are made of.

    Args:
        alpha: by the square of the recognizer's top probability, over all words.
        score: by the evaluator's score t, from which beta is, over pairs of words drawn evenly over the gold tags.
        gamma: by how far the teachers agree, over the same pairs.
    """

    alpha: list[Interval]
    score: list[Interval]
    gamma: list[Interval]


def measure(name: str, view: View, store: Store) -> None:
    """Look at the weights of a cell whose method has a recognizer and an evaluator.

    Raises:
        XnerError: it has not.
    """
    corpus, labels = view.some, np.array(view.workbench.labels.tags)
    probabilities = list(view.say("probabilities", corpus))
    gold = np.array([tag for sentence in corpus for tag in sentence.tags or []])
    said = labels[np.concatenate(probabilities).argmax(1)]
    alpha = np.concatenate([row.max(1) for row in probabilities]) ** 2
    pairs = WordPairs.draw(corpus)
    few = pairs.narrowed()
    right, t, gamma = _pair_signals(few, pairs.take(probabilities), few.take(view.say("vectors", few.corpus)))
    both = np.stack([pairs.words[pairs.one], pairs.words[pairs.other]])
    looked = Weights(
        alpha=[_words(low, high, gold[inside], said[inside]) for low, high, inside in _intervals(alpha, _ALPHA)],
        score=[_pairs(low, high, right[inside]) for low, high, inside in _intervals(t, _SCORE)],
        gamma=[
            _pairs(low, high, right[inside], word_f1(gold[both[:, inside]], said[both[:, inside]]))
            for low, high, inside in _intervals(gamma, _GAMMA)
        ],
    )
    store.save(name, looked)


def _pair_signals(
    pairs: WordPairs, probabilities: np.ndarray, vectors: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return for each pair whether the evaluator is right, its score t, and gamma."""
    score, agreement = (scores(torch.from_numpy(values).float()) for values in (vectors, probabilities))
    t, gamma = (table.numpy()[pairs.one, pairs.other] for table in (score, 1 - (agreement - score).abs()))
    return (t > _SAME) == (pairs.kinds[pairs.one] == pairs.kinds[pairs.other]), t, gamma


def word_f1(gold: np.ndarray, said: np.ndarray) -> float:
    """Return F1 of the entity tags in per cent, each word counting for itself."""
    entity, found = gold != "O", said != "O"
    counts = np.array([(entity & (gold == said)).sum(), found.sum(), entity.sum()])
    return float(precision_recall_f1(counts)[2])


def _intervals(values: np.ndarray, bounds: Sequence[float]) -> list[tuple[float, float, np.ndarray]]:
    """Return the bounds of each interval and which values lie in it."""
    return [(low, high, (values > low) & (values <= high)) for low, high in pairwise(bounds)]


def _words(low: float, high: float, gold: np.ndarray, said: np.ndarray) -> Interval:
    return Interval(low=low, high=high, number=len(gold), f1=word_f1(gold, said))


def _pairs(low: float, high: float, right: np.ndarray, f1: float | None = None) -> Interval:
    share = 100 * float(right.mean()) if len(right) else None
    return Interval(low=low, high=high, number=len(right), f1=f1, right=share)
