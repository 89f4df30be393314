"""Rounds: a student learns from the sentences that were picked for it, and teaches the next."""

from collections.abc import Callable

from pydantic import Field

from xner.base import Context, Labelled, Settings, Stage, TransferTask


class RoundsSettings(Settings):
    """How many rounds."""

    rounds: int = Field(3, ge=1, le=10, description="Students, each taught by the one before.")


def in_rounds(task: TransferTask, context: Context, number: int, pick: Callable[[Labelled, int], Labelled]) -> Stage:
    """Fit a recognizer; then label the target, pick and distill, and again with the student as the teacher.

    Args:
        task: the source and the target.
        context: makes the stages.
        number: of rounds.
        pick: gets the labelled target and the number of the round, from 1 on, and returns it with weights of words.
    """
    teacher = context.fit("recognizer", task.source)
    for this in range(1, number + 1):
        student = context.distill(pick(context.label(task.target, teacher), this), number=this)
        teacher = context.tagger(student, f"student {this}")
    return student
