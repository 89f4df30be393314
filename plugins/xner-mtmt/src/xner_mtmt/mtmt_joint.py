"""The method `mtmt-joint`: MTMT whose second teacher also predicts tags."""

from collections.abc import Mapping
from typing import ClassVar

from pydantic import Field

from xner_mtmt.mtmt import Published, published


class MTMTJoint(Published):
    """A recognizer and a joint teacher, both of whom the student follows in its tags; ours, not the paper's.

    Each word's probabilities are the mean of both teachers'. The student starts from the joint teacher. Its task and
    weights are as published; with these it was measured.
    """

    class Config(Published.Config):
        """The joint teacher in place of the evaluator."""

        teachers: tuple[str, ...] = Field(("joint", "recognizer"), description="Teachers, each fitted on every source.")

    config: Config
    presets: ClassVar[Mapping[str, Mapping[str, object]]] = published(
        "teachers.joint", "teachers.recognizer", "auxiliary_tasks.similarity", "weightings.reliability"
    )
