"""The aligner `itermax`."""

import numpy as np
from pydantic import Field

from xner.base import Links
from xner_resources.aligners.argmax import mutual
from xner_resources.aligners.word_similarity import LayerSettings, SimilarityAligner


class Itermax(SimilarityAligner):
    """As `argmax`, again and again: what is left over is aligned next (Itermax of Jalili Sabet et al., 2020)."""

    class Config(LayerSettings):
        """How often, and how much a word counts that has a link already."""

        iterations: int = Field(2, ge=1, description="How often words are aligned.")
        discount: float = Field(
            0.9, ge=0, le=1, description="Factor of the similarity of a word that has a link with one that has none."
        )

    config: Config

    def links(self, similarity: np.ndarray) -> Links:
        """Return the links of two sentences; words that both have one already get none with each other."""
        found = np.zeros(similarity.shape, bool)
        for _ in range(self.config.iterations):
            rows, columns = found.any(1, keepdims=True), found.any(0, keepdims=True)
            left = np.where(rows & columns, -np.inf, similarity * np.where(rows | columns, self.config.discount, 1))
            if not (more := mutual(left)):
                break
            found[tuple(zip(*more, strict=True))] = True
        return tuple((int(row), int(column)) for row, column in np.argwhere(found))
