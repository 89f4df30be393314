"""The nearest vectors of each vector among very many, not quite all of them, with faiss."""

from collections.abc import Iterator
from importlib import import_module
from math import sqrt

import numpy as np

from xner.errors import UsageError

_QUERIES = 4096
"""Vectors that are looked up at once."""
_SAME = 1 - 5e-6
"""Vectors whose cosine is at least this are the same but for rounding."""
_SPARE = 64
"""So many more are asked for, in place of those that are the same."""
_TRAINING = 39
"""faiss wants at least so many vectors for each cell."""


def nearest(grid: np.ndarray, k: int, probes: int, instead: str) -> Iterator[np.ndarray]:
    """Yield what `xner_neighbours.nearest.nearest` does, or nearly: (block, k) numbers, nearest first.

    The vectors are cut into cells by k-means, and each is compared with those of the cells that are nearest to it. The
    same vectors give the same numbers every time.

    Args:
        grid: (N, hidden) vectors on the grid.
        k: how many; at most N.
        probes: how many cells are looked at for each vector.
        instead: the setting that makes the search exact, for the message.

    Raises:
        UsageError: faiss is not installed.
    """
    try:
        faiss = import_module("faiss")
    except ImportError as error:
        raise UsageError(
            f'the neighbours of {len(grid):,} words need faiss: pip install "xner-neighbours[large]"; or compare each '
            f"with each, which takes long: --set {instead}"
        ) from error
    vectors = grid / np.maximum(np.sqrt(np.einsum("nh,nh->n", grid, grid)[:, None]), 1)
    cells = max(1, min(round(4 * sqrt(len(grid))), len(grid) // _TRAINING))
    index = faiss.index_factory(grid.shape[1], f"IVF{cells},Flat", faiss.METRIC_INNER_PRODUCT)
    index.nprobe = min(probes, cells)
    index.train(vectors)
    index.add(vectors)
    for start in range(0, len(grid), _QUERIES):
        scores, numbers = index.search(vectors[start : start + _QUERIES], min(k + _SPARE, len(grid)))
        yield _others(scores, numbers, k)


def _others(scores: np.ndarray, numbers: np.ndarray, k: int) -> np.ndarray:
    """Return the first k of each row that are not the same: (B, k), -1 for those that are missing.

    Args:
        scores: (B, found) cosines.
        numbers: (B, found) of vectors; -1 where fewer were found.
        k: how many.
    """
    numbers = np.where(scores >= _SAME, -1, numbers)
    order = np.lexsort((numbers, -scores, numbers < 0), axis=1)[:, :k]
    found: np.ndarray = np.take_along_axis(numbers, order, 1)
    return np.pad(found, ((0, 0), (0, k - found.shape[1])), constant_values=-1)
