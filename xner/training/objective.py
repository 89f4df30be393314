"""The base class of objectives: what a training minimises."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence

from torch import Tensor, nn

from xner.machine import processes
from xner.tagging.states import WordStates, word_states
from xner.tagging.tagger import Tagger
from xner.training.updates import Update


class Objective(nn.Module, ABC):
    """What a stage minimises.

    Args:
        tagger: the tagger whose model learns.
    """

    step: int = 0
    """The number of the training's step at hand, from 0; the training sets it."""

    def __init__(self, tagger: Tagger) -> None:
        super().__init__()
        self.model = tagger.model
        self.hardware = tagger.hardware

    def states(self, batch: Mapping[str, Tensor]) -> WordStates:
        """Run the model on a batch; only this part runs in the lower precision, losses never do.

        With several processes each runs its own sentences, and all get the states of all words.
        """
        with self.hardware.autocast():
            own = word_states(self.model, batch)
        following = None if own.following is None else processes.gathered(own.following)
        return WordStates(processes.gathered(own.hidden), processes.gathered(own.logits), following)

    @abstractmethod
    def forward(self, batch: Mapping[str, Tensor]) -> Tensor:
        """Return the loss of one batch as made by `xner.tagging.windows.collate`, with the signals as further columns.

        The columns of words are those of the whole batch, in every process.
        """

    def updates(self) -> Sequence[Update]:
        """Return what else every step updates after that of `forward`'s loss, in this order; by default nothing."""
        return ()

    def epoch_metrics(self) -> Mapping[str, float]:
        """Return what is to be seen of an epoch, by name, and begin to count anew; by default there is nothing.

        It is told, written into the stage's `curves.json`, and followed by trackers. Counts are to be buffers, so that
        a training that was killed goes on with them.
        """
        return {}
