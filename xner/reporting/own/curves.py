"""The section `curves`: how every training of the run went."""

from collections.abc import Iterator, Sequence
from typing import ClassVar

from xner.reporting.parts import Lines, Part, Point
from xner.reporting.section import Section
from xner.reporting.view import RunView
from xner.store.stages import Stage
from xner.training.checkpoints import record_of
from xner.training.trackers import curves_of, steps_of

_AXES = ("epoch", "step")
_RATE = "learning_rate"


class Curves(Section):
    """Draws loss, learning rate, the judge's scores and whatever else each training measured."""

    title: ClassVar[str] = "Learning curves"

    def look(self, view: RunView) -> Sequence[Part]:
        """Return the curves, training by training."""
        return [curve for stage in view.stages for curve in _of(stage)]


def _of(stage: Stage) -> Iterator[Lines]:
    """Yield the curves of a stage: by step what is logged every few steps, by epoch what is measured in each."""
    if steps := steps_of(stage.folder):
        yield _curve(stage, "step", "loss", [(row["step"], row["loss"]) for row in steps], compared=True)
        rates = [(row["step"], row[_RATE]) for row in steps if _RATE in row]
        if rates:
            yield _curve(stage, "step", "learning rate", rates)
    if judged := record_of(stage.folder):
        scores = [(row["epoch"], row["score"]) for row in judged["epochs"]]
        yield _curve(stage, "epoch", f"{judged['judge']} ({judged['checkpoint']})", scores, compared=True)
    epochs = curves_of(stage.folder)
    for name in dict.fromkeys(name for row in epochs for name in row if name not in _AXES):
        yield _curve(
            stage, "epoch", name.replace("_", " "), [(row["epoch"], row[name]) for row in epochs if name in row]
        )


def _curve(stage: Stage, x: str, y: str, points: Sequence[Point], compared: bool = False) -> Lines:
    return Lines(caption=f"{stage.title}: {y}", x=x, y=y, lines={y: tuple(points)}, compared=compared)
