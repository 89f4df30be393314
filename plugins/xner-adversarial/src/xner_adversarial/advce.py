"""The method `advce`."""

from collections.abc import Mapping
from typing import ClassVar

from xner.base import Context, Method, Stage, TransferTask
from xner_adversarial.presets import ADVCE


class AdvCE(Method):
    """The source's tagger, whose encoder learned not to show its language (Keung et al., EMNLP 2019)."""

    presets: ClassVar[Mapping[str, Mapping[str, object]]] = {"advpicker": ADVCE}

    def run(self, task: TransferTask, context: Context) -> Stage:
        """Return the teacher itself."""
        return context.fit("adversarial", task.source, target=task.target).stage
