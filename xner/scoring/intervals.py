"""What a difference between two methods is worth: a paired bootstrap over the sentences that were tested."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from xner.scoring.counts import precision_recall_f1

RESAMPLES = 10_000
CONFIDENCE = 0.95
_SEED = 0
_HELD = 2**20
"""Sentence numbers that are drawn together; the bound on memory."""


class Interval(NamedTuple):
    """A percentile interval of a difference in F1, in per cent, and the two-sided p of no difference."""

    low: float
    high: float
    p: float


def interval(first: Sequence[np.ndarray], other: Sequence[np.ndarray], resamples: int = RESAMPLES) -> Interval:
    """Return how much the gain of one method over another might vary with other test sentences.

    The gain is the mean over targets of: mean over seeds of F1 of `other`, minus that of `first`. In every resample the
    sentences of each target are drawn with replacement, once for both methods and all seeds, and micro F1 is computed
    anew from their counts.

    Source: Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapters 13 (the percentile interval) and 15
    (how it relates to a test).

    Args:
        first: for each target (seeds, sentences, 3) true positives, predicted and gold entities.
        other: the same of the other method, with as many seeds on the same sentences.
        resamples: how many.

    Raises:
        ValueError: the two were not counted on the same sentences, or a target has only one sentence.
    """
    from scipy.stats import bootstrap  # not at start-up

    tables = _tables(first, other)
    sizes = [table.shape[2] for table in tables]

    def gain(*drawn: np.ndarray, axis: int) -> np.ndarray:
        gains = [_gains(table, rows) for table, rows in zip(tables, drawn, strict=True)]
        return np.asarray(np.mean(gains, axis=0))

    # the numbers of the sentences are what is drawn, independently for each target; both methods see the same ones
    result = bootstrap(
        [np.arange(size) for size in sizes],
        gain,
        vectorized=True,
        method="percentile",
        confidence_level=CONFIDENCE,
        n_resamples=resamples,
        batch=max(1, _HELD // sum(sizes)),
        rng=np.random.default_rng(_SEED),
    )
    low, high = result.confidence_interval
    return Interval(float(low), float(high), _p(result.bootstrap_distribution))


def _tables(first: Sequence[np.ndarray], other: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Return the counts of both methods for each target: (2, seeds, sentences, 3)."""
    tables = [np.stack(pair) for pair in zip(first, other, strict=True)]
    if any((table[..., 2] != table[0, 0, :, 2]).any() for table in tables):
        raise ValueError("the gold entities are not the same on both sides and for all seeds")
    return tables


def _gains(table: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Return the gain on each of R resamples of one target.

    Args:
        table: (2, seeds, sentences, 3) counts of the two methods.
        rows: (R, sentences) numbers of the sentences drawn.

    Returns:
        (R,)
    """
    number, size = rows.shape
    flat = (rows + size * np.arange(number)[:, None]).ravel()
    times = np.bincount(flat, minlength=rows.size).reshape(rows.shape).astype(np.float32)  # drawn so often
    columns = table.transpose(2, 0, 1, 3).reshape(size, -1).astype(np.float32)
    # a product of matrices, of whole numbers that single precision holds exactly: up to 16 million entities
    sums = (times @ columns).reshape(number, *table.shape[:2], 3).astype(np.float64)
    f1 = precision_recall_f1(sums)[..., 2].mean(axis=-1)
    return np.asarray(f1[:, 1] - f1[:, 0])


def _p(gains: np.ndarray) -> float:
    """Return twice the share of gains on the rarer side of zero, by which p and interval agree; never 0.

    Args:
        gains: (R,) one per resample.
    """
    rarer = int(min(np.count_nonzero(gains <= 0), np.count_nonzero(gains >= 0)))
    return min(1.0, 2 * (rarer + 1) / (len(gains) + 1))
