"""The method `rikd`."""

from typing import ClassVar

from xner.base import Context, Labelled, Method, Stage, TransferTask
from xner_iterative.picking import PolicySettings, picked_by_policy
from xner_iterative.rounds import RoundsSettings, in_rounds


class RIKD(Method):
    """Rounds of distillation, each on the sentences that a policy picks, learned by REINFORCE.

    After Liang et al., KDD 2021: rounds and a policy that is rewarded by what the student gains are theirs; all else is
    ours, since neither code nor hyperparameters are published.
    """

    class Config(RoundsSettings, PolicySettings):
        """How many rounds, and how the policy learns."""

    config: Config
    reads_dev: ClassVar[bool] = True

    def run(self, task: TransferTask, context: Context) -> Stage:
        """Fit a recognizer; then label the target, pick by a policy and distill, and again with the student."""

        def pick(labelled: Labelled, number: int) -> Labelled:
            return picked_by_policy(labelled, task.dev, context, self, number)

        return in_rounds(task, context, self.config.rounds, pick)
