"""The method `tsl-multi`."""

from xner.base import Context, Method, Stage, TransferTask


class TSLMulti(Method):
    """One teacher for each source language, one student that follows all of them (Wu et al., ACL 2020).

    How much each teacher counts is the run's setting `combination.weights`.
    """

    def run(self, task: TransferTask, context: Context) -> Stage:
        """Fit the teachers, let them label the target, and distill."""
        recognizers = [context.fit("recognizer", source) for source in task.sources]
        return context.distill(context.label(task.target, *recognizers))
