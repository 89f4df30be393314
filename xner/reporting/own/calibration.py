"""The section `calibration`: whether entities are right as often as their scores say."""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from pydantic import Field

from xner.plugin.component import Settings
from xner.reporting.parts import Lines, Part, Table
from xner.reporting.section import Section
from xner.reporting.view import RunView


class Calibration(Section):
    """Holds the score of each predicted entity, its probability, to whether it is right: a reliability diagram.

    Source: Guo et al., ICML 2017, section 2 (the diagram, and the expected calibration error).
    """

    class Config(Settings):
        """How scores are put together."""

        bins: int = Field(10, ge=1, le=100, description="Intervals of the scores, of equal width.")

    config: Config
    title: ClassVar[str] = "Whether its scores can be believed"
    labels: ClassVar[bool] = True

    def look(self, view: RunView) -> Sequence[Part]:
        """Return the diagram, its table, and the expected calibration error."""
        said = view.decoded()
        scores = np.array([score for one in said for score in one.certain])
        gold = [set(entities) for entities in view.gold]
        right = np.array([e in known for one, known in zip(said, gold, strict=True) for e in one.entities], dtype=bool)
        if not len(scores):
            return ()
        rows = reliability(scores, right, self.config.bins)
        gap = sum(number * abs(share - mean) for *_, number, mean, share in rows) / len(scores)
        return [
            Table(
                caption="ECE, the expected calibration error: how far, on average over the entities, the score of an "
                "interval is from the share that is right. 0 is perfect.",
                heads=("", "ECE, %", "mean score, %", "right, %", "entities"),
                rows=(("all", _share(gap), _share(scores.mean()), _share(right.mean()), len(scores)),),
                compared="ECE, %",
            ),
            Lines(
                caption="Each dot is an interval of scores: on the diagonal its entities are right as often as their "
                "scores say, below it less often.",
                x="mean score",
                y="share that is right",
                lines={"entities": tuple((round(mean, 4), round(share, 4)) for *_, mean, share in rows)},
                diagonal=True,
                compared=True,
            ),
            Table(
                caption="The intervals of the scores; the upper bound is in them.",
                heads=("score", "entities", "mean score, %", "right, %"),
                rows=tuple((f"{low:.2f}–{high:.2f}", n, _share(m), _share(s)) for low, high, n, m, s in rows),
                bar="right, %",
            ),
        ]


def reliability(scores: np.ndarray, right: np.ndarray, bins: int) -> list[tuple[float, float, int, float, float]]:
    """Return for each interval of scores that has some: its bounds, their number, their mean, the share that is right.

    Args:
        scores: (E,) between 0 and 1.
        right: (E,) whether each entity is right.
        bins: how many intervals there are.
    """
    places = np.clip(np.ceil(scores * bins).astype(int) - 1, 0, bins - 1)
    return [
        (b / bins, (b + 1) / bins, int(here.sum()), float(scores[here].mean()), float(right[here].mean()))
        for b in range(bins)
        if (here := places == b).any()
    ]


def _share(value: float) -> float:
    return round(100 * float(value), 2)
