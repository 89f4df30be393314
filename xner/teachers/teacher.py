"""The base class of teachers."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import ClassVar

import numpy as np

from xner.corpora.corpus import Corpus
from xner.plugin.component import Component
from xner.training.workbench import Workbench


class Teacher(Component, ABC):
    """Learns from labelled source sentences, then says something about every target word.

    Between the two there is only what `save` wrote: each works on a copy of the component, which goes away with its
    model.
    """

    kind: ClassVar[str] = "teachers"
    provides: ClassVar[tuple[str, ...]]
    """The signal columns that `label` yields."""
    embeddings: ClassVar[tuple[str, ...]] = ()
    """Those of `provides` that are compared by their cosine: several teachers' are joined, all others averaged."""
    reads_target: ClassVar[bool] = False
    """Whether it reads the target's raw text while it learns, as `workbench.target`; the method must then give it."""
    scored: ClassVar[bool] = False
    """Whether it is a system of its own, whose score on the test split is told beside the student's."""

    def identity(self, workbench: "Workbench") -> object:
        """Return what it depends on beside its settings and code, the source and the workbench's own identity."""
        return None

    @abstractmethod
    def fit(self, source: Corpus, workbench: "Workbench") -> None:
        """Train on labelled source sentences with the workbench's encoder and training loop."""

    @abstractmethod
    def label(self, target: Corpus) -> Iterator[Mapping[str, np.ndarray]]:
        """Yield for each sentence of `target`, in order, each column of `provides`: (words, width)."""

    @abstractmethod
    def save(self, folder: Path) -> None:
        """Write what `fit` learned; a teacher that tags writes its tagger to `folder / TAGGER`."""

    @abstractmethod
    def restore(self, folder: Path, workbench: "Workbench") -> None:
        """Read what `save` wrote."""
