"""What plugin authors subclass: one abstract class for each of the six kinds of component."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
import torch
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor, nn
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from xner.corpus import Corpus
from xner.labels import LabelSet

if TYPE_CHECKING:  # these modules build on this one
    from xner.context import Context
    from xner.stages import Stage
    from xner.workbench import Workbench


TAGGER = "tagger"
"""The folder, inside a stage, of the tagger that the stage made."""


class Settings(BaseModel):
    """The settings of one component: frozen, and a field that does not exist is an error."""

    # validated, a default of 3 is the 3.0 that it will be when it is read back, and the stage keeps its key
    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)


class Part:
    """Anything a plugin offers by name: it has a `Config` and is built from one."""

    Config: ClassVar[type[Settings]] = Settings

    def __init__(self, config: Settings | None = None) -> None:
        super().__init__()
        self.config = config if config is not None else self.Config()


def place_of(part: Part) -> str:
    """Return where the code of a component is: "module:Class"."""
    return f"{type(part).__module__}:{type(part).__qualname__}"


class Encoder(Part, ABC):
    """Loads a pretrained model with a fresh tag head, and its tokenizer."""

    learning_rate: ClassVar[float] = 5e-5
    """The rate at which it learns well, for settings that name none."""
    head_rate: ClassVar[float] = 1.0
    """The factor of that rate at which its fresh tag head learns well, for settings that name none."""

    @abstractmethod
    def load(self, labels: LabelSet) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
        """Return a token-classification model with one class for each of `labels.tags`, and a fast tokenizer."""

    def identity(self) -> str:
        """Return a text that changes when the pretrained weights do; stages are keyed by it."""
        return self.config.model_dump_json()


class CorpusSource(Part, ABC):
    """Loads the sentences of a language and split by name."""

    note: ClassVar[str] = ""
    """One line that stands below every score on this corpus, such as that it is not real text."""

    @abstractmethod
    def load(self, language: str, split: str) -> Corpus:
        """Return a corpus.

        Raises:
            DataError: there is no such language or split; the message names those that exist.
        """

    @abstractmethod
    def splits(self) -> Mapping[str, tuple[str, ...]]:
        """Return the splits of each language that this source can load; empty where it cannot tell."""


class Teacher(Part, ABC):
    """Learns from labelled source sentences, then says something about every target word."""

    provides: ClassVar[tuple[str, ...]]
    """The signal columns that `label` yields."""
    embeddings: ClassVar[tuple[str, ...]] = ()
    """Those of `provides` that are compared by their cosine: several teachers' are joined, all others averaged."""

    @abstractmethod
    def fit(self, source: Corpus, bench: "Workbench") -> None:
        """Train on labelled source sentences with the bench's encoder and training loop."""

    @abstractmethod
    def label(self, target: Corpus) -> Iterator[Mapping[str, np.ndarray]]:
        """Yield for each sentence of `target`, in order, each column of `provides`: (words, width)."""

    @abstractmethod
    def save(self, folder: Path) -> None:
        """Write what `fit` learned; a teacher that tags writes its tagger to `folder / TAGGER`."""

    @abstractmethod
    def restore(self, folder: Path, bench: "Workbench") -> None:
        """Read what `save` wrote."""


@dataclass(frozen=True)
class Pairs:
    """The word pairs of a batch: all ordered pairs among K of its words.

    Args:
        words: (K,) places of the paired words among the batch's W words.
        mask: (K, K) true where the two words stand in different sentences.
    """

    words: Tensor
    mask: Tensor


@dataclass(frozen=True)
class SignalBatch:
    """What the teachers say of the W words of a batch; nothing of the student is in it.

    Args:
        columns: the signals by name, each (W, width), as float32 without gradient.
        sentences: (W,) the number of the sentence that each word stands in.
        pairs: the word pairs drawn for this step.
    """

    columns: Mapping[str, Tensor]
    sentences: Tensor
    pairs: Pairs


@dataclass(frozen=True)
class StudentBatch:
    """What the student makes of the same W words.

    Args:
        hidden: (W, hidden) its last hidden states at each word's first sub-word, with gradient.
        logits: (W, tags) its tag scores, with gradient.
    """

    hidden: Tensor
    logits: Tensor


@dataclass(frozen=True)
class LossTerm:
    """Unreduced losses, and which of them count.

    Args:
        values: (W,) for a task on words, (K, K) for a task on pairs.
        mask: the same shape, true where the value counts.
    """

    values: Tensor
    mask: Tensor

    def mean(self, weights: Tensor) -> Tensor:
        """Return the mean of the weighted values that count; zero where none does."""
        weighted = torch.where(self.mask, weights * self.values, 0.0)
        return weighted.sum() / self.mask.sum().clamp(min=1)


@dataclass(frozen=True)
class Weights:
    """One weight for each value of the losses.

    Args:
        words: (W,) for the tag loss and for auxiliary tasks on words.
        pairs: (K, K) for auxiliary tasks on pairs.
    """

    words: Tensor
    pairs: Tensor


class AuxiliarySettings(Settings):
    """Settings that every auxiliary task has."""

    coefficient: float = Field(1.0, ge=0, description="Factor of this task's loss beside the tag loss.")


class AuxiliaryTask(Part, nn.Module, ABC):
    """A second thing that the student learns; it may own parameters, which are trained and then dropped."""

    Config: ClassVar[type[Settings]] = AuxiliarySettings
    level: ClassVar[Literal["words", "pairs"]]
    """Whether the losses are one a word or one a pair of words."""
    needs: ClassVar[tuple[str, ...]] = ()
    """The signal columns that the task reads."""

    def build(self, hidden_size: int) -> None:
        """Create the task's own parameters, if it has any, for a student of this hidden size."""

    @abstractmethod
    def losses(self, student: StudentBatch, signals: SignalBatch) -> LossTerm:
        """Return the unreduced losses of one batch."""


class Weighting(Part, ABC):
    """How much every word and every pair counts, from what the teachers say alone."""

    needs: ClassVar[tuple[str, ...]] = ()
    """The signal columns that the weighting reads."""

    @abstractmethod
    def weigh(self, signals: SignalBatch) -> Weights:
        """Return finite, non-negative weights; they are constants, no gradient flows through them."""


@dataclass(frozen=True)
class TransferTask:
    """What a method gets: labelled source corpora and target sentences that have no labels any more.

    Args:
        sources: one labelled corpus for each source language.
        target: the unlabelled target sentences.
    """

    sources: tuple[Corpus, ...]
    target: Corpus

    @cached_property
    def source(self) -> Corpus:
        """All source sentences as one corpus: those of several languages one after the other."""
        return Corpus.concatenate(self.sources)


class Method(Part, ABC):
    """A method of cross-lingual transfer, as a short script over the stages of a context."""

    presets: ClassVar[Mapping[str, Mapping[str, object]]] = {}
    """Named settings of a whole run, each from a dotted setting to its value."""

    @abstractmethod
    def run(self, task: TransferTask, context: "Context") -> "Stage":
        """Return the stage that holds the student, made of `context.fit`, `context.label` and `context.distill`."""
