"""The method `advpicker`."""

from collections.abc import Mapping
from typing import ClassVar

from pydantic import Field

from xner.base import Context, Method, Settings, Stage, TransferTask
from xner_adversarial.presets import ADVPICKER


class AdvPicker(Method):
    """Adversarial teachers; one student of the sentences least like one language (Chen et al., ACL 2021)."""

    class Config(Settings):
        """How many teachers."""

        teachers: int = Field(1, ge=1, description="Teachers, with a seed each; the surest labels a sentence.")

    config: Config
    presets: ClassVar[Mapping[str, Mapping[str, object]]] = {"authors": ADVPICKER}

    def run(self, task: TransferTask, context: Context) -> Stage:
        """Fit the teachers, let them label the target, pick teachers and sentences, and distill."""
        source, target = task.source, task.target
        seeds = range(self.config.teachers)
        teachers = [context.fit("token-adversarial", source, target=target, seed=seed) for seed in seeds]
        labelled = context.label(target, *teachers)
        if len(teachers) > 1:
            labelled = context.refine(labelled, "surest-teacher")
        return context.distill(context.refine(labelled, "language-picking"))
