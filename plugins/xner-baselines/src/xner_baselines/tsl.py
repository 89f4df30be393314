"""The method `tsl`."""

from pydantic import Field

from xner.base import Method, Settings, TransferTask
from xner.context import Context
from xner.stages import Stage


class TSL(Method):
    """One teacher labels the target softly, one student learns from it (Wu et al., ACL 2020)."""

    class Config(Settings):
        """The parts of the method."""

        tasks: tuple[str, ...] = Field((), description="What the student learns beside the tags.")
        weighting: str = Field("uniform", description="How words and pairs are weighted.")

    config: Config

    def run(self, task: TransferTask, context: Context) -> Stage:
        """Fit the teacher, let it label the target, and distill."""
        recognizer = context.fit("recognizer", task.source)
        labelled = context.label(task.target, recognizer)
        return context.distill(labelled, tasks=self.config.tasks, weighting=self.config.weighting)
