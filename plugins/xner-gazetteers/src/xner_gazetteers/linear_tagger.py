"""The tagger `linear` of `wiki`: logistic regression, greedy from left to right, in two levels."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
from sklearn.linear_model import LogisticRegression

from xner.base import OUTSIDE, Corpus, LabelSet, Teacher, Workbench
from xner.errors import DataError
from xner_gazetteers.name_features import NameFeatures

_FILE = "linear.npz"
_AROUND = (-2, -1, 0, 1, 2)
"""Where the tags of the first level are that the second one sees."""
_EXACT = 1e-7
"""The gradient at which the solver stops: many words have the same features, so little moves all of their tags."""


@dataclass(frozen=True)
class Level:
    """A linear classifier of words by their features and the two tags before.

    Args:
        weights: (features + 2 (tags + 1), tags); features come first, then the tag before, then the one before that.
        bias: (tags).
    """

    weights: np.ndarray
    bias: np.ndarray

    @classmethod
    def fit(cls, rows: Sequence[np.ndarray], tags: Sequence[np.ndarray], number: int, penalty: float) -> "Level":
        """Learn from sentences whose tags are known, the ones before as well.

        Args:
            rows: (words, features) of each.
            tags: (words) numbers of their tags.
            number: of tags that there are; those that the sentences lack are never chosen.
            penalty: inverse strength of the weights' squared norm.
        """
        before = [histories(each, number) for each in tags]
        pairs = zip(rows, before, strict=True)
        seen = np.concatenate([np.hstack([row, history], dtype=np.float64) for row, history in pairs])
        model = LogisticRegression(C=penalty, solver="newton-cholesky", tol=_EXACT).fit(seen, np.concatenate(tags))
        weights, bias = model.coef_.T, model.intercept_
        if len(model.classes_) == 2:  # then there is but one column, of the second
            weights, bias = np.hstack([0 * weights, weights]), np.array([0.0, bias[0]])
        spread = np.zeros((len(weights), number)), np.full(number, -np.inf)
        spread[0][:, model.classes_], spread[1][model.classes_] = weights, bias
        return cls(*spread)

    def greedy(self, row: np.ndarray) -> np.ndarray:
        """Return the probabilities (words, tags) of a sentence's tags, each given the best ones of the words before.

        Args:
            row: (words, features).
        """
        number = len(self.bias)
        known = len(self.weights) - 2 * (number + 1)
        scores = row @ self.weights[:known] + self.bias
        before = self.weights[known : known + number + 1], self.weights[known + number + 1 :]
        said, last, last_but_one = np.zeros((len(row), number), dtype=np.float32), number, number
        for place, score in enumerate(scores):
            whole = score + before[0][last] + before[1][last_but_one]
            exponents = np.exp(whole - whole.max())
            said[place] = exponents / exponents.sum()
            last, last_but_one = int(whole.argmax()), last
        return said


def histories(tags: np.ndarray, number: int) -> np.ndarray:
    """Return (words, 2 (number + 1)) of 0 and 1: which tag stands before each word, and which before that one.

    Args:
        tags: (words) their numbers.
        number: of tags; this one stands for the sentence's beginning.
    """
    padded = np.concatenate([[number, number], tags]).astype(int)
    eye = np.eye(number + 1, dtype=np.float32)
    return np.hstack([eye[padded[1:-1]], eye[padded[:-2]]])


def around(tags: np.ndarray, number: int) -> np.ndarray:
    """Return (words, 5 (number + 1)) of 0 and 1: which tags the first level gives to the words around each.

    Args:
        tags: (words) their numbers.
        number: of tags; this one stands for what is outside of the sentence.
    """
    outside = np.full(2, number)
    padded = np.concatenate([outside, tags, outside]).astype(int)
    eye = np.eye(number + 1, dtype=np.float32)
    return np.hstack([eye[padded[2 + shift : 2 + shift + len(tags)]] for shift in _AROUND])


class LinearTagger(Teacher):
    """Tags by a gazetteer's features alone, without an encoder (Tsai et al., CoNLL 2016).

    Args:
        penalty: inverse strength of the weights' squared norm.
        features: of words; `restore` reads those that were saved.
    """

    provides: ClassVar[tuple[str, ...]] = ("probabilities",)
    scored: ClassVar[bool] = True
    _levels: tuple[Level, Level]

    def __init__(self, penalty: float, features: NameFeatures | None = None) -> None:
        super().__init__()
        self.penalty = penalty
        if features is not None:
            self.features = features

    def fit(self, source: Corpus, workbench: Workbench) -> None:
        """Learn both levels from labelled sentences.

        Raises:
            DataError: they have no entities.
        """
        tags = [_numbers(sentence.tags or [], workbench.labels) for sentence in source]
        if len(set(np.concatenate(tags))) < 2:
            raise DataError(f"{source}: has no entities, so no tagger can learn from it")
        rows, number = [self.features.row(sentence.tokens) for sentence in source], len(workbench.labels.tags)
        first = Level.fit(rows, tags, number, self.penalty)
        second = Level.fit([_seen(row, first) for row in rows], tags, number, self.penalty)
        self._levels = first, second

    def label(self, target: Corpus) -> Iterator[Mapping[str, np.ndarray]]:
        """Yield `probabilities` (words, tags) of each sentence, as the second level says them."""
        first, second = self._levels
        for sentence in target:
            yield {"probabilities": second.greedy(_seen(self.features.row(sentence.tokens), first))}

    def save(self, folder: Path) -> None:
        """Write both levels and the features."""
        arrays = {f"{name}{n}": getattr(level, name) for n, level in enumerate(self._levels) for name in _ARRAYS}
        np.savez(folder / _FILE, **arrays)
        self.features.save(folder)

    def restore(self, folder: Path, workbench: Workbench) -> None:
        """Read what was saved."""
        with np.load(folder / _FILE) as arrays:
            first, second = (Level(*(arrays[f"{name}{n}"] for name in _ARRAYS)) for n in (0, 1))
        self._levels = first, second
        self.features = NameFeatures.load(folder)


_ARRAYS = ("weights", "bias")


def _seen(row: np.ndarray, first: Level) -> np.ndarray:
    """Return what the second level sees: the features, and the first level's tags around each word."""
    return np.hstack([row, around(first.greedy(row).argmax(-1), len(first.bias))])


def _numbers(tags: Sequence[str], labels: LabelSet) -> np.ndarray:
    return np.array([labels.ids.get(tag, labels.ids[OUTSIDE]) for tag in tags], dtype=int)
