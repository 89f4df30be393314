"""The base class of corpora: what reads sentences by language and split."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar

from xner.corpora.corpus import Corpus
from xner.plugin.component import Component


class CorpusReader(Component, ABC):
    """Loads the sentences of a language and split by name."""

    kind: ClassVar[str] = "corpora"
    note: ClassVar[str] = ""
    """One line that is shown with every score on this corpus, such as that it is not real text."""

    @abstractmethod
    def load(self, language: str, split: str) -> Corpus:
        """Return a corpus.

        Raises:
            DataError: there is no such language or split; the message names those that exist.
        """

    @abstractmethod
    def splits(self) -> Mapping[str, tuple[str, ...]]:
        """Return the splits of each language that this source can load; empty where it cannot tell."""
