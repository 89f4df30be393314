"""Fitting: what a teacher or a refiner says is looked at before it is written down."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import numpy as np

from xner.corpora.corpus import Corpus
from xner.errors import XnerError
from xner.store.ragged import Row

_CLOSE = 0.01
"""How far from one the probabilities of a word may add up to; half precision is less exact than this."""


class MisfitError(XnerError):
    """What a teacher says is not of the words that it was asked for; the text begins with "gives"."""


class Fitting:
    """Takes the rows of one teacher or refiner, block by block.

    Args:
        columns: the names of what it provides.
        tags: how many tags there are, which is the width of `probabilities`; None: that is not known.
    """

    def __init__(self, columns: Collection[str], tags: int | None = None) -> None:
        self.columns, self.tags = columns, tags
        self._forms = dict[str, tuple[int, ...]]()

    def rows(self, block: Corpus, rows: Iterable[Row]) -> list[Row]:
        """Return the rows of a part of the corpus, if there is one for each sentence and in it one for each word.

        Raises:
            MisfitError: it is not so, or they have another form than those before, or numbers that cannot be.
        """
        if not isinstance(rows, Iterable):
            raise MisfitError(f"gives {type(rows).__name__}; expected a row for each sentence of {block}")
        signals = list(rows)
        for row in signals:
            self._check_names(row)
        if len(signals) != len(block):
            raise MisfitError(f"gives {len(signals):,} rows for {len(block):,} sentences of {block}")
        for sentence, row in zip(block, signals, strict=True):
            for name, values in row.items():
                self._check_form(name, values)
                if len(values) != len(sentence.tokens):
                    words = " ".join(sentence.tokens[:5])
                    found = f"{len(values)} rows of '{name}' for {len(sentence.tokens)} words"
                    raise MisfitError(f"gives {found} of {block}, in the sentence '{words} ...'")
                self._check_numbers(name, values, block)
        return signals

    def _check_names(self, row: Any) -> None:
        if not isinstance(row, Mapping):
            kind = type(row).__name__
            raise MisfitError(f"gives a {kind} for a sentence; expected an array for each of {', '.join(self.columns)}")
        if row.keys() != set(self.columns):
            given, expected = (", ".join(sorted(map(str, names))) for names in (row, self.columns))
            raise MisfitError(f"gives the signals {given or 'none'}, but provides {expected}")

    def _check_form(self, name: str, values: Any) -> None:
        if not isinstance(values, np.ndarray) or values.dtype.kind not in "fiub" or values.ndim not in (1, 2):
            array = isinstance(values, np.ndarray)
            found = f"an array {values.shape} of {values.dtype}" if array else f"a {type(values).__name__}"
            raise MisfitError(f"gives {found} as '{name}'; expected a numpy array of numbers (words, width)")
        form = values.shape[1:]
        if (first := self._forms.setdefault(name, form)) != form:
            raise MisfitError(f"gives '{name}' of the width {_spoken(form)}, and before of {_spoken(first)}")
        if name == "probabilities" and self.tags not in (None, *form):
            raise MisfitError(f"gives '{name}' of the width {_spoken(form)}, but the run has {self.tags} tags")

    def _check_numbers(self, name: str, values: np.ndarray, block: Corpus) -> None:
        if not np.isfinite(values).all():
            raise MisfitError(f"gives a signal '{name}' of {block} that is not finite")
        if name == "probabilities":
            if values.min(initial=0) < -_CLOSE:
                raise MisfitError(f"gives a probability of {values.min():.4g} on {block}")
            sums = values.sum(-1, dtype=np.float64)
            if (odd := np.abs(sums - 1) > _CLOSE).any():
                raise MisfitError(
                    f"gives probabilities of a word that add up to {sums[odd][0]:.4g} on {block}, not to 1"
                )


def _spoken(form: tuple[int, ...]) -> str:
    return str(form[0]) if form else "none"
