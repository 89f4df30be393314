"""The nearest vectors of each vector, exactly: the same numbers whatever the block, the threads and the machine."""

from collections.abc import Iterable, Iterator

import numpy as np

_STEPS = 2**12
"""Steps of the grid from 0 to 1. The product of two vectors is then a sum of whole numbers of at most 2^24 in all, and
exact in 32 bits in whatever order it is added up; a cosine is off by about 1e-4."""
_CELLS = 2**24
"""Pairs of words that are compared at once: the bound on memory beside the vectors."""
_SAME = 168
"""Vectors whose squared distance on the grid is at most this are the same but for rounding: cosine 1 - 5e-6."""


def on_grid(words: int, rows: Iterable[np.ndarray]) -> np.ndarray:
    """Return vectors as whole numbers of steps: (N, hidden), in float32.

    Args:
        words: how many there are in all, N.
        rows: the vectors (words, hidden), of length one, of each sentence.
    """
    grid, start = np.empty((0, 0), np.float32), 0
    for unit in rows:
        if not start:
            grid = np.empty((words, unit.shape[1]), np.float32)
        # a little shorter than one, so that no vector is longer than that when it is rounded
        scale = _STEPS - np.sqrt(unit.shape[1]) / 2
        np.rint(unit * np.float32(scale), out=grid[start : start + len(unit)])
        start += len(unit)
    return grid


def nearest(grid: np.ndarray, k: int, cells: int = _CELLS) -> Iterator[np.ndarray]:
    """Yield the numbers of the k nearest others of each vector, by their cosine, block by block: (block, k).

    The nearest comes first; of equally near ones the lower number. Vectors that are the same as a vector are left out;
    if there are fewer than k others, -1 stands for those that are missing.

    Args:
        grid: (N, hidden) vectors on the grid.
        k: how many; at most N.
        cells: pairs that are compared at once; it changes nothing but the memory.
    """
    squares = np.einsum("nh,nh->n", grid, grid)
    lengths = np.maximum(np.sqrt(squares), 1)
    size = max(1, cells // len(grid))
    for start in range(0, len(grid), size):
        block = grid[start : start + size]
        products = block @ grid.T
        own = squares[start : start + size, None]
        same = (own - products) + (squares - products) <= _SAME
        scores = np.divide(products, lengths, out=products)
        scores[same] = -np.inf
        yield _best(scores, k)


def _best(scores: np.ndarray, k: int) -> np.ndarray:
    """Return the places of the k highest scores of each row, highest first, of equal ones the lower place: (B, k).

    Args:
        scores: (B, N); -inf for what must not be chosen, for which -1 is returned.
        k: how many.
    """
    bound = np.partition(scores, -k, axis=1)[:, -k, None]
    chosen, ties = scores > bound, scores == bound
    left = k - chosen.sum(1)
    for row in np.flatnonzero(ties.sum(1) > left):
        ties[row, np.flatnonzero(ties[row])[left[row] :]] = False
    places = np.nonzero(chosen | ties)[1].reshape(-1, k)
    found = np.take_along_axis(scores, places, 1)
    order = np.argsort(-found, axis=1, kind="stable")
    places, found = np.take_along_axis(places, order, 1), np.take_along_axis(found, order, 1)
    return np.where(np.isneginf(found), -1, places)
