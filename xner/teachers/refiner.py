"""The base class of refiners: what makes better signals of what the teachers said."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np

from xner.corpora.corpus import Corpus
from xner.plugin.component import Component
from xner.teachers.signals import Signals


class Refiner(Component, ABC):
    """Makes new signals of all that the teachers said of the target: sentence by sentence, or of the whole corpus."""

    kind: ClassVar[str] = "refiners"
    needs: ClassVar[tuple[str, ...]] = ("probabilities",)
    """The signal columns that it reads."""
    provides: ClassVar[tuple[str, ...]] = ("probabilities",)
    """The signal columns that it writes, in place of those of the same name; all others go on as they are."""
    notes: Sequence[str] = ()
    """What users should know of how it refines, a line each; they are told once it is prepared."""

    def check(self, teachers: Mapping[str, Sequence[str]]) -> None:
        """Look at who labelled before anything is computed; by default anybody may.

        Args:
            teachers: from their names to the columns that each gives.

        Raises:
            UsageError: it cannot refine what these say.
        """

    def readers(self, teachers: Mapping[str, Sequence[str]]) -> Mapping[str, str]:
        """Return who is to read the taggers of teachers for it, to say more than their tags; by default nobody.

        A reader is a teacher, too: what it says is `signals.of(reader)`. It is stored like any teacher's and no student
        hears it. It is not fitted, but `restore` is handed the folder of the teacher whose tagger it reads.

        Args:
            teachers: from their names to the columns that each gives, as they were checked.

        Returns:
            from names of these teachers to names among all teachers that there are.
        """
        return {}

    def prepare(self, target: Corpus, signals: Signals) -> None:
        """Look at the whole corpus, once, before the first sentence is refined; by default nothing is looked at.

        Args:
            target: the sentences.
            signals: what the teachers say of them.
        """

    @abstractmethod
    def refine(self, sentence: int, signals: Signals) -> Mapping[str, np.ndarray]:
        """Return each column of `provides` for one sentence: (words, width).

        Args:
            sentence: its number in the corpus.
            signals: what the teachers say: `signals.row(sentence)` as one, `signals.of(teacher).row(sentence)` alone.
        """
