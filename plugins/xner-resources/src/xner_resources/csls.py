"""Nearest words of another language by CSLS (Conneau et al., ICLR 2018): a word that is near to all counts less."""

from collections.abc import Iterator

import numpy as np

_CELLS = 2**24
"""Pairs of words that are compared at once: the bound on memory beside the vectors."""


def nearest(source: np.ndarray, target: np.ndarray, k: int, cells: int = _CELLS) -> np.ndarray:
    """Return which target word has the highest CSLS with each source word: (N,); of equal ones the first.

    With r_T(x), the mean cosine of x with its k nearest target words, and r_S(y) likewise,

        CSLS(x, y) = 2 cos(x, y) - r_T(x) - r_S(y)

    Args:
        source: (N, width) vectors of length one.
        target: (M, width).
        k: how many.
        cells: pairs that are compared at once; it changes nothing but the memory.
    """
    crowded = _crowding(target, source, k, cells)  # r_T(x) is the same for all words that x is compared with
    return np.concatenate([(2 * block - crowded).argmax(1) for block in _cosines(source, target, cells)])


def _crowding(one: np.ndarray, other: np.ndarray, k: int, cells: int) -> np.ndarray:
    k = min(k, len(other))
    return np.concatenate([np.partition(block, -k, axis=1)[:, -k:].mean(1) for block in _cosines(one, other, cells)])


def _cosines(one: np.ndarray, other: np.ndarray, cells: int) -> Iterator[np.ndarray]:
    rows = max(1, cells // len(other))
    for start in range(0, len(one), rows):
        yield one[start : start + rows] @ other.T
