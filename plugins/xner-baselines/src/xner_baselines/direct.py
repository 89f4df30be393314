"""The method `direct`."""

from xner.base import Method, TransferTask
from xner.context import Context
from xner.stages import Stage


class Direct(Method):
    """Train on the source, tag the target: direct transfer (Wu and Dredze, EMNLP 2019)."""

    def run(self, task: TransferTask, context: Context) -> Stage:
        """Return the recognizer teacher itself."""
        return context.fit("recognizer", task.source)
