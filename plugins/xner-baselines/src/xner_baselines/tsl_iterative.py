"""The method `tsl-iterative`."""

from pydantic import Field

from xner.base import Context, Method, Settings, Stage, TransferTask


class TSLIterative(Method):
    """`tsl` in rounds: the student becomes the next round's teacher (Liang et al., KDD 2021; Li et al., TASLP 2024)."""

    class Config(Settings):
        """How many rounds."""

        rounds: int = Field(3, ge=1, description="Students, each taught by the one before; with 1 it is tsl.")

    config: Config

    def run(self, task: TransferTask, context: Context) -> Stage:
        """Fit a recognizer; then label the target and distill, and again with the student as the teacher."""
        teacher = context.fit("recognizer", task.source)
        for number in range(1, self.config.rounds + 1):
            student = context.distill(context.label(task.target, teacher), number=number)
            teacher = context.tagger(student, f"student {number}")
        return student
