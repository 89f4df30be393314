"""The refiner `votes`: where several taggers say the same tag."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np
from pydantic import Field

from xner.base import Refiner, Settings, Signals
from xner.errors import UsageError

_SAID = "probabilities"


class Votes(Refiner):
    """One teacher's probabilities stay, and each word gets a vote: 1 where all teachers find the same tag best.

    Wu et al., IJCAI 2020: the followed teacher is the one that was fine-tuned on the translation. Every word votes, O
    words too, by its best tag alone; nothing is decoded.
    """

    class Config(Settings):
        """Whom the student follows."""

        follow: str = Field("", description="The teacher whose probabilities are kept; empty: the method's first.")

    config: Config
    provides: ClassVar[tuple[str, ...]] = (_SAID, "votes")

    def check(self, teachers: Mapping[str, Sequence[str]]) -> None:
        """Look whether the one who is followed is there.

        Raises:
            UsageError: no tagger has that name.
        """
        tagging = [name for name, columns in teachers.items() if _SAID in columns]
        if self.config.follow and self.config.follow not in tagging:
            raise UsageError(
                f"refiners.votes.follow = '{self.config.follow}': no tagger has this name; there are: "
                f"{', '.join(tagging)}"
            )

    def refine(self, sentence: int, signals: Signals) -> Mapping[str, np.ndarray]:
        """Return `probabilities` (words, tags) of the followed teacher, and `votes` (words, 1) of 0 and 1."""
        rows = {name: signals.of(name).row(sentence) for name in signals.teachers}
        said = {name: row[_SAID] for name, row in rows.items() if _SAID in row}
        followed = said[self.config.follow or next(iter(said))]
        best = np.stack([probabilities.argmax(-1) for probabilities in said.values()])  # (teachers, words)
        return {_SAID: followed, "votes": (best == best[0]).all(0).astype(np.float32)[:, None]}
