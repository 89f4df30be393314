"""Mining: pairs of sentences of two texts whose vectors are nearer to each other than to any others."""

from collections.abc import Iterator

import numpy as np
from torch import Tensor

from xner.base import Corpus, Tagger

_ROWS = 1024
"""Sentences that are compared with all of the other text at once."""


def sentence_vectors(tagger: Tagger, text: Corpus) -> np.ndarray:
    """Return a vector of length one of each sentence (N, hidden): the mean of its words', less that of the text.

    Args:
        tagger: the encoder; its highest layer counts.
        text: the sentences.
    """
    rows = tagger.vectors(text, 1, _named)
    vectors = np.stack([row["vectors"].mean(0, dtype=np.float64) for row in rows])
    vectors -= vectors.mean(0)
    unit: np.ndarray = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    return unit


def _named(vectors: Tensor) -> dict[str, Tensor]:
    return {"vectors": vectors.float()}


def mined(source: np.ndarray, target: np.ndarray, k: int, least: float) -> list[tuple[int, int]]:
    """Return the numbers of sentences that have the highest margin of all, each for the other, and a margin of `least`.

    The margin of x and y is the ratio of their cosine to the mean cosine of both with their k nearest in the other text
    (Artetxe and Schwenk, ACL 2019); where that is not above 0, it is 0.

    Args:
        source: (N, hidden) vectors of length one.
        target: (M, hidden).
        k: how many.
        least: the threshold.
    """
    near = _nearest(source, target, k), _nearest(target, source, k)
    forward, highest = _best(source, target, *near)
    backward, _ = _best(target, source, *near[::-1])
    return [
        (number, int(other))
        for number, other in enumerate(forward)
        if backward[other] == number and highest[number] >= least
    ]


def _nearest(one: np.ndarray, other: np.ndarray, k: int) -> np.ndarray:
    """Return the mean cosine of each vector with its k nearest: (N,)."""
    k = min(k, len(other))
    return np.concatenate([np.partition(block, -k, axis=1)[:, -k:].mean(1) for block in _cosines(one, other)])


def _best(one: np.ndarray, other: np.ndarray, own: np.ndarray, others: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return which vector has the highest margin with each, and that margin: (N,) each; of equal ones the first."""
    places, margins, start = list[np.ndarray](), list[np.ndarray](), 0
    for block in _cosines(one, other):
        mean = (own[start : start + len(block), None] + others) / 2
        margin = np.divide(block, mean, out=np.zeros_like(block), where=mean > 0)
        places.append(margin.argmax(1))
        margins.append(margin.max(1))
        start += len(block)
    return np.concatenate(places), np.concatenate(margins)


def _cosines(one: np.ndarray, other: np.ndarray) -> Iterator[np.ndarray]:
    for start in range(0, len(one), _ROWS):
        yield one[start : start + _ROWS] @ other.T
