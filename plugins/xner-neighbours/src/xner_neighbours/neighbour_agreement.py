"""The refiner `neighbour-agreement`."""

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import ClassVar

import numpy as np
from pydantic import Field

from xner.base import Corpus, Signals
from xner_neighbours import approximate
from xner_neighbours.nearest import nearest, on_grid
from xner_neighbours.vectors import VectorRefiner, VectorSettings


class NeighbourAgreement(VectorRefiner):
    """Words count by how many of their nearest other words have their type (Ma et al., ACL 2023, section 3.3).

    With the share c'_i of the K nearest words of word i that have its type, over the words of its tag y:

        c_i = c'_i / max_y c',    s_i = sigmoid(slope (c_i - mean_y c)),    w_i = s_i / max_y s
    """

    title = "neighbour-agreement"
    provides: ClassVar[tuple[str, ...]] = ("weight",)

    class Config(VectorSettings):
        """Which words are neighbours, and how much they count."""

        neighbours: int = Field(500, ge=1, description="Nearest words that a word is compared with, K.")
        share: float = Field(
            0.01, gt=0, le=0.5, description="They are at most this share of all words, so a small text has fewer."
        )
        slope: float = Field(6.0, ge=0, description="How much more than the mean of a tag counts; 0: no more.")
        exact: int = Field(
            300_000, ge=1, description="Up to so many words each is compared with each; more need the extra `large`."
        )
        probes: int = Field(
            32, ge=1, description="Above that, the cells of words that are looked at; more find more, and take longer."
        )

    config: Config
    _starts: np.ndarray
    _firsts: list[int]
    _weights: np.ndarray

    def prepare(self, target: Corpus, signals: Signals) -> None:
        """Find the neighbours of all words, and weigh each word; a sentence that is there twice counts once."""
        self._firsts = firsts(target)
        once = [number for number, first in enumerate(self._firsts) if number == first]
        lengths = np.zeros(len(self._firsts), np.int64)
        lengths[once] = [len(target[number].tokens) for number in once]
        self._starts = np.cumsum(lengths) - lengths
        tags = _tags(signals, once)
        grid = on_grid(len(tags), map(self.vectors(signals), once))
        self._weights = weights(tags, agreement(tags, self._nearest(grid)), self.config.slope).astype(np.float32)

    def refine(self, sentence: int, signals: Signals) -> Mapping[str, np.ndarray]:
        """Return `weight` (words, 1) of one sentence."""
        start = self._starts[self._firsts[sentence]]
        return {"weight": self._weights[start : start + len(signals.row(sentence)["probabilities"]), None]}

    def _nearest(self, grid: np.ndarray) -> Iterator[np.ndarray]:
        """Yield the nearest words of all words, and note how they are found."""
        words, asked = len(grid), self.config.neighbours
        k = max(1, min(asked, int(words * self.config.share)))
        few = f"{words:,} words are too few for {asked} neighbours; each is compared with its nearest {k}"
        many = f"{words:,} words are more than {self.config.exact:,}, so their neighbours are found approximately"
        told = [few] * (k < asked) + [many] * (words > self.config.exact)
        self.notes = [f"{self.title}: {text}" for text in told]
        if words <= self.config.exact:
            return nearest(grid, k)
        return approximate.nearest(grid, k, self.config.probes, f"refiners.{self.title}.exact={words}")


def firsts(target: Corpus) -> list[int]:
    """Return for each sentence the number of the first one with the same words."""
    places = dict[tuple[str, ...], int]()
    return [places.setdefault(tuple(sentence.tokens), number) for number, sentence in enumerate(target)]


def agreement(tags: np.ndarray, neighbours: Iterator[np.ndarray]) -> np.ndarray:
    """Return which share of each word's neighbours has its type; 0 where there are none.

    Args:
        tags: (N,) class numbers; odd ones are B- and the even one after it I- of the same type.
        neighbours: yields the numbers of the neighbours (block, K), block by block; -1 where there is none.
    """
    types = (tags + 1) // 2
    shares, start = np.zeros(len(tags)), 0
    for block in neighbours:
        there, end = block >= 0, start + len(block)
        same = (types[block] == types[start:end, None]) & there
        shares[start:end] = same.sum(1) / np.maximum(there.sum(1), 1)
        start = end
    return shares


def weights(tags: np.ndarray, shares: np.ndarray, slope: float) -> np.ndarray:
    """Return the weight of each word: (N,), of which the highest of each tag is 1.

    Args:
        tags: (N,) class numbers.
        shares: (N,) how many of its neighbours have its type.
        slope: of the sigmoid.
    """
    result = np.empty(len(tags))
    for tag in np.unique(tags):
        of_tag = tags == tag
        relative = shares[of_tag] / (shares[of_tag].max() or 1)
        curved = 1 / (1 + np.exp(-slope * (relative - relative.mean())))
        result[of_tag] = curved / curved.max()
    return result


def _tags(signals: Signals, sentences: list[int]) -> np.ndarray:
    """Return the class numbers of the words' tags, of the legal paths that are most probable: (N,)."""
    decoder = signals.decoder
    assert decoder is not None  # a run's signals have one
    ids = decoder.labels.ids
    rows = (signals.row(sentence)["probabilities"] for sentence in sentences)
    return np.fromiter(chain.from_iterable((ids[tag] for tag in said.best) for said in decoder.decode(rows)), np.int64)
