"""The refiner `prototypes`."""

from collections.abc import Callable, Iterator, Mapping
from typing import ClassVar

import numpy as np
from pydantic import Field

from xner.base import Corpus, Signals
from xner_neighbours.vectors import VectorRefiner, VectorSettings

Rows = Callable[[int], np.ndarray]
_ROUNDING = 1e-6
"""A cosine must be above its margin by more than rounding makes it: both words of a type of two are as near as it."""


class Prototypes(VectorRefiner):
    """Labels move towards the type whose prototype is nearest, in rounds (after Zhou et al., ACL 2023, section 3.3).

    With t_i = (P(O), P(B-X) + P(I-X), ...) of word i, its vector v_i, and the prototype u_c of the words whose most
    probable type is c, each of length one, a round r of R makes of t_i, where the nearest type c beats its margin:

        t_i <- f t_i + (1 - f) onehot(c),    f = first + (last - first) r / R

    The margin of an entity type is the mean of u_c v_j over the words j of that type; O has none. B- and I- divide each
    type as they did before. Ours: words in place of spans, fixed vectors, and means as prototypes.
    """

    title = "prototypes"

    class Config(VectorSettings):
        """How far labels move."""

        rounds: int = Field(9, ge=1, description="How often prototypes are made and labels are moved, R.")
        first: float = Field(0.95, ge=0, le=1, description="What a label keeps of itself in the first round.")
        last: float = Field(0.8, ge=0, le=1, description="What it would keep in the round after the last.")
        margin: float | None = Field(
            None, ge=-1, le=1, description="The cosine that moves a label to an entity type; unset: the type's mean."
        )
        momentum: float | None = Field(
            None, ge=0, lt=1, description="Of prototypes that follow the words in their order; unset: means of all."
        )

    config: Config
    provides: ClassVar[tuple[str, ...]] = ("probabilities",)
    _starts: np.ndarray
    _types: np.ndarray

    def prepare(self, target: Corpus, signals: Signals) -> None:
        """Make prototypes of the whole text and move the types of all words, round by round."""
        rows = [types_of(signals.row(sentence)["probabilities"]) for sentence in range(len(target))]
        self._starts = np.cumsum([0, *map(len, rows)])
        types, vectors, rounds = np.concatenate(rows), self.vectors(signals), self.config.rounds
        before = types.argmax(1)
        prototypes: np.ndarray | None = None
        for number in range(rounds):
            labels = types.argmax(1)
            prototypes = self._prototypes(labels, vectors, types.shape[1], prototypes)
            near = np.concatenate([_cosines(vectors(sentence), prototypes) for sentence in range(len(target))])
            best = near.argmax(1)
            moved = near[range(len(near)), best] > self._margins(labels, near)[best] + _ROUNDING
            keep = self.config.first + (self.config.last - self.config.first) * number / rounds
            types[moved] = keep * types[moved] + (1 - keep) * np.eye(types.shape[1])[best[moved]]
        changed = int((types.argmax(1) != before).sum())
        self.notes = [f"{self.title}: {changed:,} of {len(types):,} words have another most probable type than before"]
        self._types = types

    def refine(self, sentence: int, signals: Signals) -> Mapping[str, np.ndarray]:
        """Return `probabilities` (words, tags) of one sentence."""
        types = self._types[self._starts[sentence] : self._starts[sentence + 1]]
        return {"probabilities": tags_of(types, signals.row(sentence)["probabilities"]).astype(np.float32)}

    def _prototypes(self, labels: np.ndarray, vectors: Rows, kinds: int, before: np.ndarray | None) -> np.ndarray:
        """Return a prototype of length one for each type, (types, hidden); 0 for a type that no word has.

        Args:
            labels: (N,) the words' types.
            vectors: gives those of a sentence.
            kinds: how many types there are, O among them.
            before: the prototypes of the round before.
        """
        momentum = self.config.momentum
        sums = before if before is not None and momentum is not None else np.zeros((kinds, vectors(0).shape[1]))
        for mine, rows in self._by_sentence(labels, vectors):
            if momentum is None:
                sums = sums + np.eye(kinds)[mine].T @ rows
                continue
            for kind in np.unique(mine):
                of_kind = rows[mine == kind]
                ages = momentum ** np.arange(len(of_kind), -1, -1)
                sums[kind] = ages[0] * sums[kind] + (1 - momentum) * ages[1:] @ of_kind
            sums = _unit(sums)
        return _unit(sums)

    def _by_sentence(self, labels: np.ndarray, vectors: Rows) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield the types and the vectors of each sentence's words."""
        for sentence, (start, end) in enumerate(zip(self._starts[:-1], self._starts[1:], strict=True)):
            yield labels[start:end], vectors(sentence).astype(np.float64)

    def _margins(self, labels: np.ndarray, near: np.ndarray) -> np.ndarray:
        """Return what a cosine must be above to move a label, of each type.

        Args:
            labels: (N,) the words' types.
            near: (N, types) their cosines with the prototypes.
        """
        if self.config.margin is not None:
            return np.array([-np.inf, *[self.config.margin] * (near.shape[1] - 1)])
        own = [near[labels == kind, kind] for kind in range(1, near.shape[1])]
        return np.array([-np.inf, *(cosines.mean() if len(cosines) else np.inf for cosines in own)])


def types_of(rows: np.ndarray) -> np.ndarray:
    """Return how probable O and each type are, (words, 1 + types), from probabilities (words, tags)."""
    rows = rows.astype(np.float64)
    return np.concatenate([rows[:, :1], rows[:, 1::2] + rows[:, 2::2]], axis=1)


def tags_of(types: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Return the probabilities (words, tags) of these types, whose B- and I- have the shares that they had.

    Args:
        types: (words, 1 + types).
        rows: (words, tags) the probabilities before; a type that had none has half of its own as B- and half as I-.
    """
    own, result = types_of(rows)[:, 1:], np.empty(rows.shape)
    begin = np.divide(rows[:, 1::2], own, out=np.full_like(own, 0.5), where=own > 0)
    result[:, 0], result[:, 1::2], result[:, 2::2] = types[:, 0], types[:, 1:] * begin, types[:, 1:] * (1 - begin)
    return result


def _cosines(vectors: np.ndarray, prototypes: np.ndarray) -> np.ndarray:
    """Return those of words with prototypes, (words, types); -inf for a type without one."""
    near: np.ndarray = vectors.astype(np.float64) @ prototypes.T
    near[:, ~prototypes.any(1)] = -np.inf
    return near


def _unit(vectors: np.ndarray) -> np.ndarray:
    """Return vectors of length one; 0 stays 0."""
    lengths = np.sqrt(np.square(vectors).sum(1, keepdims=True))
    unit: np.ndarray = vectors / np.where(lengths > 0, lengths, 1)
    return unit
