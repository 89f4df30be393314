"""The ablations of MTMT as published (Li et al. 2022, table 5): the same script with other components."""

from collections.abc import Mapping
from typing import ClassVar

from pydantic import Field

from xner_mtmt.mtmt import Published, published


class MTST(Published):
    """One teacher with the student's structure, trained on both tasks together."""

    class Config(Published.Config):
        """A single joint teacher."""

        teachers: tuple[str, ...] = Field(("joint",), description="Teachers, each fitted on every source.")

    config: Config
    presets: ClassVar[Mapping[str, Mapping[str, object]]] = published(
        "teachers.joint", "auxiliary_tasks.similarity", "weightings.reliability"
    )


class NoWeighting(Published):
    """All weights are one."""

    class Config(Published.Config):
        """The unweighted pair loss."""

        weighting: str = Field("unweighted", description="How words and pairs are weighted.")

    config: Config
    presets: ClassVar[Mapping[str, Mapping[str, object]]] = published(
        "teachers.recognizer", "teachers.similarity", "auxiliary_tasks.similarity"
    )


class NoSimilarity(Published):
    """Only the recognizer teaches; according to the paper this is TSL."""

    class Config(Published.Config):
        """One teacher, no second task, no pair weights."""

        teachers: tuple[str, ...] = Field(("recognizer",), description="Teachers, each fitted on every source.")
        tasks: tuple[str, ...] = Field((), description="What the student learns beside the tags.")
        weighting: str = Field("uniform", description="How words and pairs are weighted.")

    config: Config
    presets: ClassVar[Mapping[str, Mapping[str, object]]] = published("teachers.recognizer")
