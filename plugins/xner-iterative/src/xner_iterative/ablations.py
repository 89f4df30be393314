"""The ablation of RIKD, and its controls: the same rounds with another pick."""

from pydantic import Field

from xner.base import Context, Method, Stage, TransferTask
from xner_iterative.rikd import RIKD
from xner_iterative.rounds import RoundsSettings, in_rounds


class NoIteration(RIKD):
    """One round: the policy picks, and the student teaches nobody ("without IKD" in later tables)."""

    class Config(RIKD.Config):
        """A single round."""

        rounds: int = Field(1, ge=1, le=10, description="Students, each taught by the one before.")

    config: Config


class Confidence(Method):
    """RIKD with a simple rule in place of the policy: the refiner `most-confident`; ours."""

    Config = RoundsSettings
    config: RoundsSettings

    def run(self, task: TransferTask, context: Context) -> Stage:
        """Distill in rounds on the sentences that the teacher is surest of."""
        return in_rounds(
            task, context, self.config.rounds, lambda labelled, _: context.refine(labelled, "most-confident")
        )


class Random(Method):
    """RIKD with chance in place of the policy: the refiner `random-share`; ours."""

    Config = RoundsSettings
    config: RoundsSettings

    def run(self, task: TransferTask, context: Context) -> Stage:
        """Distill in rounds on sentences that are drawn at random."""
        return in_rounds(
            task, context, self.config.rounds, lambda labelled, _: context.refine(labelled, "random-share")
        )
