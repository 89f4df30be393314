"""How long and how fast a model learns."""

from math import ceil
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import Field, ValidationError, ValidatorFunctionWrapHandler, WrapValidator

from xner.plugin.component import Settings


def _as_one_value(value: object, validate: ValidatorFunctionWrapHandler) -> Any:
    """Report what each form of a value expects as one error of the setting; pydantic has an error for each form."""
    try:
        return validate(value)
    except ValidationError as error:
        expected = (str(each["msg"]) for each in error.errors())
        raise ValueError("; or: ".join(text[:1].lower() + text[1:] for text in expected)) from None


Freeze = Annotated[Literal["none", "words", "quarter"] | int, WrapValidator(_as_one_value)]
"""The weights that a training leaves alone: none, the word embeddings, or all embeddings and the lowest N layers or
quarter of them."""


_EPOCHS = 3
"""At least so many, however large the corpus."""


class TrainingSettings(Settings):
    """How long and how fast a model learns."""

    epochs: float | None = Field(
        None, gt=0, description="Passes over the training sentences; unset: 3, or as many more as make `steps`."
    )
    steps: int = Field(500, ge=0, description="At least so many steps, where `epochs` is not given.")
    learning_rate: float | None = Field(
        None, gt=0, description="Highest learning rate; unset: the encoder's usual one."
    )
    batch_size: int = Field(32, gt=0, description="Sentences (windows) in a step.")
    schedule: Literal["linear", "constant"] = Field("linear", description="Linear decay to zero, or a constant rate.")
    warmup: float = Field(0.1, ge=0, lt=1, description="Share of the steps in which the rate rises from zero.")
    weight_decay: float = Field(0.01, ge=0, description="AdamW's weight decay; 0 makes it Adam.")
    max_grad_norm: float = Field(1.0, ge=0, description="Gradients are clipped to this norm; 0: never.")
    head_rate: float | None = Field(
        None, gt=0, description="Factor of the rate for the tag head; unset: the encoder's usual one."
    )
    head_dropout: float | None = Field(None, ge=0, lt=1, description="Dropout before the tag head; unset: the model's.")

    def passes(self, windows: int) -> float:
        """Return over how many epochs the training goes: those that are given, or enough whole ones.

        Args:
            windows: how many there are to learn from.
        """
        if self.epochs is not None:
            return self.epochs
        return max(_EPOCHS, ceil(self.steps / ceil(windows / self.batch_size)))

    def told(self, windows: int) -> str:
        """Return what is said of a training that goes over more epochs than usual, for the sake of its steps.

        Args:
            windows: how many there are to learn from.
        """
        passes, steps = self.passes(windows), ceil(windows / self.batch_size)
        if self.epochs is not None or passes == _EPOCHS:
            return ""
        return f"{passes:g} epochs of {steps} steps, so that there are at least {self.steps}"


class TagSettings(TrainingSettings):
    """How long and how fast a model learns tags, and of which sub-words."""

    subwords: float = Field(
        0.3,
        ge=0,
        description="Factor of the loss of all sub-words but the first, which learn to be inside what it begins; "
        "0: they learn nothing, as in most papers, and only xner finds whole words.",
    )


class Rates(NamedTuple):
    """The highest learning rates, of the encoder and of the tag head."""

    encoder: float
    head: float
