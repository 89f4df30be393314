"""The refiner `agreement`."""

from collections.abc import Mapping, Sequence

import numpy as np
from pydantic import Field, field_validator

from xner.errors import UsageError, did_you_mean
from xner.plugin.component import Settings
from xner.teachers.combination import averaged
from xner.teachers.refiner import Refiner
from xner.teachers.signals import Signals


class Agreement(Refiner):
    """Averages what several teachers say of the tags in a given ratio; without it, all count the same.

    p = sum_k r_k p_k / sum_k r_k over teachers k. Those of one name, fitted on several sources or with several seeds,
    are one teacher here.
    """

    class Config(Settings):
        """How much each teacher counts."""

        ratio: dict[str, float] = Field(
            {}, description="From teachers' names to how much they count; one that is not named counts nothing."
        )

        @field_validator("ratio")
        @classmethod
        def _weights(cls, ratio: dict[str, float]) -> dict[str, float]:
            if any(not 0 <= part < float("inf") for part in ratio.values()) or (ratio and not any(ratio.values())):
                raise ValueError("expected numbers of 0 or more, and one above 0")
            return ratio

    config: Config

    def check(self, teachers: Mapping[str, Sequence[str]]) -> None:
        """Compare the ratio's names with those of the teachers that say tags.

        Raises:
            UsageError: there is no such teacher.
        """
        known = [name for name, columns in teachers.items() if "probabilities" in columns]
        for name in self.config.ratio:
            if name not in known:
                raise UsageError(
                    f"refiners.agreement.ratio: no teacher '{name}' says tags here; there are: {', '.join(known)}."
                    f"{did_you_mean(name, known)}"
                )

    def refine(self, sentence: int, signals: Signals) -> Mapping[str, np.ndarray]:
        """Return the weighted mean of the tag probabilities."""
        said = {name: signals.of(name).row(sentence).get("probabilities") for name in signals.teachers}
        ratio = self.config.ratio or dict.fromkeys(said, 1.0)
        parts = [(ratio.get(name, 0.0), rows) for name, rows in said.items() if rows is not None]
        weights = np.array([weight for weight, _ in parts])
        return {"probabilities": averaged([rows for _, rows in parts], weights / weights.sum())}
