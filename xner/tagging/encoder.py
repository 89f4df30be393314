"""The base class of encoders: what loads a pretrained model."""

from abc import ABC, abstractmethod
from typing import ClassVar

from transformers import PreTrainedModel, PreTrainedTokenizerBase

from xner.corpora.labels import LabelSet
from xner.plugin.component import Component


class Encoder(Component, ABC):
    """Loads a pretrained model with a fresh tag head, and its tokenizer."""

    kind: ClassVar[str] = "encoders"
    learning_rate: ClassVar[float] = 5e-5
    """The rate at which it learns well, for settings that name none."""
    head_rate: ClassVar[float] = 1.0
    """The factor of that rate at which its fresh tag head learns well, for settings that name none."""

    @property
    def trusted(self) -> bool:
        """Whether Python code that comes with the model may run; if not, such a model is refused."""
        return False

    @property
    def pickled(self) -> bool:
        """Whether pickled weights may be read, which can hide code; if not, a model that has no others is refused."""
        return False

    @abstractmethod
    def load(self, labels: LabelSet) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
        """Return a token-classification model with one class for each of `labels.tags`, and a fast tokenizer."""

    def identity(self) -> str:
        """Return a text that changes when the pretrained weights do; stages are keyed by it."""
        return self.config.model_dump_json()
