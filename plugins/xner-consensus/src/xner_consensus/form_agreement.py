"""The refiner `form-agreement`."""

from collections.abc import Mapping
from typing import Literal

import numpy as np
from pydantic import Field, ValidationInfo, field_validator

from xner.base import Corpus, Refiner, Settings, Signals
from xner_consensus.trust import agreement


class FormAgreement(Refiner):
    """A word's types become (1 - w) its own + w the mean of those of its form elsewhere in the target's raw text.

    With t_i = (P(O), P(B-X) + P(I-X), ...) of word i, and n other words j of its key:

        t'_i = (1 - w) t_i + w sum_j t_j / n,    w = trust * share * n / (n + shrinkage)

    B- and I- divide each type as they did in t_i, so whatever follows may choose among legal tags. Ours.
    """

    class Config(Settings):
        """Which words share, and how much."""

        key: Literal["form", "lower"] = Field(
            "form", description="Words share if they are equal: as written, or in lower case."
        )
        share: float = Field(0.9, ge=0, le=1, description="How much the others count at most.")
        shrinkage: float = Field(2.0, ge=0, description="With so many others, they count half of that.")
        trust: float | None = Field(
            None, ge=0, le=1, description="Factor of all that; unset: found by how far the teachers agree."
        )
        low: float = Field(0.5, ge=0, le=1, description="Teachers whose F1 against each other is this are not trusted.")
        high: float = Field(0.8, ge=0, le=1, description="Teachers whose F1 against each other is this are, in full.")

        @field_validator("high")
        @classmethod
        def _above_low(cls, high: float, given: ValidationInfo) -> float:
            if high <= given.data.get("low", -1):  # of a low that is none, its own message tells
                raise ValueError(f"expected more than low, {given.data['low']:g}")
            return high

    config: Config
    _target: Corpus
    _trust: float

    def key(self, token: str) -> str:
        """Return what words have in common that share; a subclass may return a lemma.

        Args:
            token: the word as it is written.
        """
        return token.lower() if self.config.key == "lower" else token

    def prepare(self, target: Corpus, signals: Signals) -> None:
        """Add up what is said of the words of each key, and find out how far the teachers can be trusted."""
        width = 1 + _types(signals.row(0)["probabilities"]).shape[1]
        # memory grows with the vocabulary alone: places of keys, and of each key the number of words and sums of types
        places, sums = dict[str, int](), np.zeros((1024, width))
        for number, sentence in enumerate(target):
            mine = [places.setdefault(self.key(token), len(places)) for token in sentence.tokens]
            while len(places) > len(sums):
                sums = np.concatenate([sums, np.zeros_like(sums)])
            types = _types(signals.row(number)["probabilities"])
            np.add.at(sums, mine, np.insert(types, 0, 1.0, axis=1))
        self._target, self._places, self._sums = target, places, sums
        self._trust = self._found_trust(signals) if self.config.trust is None else self.config.trust

    def refine(self, sentence: int, signals: Signals) -> Mapping[str, np.ndarray]:
        """Return `probabilities` (words, tags) of one sentence."""
        rows = signals.row(sentence)["probabilities"].astype(np.float64)
        own, sums = _types(rows), self._sums[[self._places[self.key(token)] for token in self._target[sentence].tokens]]
        others = sums[:, :1] - 1
        mean = (sums[:, 1:] - own) / np.maximum(others, 1)  # not below 0: sums are rounded, but grow
        weight = self._trust * self.config.share * others / np.maximum(others + self.config.shrinkage, 1)
        types = (1 - weight) * own + weight * mean
        # a word that cannot be of a type says nothing of its B- and I-: a half each, and its neighbours decide
        begin = np.divide(rows[:, 1::2], own[:, 1:], out=np.full_like(own[:, 1:], 0.5), where=own[:, 1:] > 0)
        refined = np.empty_like(rows)
        refined[:, 0], refined[:, 1::2], refined[:, 2::2] = (
            types[:, 0],
            types[:, 1:] * begin,
            types[:, 1:] * (1 - begin),
        )
        return {"probabilities": refined.astype(np.float32)}

    def _found_trust(self, signals: Signals) -> float:
        """Return the trust, between 0 and 1, that the teachers' agreement earns, and note it."""
        found = agreement(signals)
        if found is None:
            self.notes = (
                "form-agreement: one teacher alone does not show how far to trust it; sharing counts in full",
            )
            return 1.0
        trust = float(np.clip((found - self.config.low) / (self.config.high - self.config.low), 0, 1))
        said = f"the teachers agree by F1 {100 * found:.1f} on the raw text"
        self.notes = (f"form-agreement: {said}; sharing counts {trust:.2f} of its full weight",)
        return trust


def _types(rows: np.ndarray) -> np.ndarray:
    """Return how probable O and each type are, (words, 1 + types), from probabilities (words, tags)."""
    rows = rows.astype(np.float64)
    return np.concatenate([rows[:, :1], rows[:, 1::2] + rows[:, 2::2]], axis=1)
