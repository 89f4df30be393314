"""The method `direct`."""

from pydantic import Field

from xner.base import Context, Method, Settings, Stage, TransferTask
from xner.errors import UsageError


class Direct(Method):
    """Train on the source, tag the target: direct transfer (Wu and Dredze, EMNLP 2019)."""

    class Config(Settings):
        """Who is trained."""

        teacher: str = Field("recognizer", description="The teacher that tags the target.")

    config: Config

    def run(self, task: TransferTask, context: Context) -> Stage:
        """Return the teacher itself.

        Raises:
            UsageError: the teacher does not tag.
        """
        fitted = context.fit(self.config.teacher, task.source)
        if "probabilities" not in fitted.component.provides:
            raise UsageError(f"methods.direct.teacher = '{self.config.teacher}': this teacher gives no tags")
        return fitted.stage
