"""The method `mtmt-progressive`: MTMT in rounds, in which the student teaches the recognizer."""

from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar

from pydantic import Field, ValidationInfo, field_validator

from xner.base import Context, Corpus, FittedTeacher, Stage, TransferTask
from xner_mtmt.mtmt import MTMT, weighted

_TAUGHT = "recognizer"


class MTMTProgressive(MTMT):
    """MTMT; then the recognizer goes on learning from the student's tags of the target, and teaches another student.

    After Li et al., TASLP 2024, as far as its abstract goes; how the labels are made, and what stands beside, is ours.
    """

    class Config(MTMT.Config):
        """How many rounds, and what the recognizer learns from in them."""

        rounds: int = Field(
            2, ge=1, le=10, validate_default=True, description="Students, one a round; with 1 it is mtmt."
        )
        beside: bool = Field(
            False,
            description="The recognizer goes on with its source's sentences beside the tagged ones of the target.",
        )

        @field_validator("rounds")
        @classmethod
        def _of_a_recognizer(cls, rounds: int, given: ValidationInfo) -> int:
            teachers = given.data.get("teachers", (_TAUGHT,))  # of teachers that are none, their own message tells
            if rounds > 1 and _TAUGHT not in teachers:
                raise ValueError(f"expected 1 without the teacher {_TAUGHT}, who learns from round to round")
            return rounds

    config: Config
    presets: ClassVar[Mapping[str, Mapping[str, object]]] = weighted("mtmt-progressive")

    def run(self, task: TransferTask, context: Context) -> Stage:
        """Do as MTMT; then let the student teach the recognizer, and do it again until all rounds are done."""
        teachers = self.fitted(task, context)
        for number in range(1, self.config.rounds + 1):
            labelled = context.label(task.target, *teachers)
            student = context.distill(labelled, self.config.tasks, self.config.weighting, number)
            if number < self.config.rounds:
                tagged = context.tagged(task.target, student, f"student {number}")
                teachers = [self._taught(teacher, tagged, context) for teacher in teachers]
        return student

    def _taught(self, teacher: FittedTeacher, tagged: Corpus, context: Context) -> FittedTeacher:
        """Return a teacher of the next round: a recognizer goes on with the student's tags, all others stay."""
        if teacher.name != _TAUGHT:
            return teacher
        assert teacher.source is not None  # it was fitted here
        learned = Corpus.concatenate([teacher.source, tagged]) if self.config.beside else tagged
        fitted = context.fit(_TAUGHT, learned, start=teacher.stage)
        return replace(fitted, source=teacher.source)  # among several, it still stands for its source language
