"""What the refiners here have in common: whose vectors of words they compare."""

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

import numpy as np
from pydantic import Field

from xner.base import Refiner, Settings, Signals
from xner.errors import UsageError, did_you_mean

_READER = "word-vectors"
_COLUMNS = "vectors", "states"
"""Signals that are vectors of words."""


class VectorSettings(Settings):
    """Whose vectors are compared."""

    vectors: str = Field(
        "",
        description="The teacher whose vectors of words are compared: its signal of them, or else its tagger's states; "
        "empty: the states of all taggers.",
    )


class VectorRefiner(Refiner):
    """A refiner that compares vectors of words."""

    Config: ClassVar[type[Settings]] = VectorSettings
    config: VectorSettings
    title: ClassVar[str]
    """Its name, for messages."""

    def check(self, teachers: Mapping[str, Sequence[str]]) -> None:
        """Look whether the teacher of the setting `vectors` has any.

        Raises:
            UsageError: there is no such teacher, or it neither gives vectors nor tags.
        """
        name, able = self.config.vectors, [one for one, given in teachers.items() if _has_any(given)]
        if name and name not in able:
            what = "gives no vectors and is no tagger" if name in teachers else "is not among the teachers here"
            raise UsageError(
                f"refiners.{self.title}.vectors: '{name}' {what}; name one of: {', '.join(able)}, or leave it empty."
                f"{did_you_mean(name, able)}"
            )

    def readers(self, teachers: Mapping[str, Sequence[str]]) -> Mapping[str, str]:
        """Let `word-vectors` read the taggers, unless vectors are there already."""
        name = self.config.vectors
        if name:
            return {} if _column(teachers[name]) else {name: _READER}
        taggers = [one for one, given in teachers.items() if "probabilities" in given]
        return {} if _READER in teachers else dict.fromkeys(taggers, _READER)

    def vectors(self, signals: Signals) -> Callable[[int], np.ndarray]:
        """Return what gives the vectors of a sentence's words: (words, hidden), of length one.

        Args:
            signals: what the teachers say, with those that read taggers among them.
        """
        said = signals.of(self.config.vectors or _READER)
        if not (column := _column(tuple(said.row(0)))):
            said, column = signals.of(_READER), "states"

        def of(sentence: int) -> np.ndarray:
            rows = said.row(sentence)[column].astype(np.float32)
            lengths = np.sqrt(np.square(rows).sum(-1, keepdims=True))
            unit: np.ndarray = rows / np.maximum(lengths, 1e-12)
            return unit

        return of


def _column(given: Sequence[str]) -> str:
    """Return the first of these signals that is vectors of words, or nothing."""
    return next((name for name in _COLUMNS if name in given), "")


def _has_any(given: Sequence[str]) -> bool:
    return bool(_column(given)) or "probabilities" in given
