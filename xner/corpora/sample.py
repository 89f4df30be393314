"""The transformer `sample`."""

from collections.abc import Iterable, Sequence

from pydantic import Field

from xner.corpora.corpus import Corpus, Sentence
from xner.corpora.transformer import Transformer
from xner.plugin.component import Settings


class Sample(Transformer):
    """A random part of the sentences, in their order: as many as the smallest corpus beside has, or as are asked for.

    For source and target alike, it cuts both to one size.
    """

    class Config(Settings):
        """How many sentences are kept."""

        size: int | None = Field(
            None, gt=0, description="Sentences to keep; unset: as many as the smallest of the run's corpora has."
        )

    config: Config

    def transform(self, corpus: Corpus, beside: Sequence[Corpus], seed: int) -> Iterable[Sentence]:
        """Return the part; a corpus that has no more sentences stays whole."""
        return corpus.limit(self.config.size or min(map(len, (corpus, *beside))), seed)
