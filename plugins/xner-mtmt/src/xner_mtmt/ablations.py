"""The ablations of MTMT (Li et al. 2022, table 5): the same script with other components."""

from pydantic import Field

from xner_mtmt.mtmt import MTMT


class MTST(MTMT):
    """One teacher with the student's structure, trained on both tasks together."""

    class Config(MTMT.Config):
        """A single joint teacher."""

        teachers: tuple[str, ...] = Field(("joint",), description="Teachers, each fitted on every source.")

    config: Config


class NoWeighting(MTMT):
    """All weights are one."""

    class Config(MTMT.Config):
        """The unweighted pair loss."""

        weighting: str = Field("unweighted", description="How words and pairs are weighted.")

    config: Config


class NoSimilarity(MTMT):
    """Only the recognizer teaches; according to the paper this is TSL."""

    class Config(MTMT.Config):
        """One teacher, no second task, no pair weights."""

        teachers: tuple[str, ...] = Field(("recognizer",), description="Teachers, each fitted on every source.")
        tasks: tuple[str, ...] = Field((), description="What the student learns beside the tags.")
        weighting: str = Field("uniform", description="How words and pairs are weighted.")

    config: Config
