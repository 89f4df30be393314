"""The method `mtmt`."""

from collections.abc import Mapping
from typing import ClassVar

from pydantic import Field

from xner.base import Context, Method, Settings, Stage, TransferTask
from xner_mtmt.presets import AUTHORS, PAPER


class MTMT(Method):
    """Two teachers, two tasks, one student (Li et al., ACL 2022)."""

    class Config(Settings):
        """The components of the method; its ablations choose others."""

        teachers: tuple[str, ...] = Field(
            ("recognizer", "similarity"), description="Teachers, each fitted on every source."
        )
        tasks: tuple[str, ...] = Field(("similarity",), description="What the student learns beside the tags.")
        weighting: str = Field("reliability", description="How words and pairs are weighted.")

    config: Config
    presets: ClassVar[Mapping[str, Mapping[str, object]]] = {"paper": PAPER, "authors": AUTHORS}

    def run(self, task: TransferTask, context: Context) -> Stage:
        """Fit the teachers, one of each kind a source, let them label the target, and distill."""
        teachers = [context.fit(teacher, source) for teacher in self.config.teachers for source in task.sources]
        labelled = context.label(task.target, *teachers)
        return context.distill(labelled, tasks=self.config.tasks, weighting=self.config.weighting)
