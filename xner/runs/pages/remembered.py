"""A student that keeps what it says while it is scored, so that the page of the run need not ask it again."""

from dataclasses import dataclass, field

from xner.corpora.corpus import Corpus
from xner.corpora.labels import LabelSet
from xner.decoding.decoder import Decoded, Decoder
from xner.tagging.tagger import Tagger


@dataclass
class Remembered:
    """A tagger as what can be scored; see `xner.scoring.scores.Scoreable`.

    Args:
        tagger: the tagger.

    Attributes:
        labels: its label set.
        chosen_on: what decided which checkpoint it is.
        said: what it said of the last corpus, sentence by sentence, the same in all processes of a run.
    """

    tagger: Tagger
    labels: LabelSet = field(init=False)
    chosen_on: str = field(init=False)
    said: list[Decoded] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        self.labels, self.chosen_on = self.tagger.labels, self.tagger.chosen_on

    @property
    def decoder(self) -> Decoder:
        """What chooses its tags."""
        return self.tagger.decoder

    def tags(self, corpus: Corpus, repaired: bool = True) -> list[list[str]]:
        """Return the tags of every sentence, as IOB2 or as they were chosen; the processes of a run share the work."""
        self.said = self.tagger.decoded(corpus)
        return [one.tags if repaired else one.best for one in self.said]
