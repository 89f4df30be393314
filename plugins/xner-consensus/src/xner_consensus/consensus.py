"""The method `consensus`."""

from pydantic import Field

from xner.base import Context, Method, Settings, Stage, TransferTask


class Consensus(Method):
    """Two teachers averaged, words of one form made to agree, then neighbouring tags; one student learns that; ours."""

    class Config(Settings):
        """Who labels, and what is made of the labels."""

        teachers: tuple[str, ...] = Field(("joint", "recognizer"), description="Teachers, each fitted on every source.")
        refiners: tuple[str, ...] = Field(
            ("form-agreement", "tag-chain"), description="Refiners of the teachers' mean, one after the other."
        )

    config: Config

    def run(self, task: TransferTask, context: Context) -> Stage:
        """Fit the teachers, let them label the target, refine their mean, and distill."""
        teachers = [context.fit(teacher, source) for teacher in self.config.teachers for source in task.sources]
        labelled = context.label(task.target, *teachers)
        for refiner in self.config.refiners:
            labelled = context.refine(labelled, refiner)
        return context.distill(labelled)
