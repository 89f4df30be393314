"""The base class of methods, and what a method is given."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from xner.corpora.corpus import Corpus
from xner.methods.context import Context
from xner.plugin.component import Component
from xner.store.stages import Stage


@dataclass(frozen=True)
class TransferTask:
    """What a method gets: labelled source corpora and target sentences that have no labels any more.

    Args:
        sources: one labelled corpus for each source language.
        target: the unlabelled target sentences.
        dev: labelled dev sentences of the sources, a corpus for each that has some; only for a method that reads them.
    """

    sources: tuple[Corpus, ...]
    target: Corpus
    dev: tuple[Corpus, ...] = ()

    @cached_property
    def source(self) -> Corpus:
        """All source sentences as one corpus: those of several languages one after the other."""
        return Corpus.concatenate(self.sources)


class Method(Component, ABC):
    """A method of cross-lingual transfer, as a short script over the stages of a context."""

    kind: ClassVar[str] = "methods"
    defaults: ClassVar[Mapping[str, object]] = {}
    """What it changes of a run's defaults, from a dotted setting to its value; a preset, a file and options win."""
    presets: ClassVar[Mapping[str, Mapping[str, object]]] = {}
    """Named settings of a whole run, each from a dotted setting to its value."""
    reads_dev: ClassVar[bool] = False
    """Whether it reads labelled dev sentences of the sources (setting `source.dev_split`), as `task.dev`."""

    @abstractmethod
    def run(self, task: TransferTask, context: "Context") -> "Stage":
        """Return the stage that holds the student, made of `context.fit`, `context.label` and `context.distill`."""
