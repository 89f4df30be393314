"""The auxiliary task `voted-tags`: the tags on which all teachers agree."""

from typing import ClassVar, Literal

from pydantic import Field
from torch.nn.functional import cross_entropy

from xner.base import AuxiliarySettings, AuxiliaryTask, LossTerm, SignalBatch, WordStates


class VotedTags(AuxiliaryTask):
    """Cross-entropy with the followed teacher's best tag, over the words that have a vote (Wu et al., IJCAI 2020)."""

    class Config(AuxiliarySettings):
        """Whether all votes count the same."""

        weighted: bool = Field(False, description="A word counts by how probable the followed teacher finds its tag.")

    config: Config
    level: ClassVar[Literal["words", "pairs"]] = "words"
    needs: ClassVar[tuple[str, ...]] = ("probabilities", "votes")

    def losses(self, student: WordStates, signals: SignalBatch) -> LossTerm:
        """Return the cross-entropy (W,) with the tag that is voted for, and where there is a vote."""
        probabilities = signals.columns["probabilities"]  # (W, tags)
        values = cross_entropy(student.logits, probabilities.argmax(-1), reduction="none")
        if self.config.weighted:
            values = values * probabilities.amax(-1)
        return LossTerm(values, signals.columns["votes"][:, 0] > 0)
