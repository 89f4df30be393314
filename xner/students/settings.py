"""How a student learns."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from xner.plugin.component import Names
from xner.students.batch import Pairing
from xner.students.losses import TagLoss
from xner.training.settings import TagSettings

_OF_TEACHERS = ("steps", "learning_rate", "head_rate")
"""The settings whose defaults are a teacher's where the student begins as one does, with a tag head that is new."""


class StudentSettings(TagSettings):
    """How the student learns; one that starts from the encoder does as long and as fast as a teacher, by default."""

    steps: int = Field(
        125,
        ge=0,
        description="At least so many steps, where `epochs` is not given; 500 where it starts from the encoder.",
    )
    learning_rate: float | None = Field(
        5e-5,
        gt=0,
        description="Highest learning rate; unset, or where it starts from the encoder: the encoder's usual one.",
    )
    head_rate: float | None = Field(
        1.0,
        gt=0,
        description="Factor of the rate for the tag head; unset, or where it starts from the encoder: the encoder's "
        "usual one.",
    )
    start: Literal["encoder", "teacher"] = Field(
        "teacher", description="Start from the pretrained encoder or from the teacher, of several the weightiest."
    )
    tag_loss: TagLoss = Field("soft_ce", description="Loss against the recognizer teacher's soft labels.")
    tag_coefficient: float = Field(1.0, ge=0, description="Factor of the tag loss beside the auxiliary tasks.")
    pairing: Pairing = Field(
        "uniform", description="Which words are paired: uniform, or balanced by the teacher's entities."
    )
    paired_words: int = Field(512, gt=1, description="At most so many words of a batch are paired, each with each.")
    tasks: Names = Field((), description="Auxiliary tasks that the student learns beside the method's own.")
    weighting: str | None = Field(None, description="How words and pairs are weighted; unset: as the method says.")

    refiners: Names = Field((), description="Refiners of what the teachers said, one after the other.")

    @model_validator(mode="before")
    @classmethod
    def _as_a_teacher(cls, given: Any) -> Any:
        fresh = isinstance(given, Mapping) and given.get("start") == "encoder"
        return {name: TagSettings.model_fields[name].default for name in _OF_TEACHERS} | given if fresh else given

    @field_validator("tasks", "refiners")
    @classmethod
    def _each_once(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(names))

    @property
    def parts(self) -> tuple[str, ...]:
        """The names of what is mixed into the method: the tasks, then the weighting, then the refiners."""
        return (*self.tasks, *([self.weighting] if self.weighting else []), *self.refiners)

    @property
    def changed(self) -> tuple[str, ...]:
        """The names of the settings that are not as they are by default, where a student begins as this one does."""
        usual = {**dict(type(self)(start=self.start)), "start": type(self).model_fields["start"].default}
        return tuple(name for name, value in self if value != usual[name])

    @property
    def going_on(self) -> "StudentSettings":
        """The same for a tagger that goes on from its own weights, with its defaults where these are the defaults."""
        return type(self)(**{name: getattr(self, name) for name in self.changed if name != "start"})

    @property
    def hard(self) -> bool:
        """Whether it learns the tags that are decoded of what the teachers say, and not their probabilities."""
        return self.tag_loss == "hard_ce"
