"""The aligner `argmax`."""

import numpy as np

from xner.base import Links
from xner_resources.aligners.word_similarity import SimilarityAligner


class Argmax(SimilarityAligner):
    """Two words are aligned if each is the most similar to the other (Argmax of Jalili Sabet et al., 2020)."""

    def links(self, similarity: np.ndarray) -> Links:
        """Return the links of two sentences."""
        return mutual(similarity)


def mutual(similarity: np.ndarray) -> Links:
    """Return the places that are the highest of both their row and their column; of equal ones the first.

    Args:
        similarity: (rows, columns); -inf where there must be no link.
    """
    best = similarity.argmax(1)
    return tuple(
        (row, int(column))
        for row, column in enumerate(best)
        if similarity[:, column].argmax() == row and np.isfinite(similarity[row, column])
    )
