"""The method `tsl`."""

from xner.base import Context, Method, Stage, TransferTask


class TSL(Method):
    """One teacher labels the target softly, one student learns from it (Wu et al., ACL 2020)."""

    def run(self, task: TransferTask, context: Context) -> Stage:
        """Fit the teacher, let it label the target, and distill."""
        recognizer = context.fit("recognizer", task.source)
        return context.distill(context.label(task.target, recognizer))
