"""The method `mtmt-joint`: MTMT whose second teacher also predicts tags."""

from pydantic import Field

from xner_mtmt.mtmt import Published


class MTMTJoint(Published):
    """A recognizer and a joint teacher, both of whom the student follows in its tags; ours, not the paper's.

    Each word's probabilities are the mean of both teachers'. The student starts from the joint teacher. Its task and
    weights are as published; with these it was measured.
    """

    class Config(Published.Config):
        """The joint teacher in place of the evaluator."""

        teachers: tuple[str, ...] = Field(("joint", "recognizer"), description="Teachers, each fitted on every source.")

    config: Config
