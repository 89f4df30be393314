"""What a service is asked, and what it answers, beside the messages of Label Studio."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

from xner.using.predicting import Entity
from xner.using.service.label_studio import Tasks

TEXTS = 100
"""Texts that a request may have."""
CHARACTERS = 20_000
"""Characters that a text may have."""


class Texts(BaseModel):
    """A request: texts in any language and script; empty ones have no entities.

    Args:
        texts: the texts.
        run: which of the runs is asked; "": the first.
    """

    model_config = ConfigDict(extra="forbid")

    texts: Annotated[list[Annotated[str, Field(max_length=CHARACTERS)]], Field(max_length=TEXTS)]
    run: Annotated[str, Field(description="One of the runs that /health names; by default the first.")] = ""


FORMS = ("texts", "tasks")
"""The two forms that a request for entities may have."""


def _form(body: object) -> str:
    """Return which of its forms a request for entities has."""
    return "tasks" if isinstance(body, Tasks) or (isinstance(body, dict) and "tasks" in body) else "texts"


Asked = Annotated[Annotated[Texts, Tag("texts")] | Annotated[Tasks, Tag("tasks")], Discriminator(_form)]
"""A request for entities: texts, or tasks of Label Studio."""


class Found(BaseModel):
    """The answer for each text: a line of `xner predict --format jsonl`."""

    text: str
    entities: list[Entity]


class Refused(BaseModel):
    """Why a request was not answered."""

    detail: str


class Served(BaseModel):
    """A run, and the types that it finds."""

    run: str
    types: tuple[str, ...]


class Health(BaseModel):
    """That the service is up, and what it finds.

    Args:
        status: always the same.
        title: the run that answers unless another one is asked.
        types: those that it finds.
        runs: all that can be asked.
    """

    status: Literal["ok"] = "ok"
    title: str
    types: tuple[str, ...]
    runs: tuple[Served, ...]
