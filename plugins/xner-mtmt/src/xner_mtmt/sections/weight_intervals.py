"""The section `weight-intervals`: how right the teachers are, by their weights (Li et al. 2022, figure 6)."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import ClassVar, NamedTuple

import numpy as np
import torch
from pydantic import Field

from xner.base import OUTSIDE, Lines, Part, RunView, Section, Settings, Table
from xner_mtmt.pair_auc import WordPairs
from xner_mtmt.similarity import scores

_BOUNDS = {
    "alpha": (0, 0.25, 0.5, 0.75, 0.9, 0.99, 1),
    "beta": (0, 0.01, 0.025, 0.05, 0.1, 0.15, 0.22),
    "gamma": (0.5, 0.6, 0.7, 0.8, 0.9, 1),
}
"""Of the intervals, the upper one included; beta is at most (2 sigmoid(1) - 1)^2 = 0.2136, and gamma at least 0.538."""
_SAME = 0.5
"""From this score on, the evaluator takes two words for alike."""
_F1 = "F1 of the recognizer, %"
_RIGHT = "pairs decided rightly, %"


class Pairs(NamedTuple):
    """Pairs of words, P of them.

    Args:
        beta: (P,) (2t - 1)^2 of the evaluator's score t (section 3.3).
        gamma: (P,) 1 - |s - t|, with the similarity s of the recognizer's probabilities.
        right: (P,) whether the evaluator decides rightly that the gold tags are the same, or that they are not.
        gold: (P, 2) the gold tags.
        said: (P, 2) the recognizer's.
    """

    beta: np.ndarray
    gamma: np.ndarray
    right: np.ndarray
    gold: np.ndarray
    said: np.ndarray


class WeightIntervals(Section):
    """Scores the recognizer and the evaluator by intervals of alpha, beta and gamma, as the paper forms these."""

    class Config(Settings):
        """How much is looked at."""

        sentences: int = Field(1000, ge=1, description="Labelled sentences that are looked at, the first ones.")

    config: Config
    title: ClassVar[str] = "How right the teachers are, by their weights"
    needs: ClassVar[tuple[str, ...]] = ("probabilities", "vectors")
    labels: ClassVar[bool] = True
    costly: ClassVar[bool] = True

    def look(self, view: RunView) -> Sequence[Part]:
        """Return a curve and a table for each of the three weights."""
        some, tags = view.tested.part(0, self.config.sentences), np.array(view.workbench.labels.tags)
        probabilities, vectors = (list(view.say(column, some)) for column in self.needs)
        gold = np.array([tag for sentence in some for tag in sentence.tags or []])
        said = tags[np.concatenate(probabilities).argmax(1)]
        alpha = np.concatenate([row.max(1) for row in probabilities]) ** 2
        words = WordPairs.draw(some)
        pairs = paired(words, words.take(probabilities), words.take(vectors), gold, said)
        every = f"of {len(gold):,} words in {len(some):,} sentences"
        drawn = f"of {len(pairs.beta):,} pairs of words, drawn evenly over the gold tags"
        return [
            *_shown("alpha", f"alpha, {every}", alpha, {_F1: lambda here: f1(gold[here], said[here])}),
            *_shown("beta", f"beta, {drawn}", pairs.beta, {_RIGHT: lambda here: _share(pairs.right[here])}),
            *_shown(
                "gamma",
                f"gamma, {drawn}",
                pairs.gamma,
                {
                    _RIGHT: lambda here: _share(pairs.right[here]),
                    _F1: lambda here: f1(pairs.gold[here].ravel(), pairs.said[here].ravel()),
                },
            ),
        ]


def paired(pairs: WordPairs, p: np.ndarray, vectors: np.ndarray, gold: np.ndarray, said: np.ndarray) -> Pairs:
    """Return the weights of pairs, and whether the teachers are right about them.

    Args:
        pairs: which words are paired, K of them.
        p: (K, tags) the recognizer's probabilities of these.
        vectors: (K, width) the evaluator's vectors of them.
        gold: (W,) the gold tags of all words.
        said: (W,) the recognizer's.
    """
    t, s = (scores(torch.from_numpy(np.asarray(each)).float()).numpy()[pairs.one, pairs.other] for each in (vectors, p))
    both = np.stack([pairs.words[pairs.one], pairs.words[pairs.other]], axis=1)
    right = (t > _SAME) == (gold[both[:, 0]] == gold[both[:, 1]])
    return Pairs((2 * t - 1) ** 2, 1 - np.abs(s - t), right, gold[both], said[both])


def f1(gold: np.ndarray, said: np.ndarray) -> float | None:
    """Return F1 of the entity tags in per cent, each word counting for itself; None where neither side has any."""
    entity, found = gold != OUTSIDE, said != OUTSIDE
    whole = int(entity.sum() + found.sum())
    return round(200 * float((entity & (gold == said)).sum()) / whole, 2) if whole else None


def _shown(
    name: str, caption: str, weights: np.ndarray, asked: dict[str, Callable[[np.ndarray], float | None]]
) -> list[Part]:
    rows, curves = [], dict[str, list[tuple[float, float]]]()
    for low, high in pairwise(_BOUNDS[name]):
        here = (weights > low) & (weights <= high)
        found = {what: score(here) if here.any() else None for what, score in asked.items()}
        rows.append((f"({low:g}, {high:g}]", int(here.sum()), *found.values()))
        for what, value in found.items():
            if value is not None:
                curves.setdefault(what, []).append((round(float(weights[here].mean()), 4), value))
    drawn = {what: tuple(points) for what, points in curves.items()}
    return [
        Lines(caption=f"Score by {caption}; a dot is the mean of an interval.", x=name, y="per cent", lines=drawn),
        Table(
            caption=f"By intervals of {caption}.",
            heads=(name, "number", *asked),
            rows=tuple(rows),
            bar=next(iter(asked)),
        ),
    ]


def _share(right: np.ndarray) -> float:
    return round(100 * float(right.mean()), 2)
