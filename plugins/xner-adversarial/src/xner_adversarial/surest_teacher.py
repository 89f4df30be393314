"""The refiner `surest-teacher`."""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from xner.base import Refiner, Signals


class SurestTeacher(Refiner):
    """A sentence's signals become those of one teacher: the one whose largest probabilities are highest on average.

    The mean is over the sentence's words; of equal teachers the first counts. After the published code of Chen et al.,
    ACL 2021, which compares logits of sub-words.
    """

    needs: ClassVar[tuple[str, ...]] = ("probabilities", "source_probability")
    provides: ClassVar[tuple[str, ...]] = ("probabilities", "source_probability")

    def refine(self, sentence: int, signals: Signals) -> Mapping[str, np.ndarray]:
        """Return `probabilities` (words, tags) and `source_probability` (words, 1) of one sentence."""
        said = [alone.row(sentence) for alone in signals.apart]
        tagging = [row for row in said if all(name in row for name in self.needs)]
        surest = max(tagging, key=lambda row: row["probabilities"].max(-1).mean(dtype=np.float64))
        return {name: surest[name] for name in self.provides}
