"""The calls of Label Studio to a machine-learning backend: what it asks, and what it takes for an answer."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from xml.etree import ElementTree

from pydantic import BaseModel, ConfigDict, Field

from xner.corpora.formats.records.fields import text_of
from xner.corpora.formats.records.spans import Marked
from xner.corpora.formats.records.tasks import LABEL, TEXT, Draft, prediction
from xner.errors import DataError
from xner.using.predicting import Entity

TASKS = 1000
"""Tasks that a request may have."""


class Task(BaseModel):
    """A task of a project; of its fields only the data count."""

    data: dict[str, Any]


class Tasks(BaseModel):
    """A request for predictions, as Label Studio sends it; its other fields do not matter here.

    Args:
        tasks: what entities are wanted of.
        label_config: the labelling interface of the project, as XML.
        model_version: the run that is wanted; the first where it is none that is served.
    """

    model_config = ConfigDict(protected_namespaces=())

    tasks: Annotated[list[Task], Field(max_length=TASKS)]
    label_config: str | None = ""
    model_version: str | None = ""


class Setup(BaseModel):
    """What Label Studio sends when a project is connected; its other fields do not matter here.

    Args:
        label_config: the labelling interface of the project, as XML.
    """

    label_config: str | None = Field("", alias="schema")


class Version(BaseModel):
    """The answer to that: which model it is."""

    model_config = ConfigDict(protected_namespaces=())

    model_version: str


class Versions(BaseModel):
    """Which models Label Studio may choose from: its requests for predictions name none, so there is one."""

    versions: list[str]


class Predictions(Version):
    """The answer to tasks: a prediction for each, in order."""

    results: list[dict[str, Any]]


@dataclass(frozen=True)
class Interface:
    """What a labelling interface calls things.

    Args:
        label: the name of its tag `Labels`.
        text: the name of the tag `Text` that this labels.
        key: the field of a task's data with that text.
        types: the labels that it has; None: any.
    """

    label: str = LABEL
    text: str = TEXT
    key: str = TEXT
    types: Collection[str] | None = None

    @classmethod
    def read(cls, config: str | None) -> "Interface":
        """Find the labels of a text in a labelling interface; without one, the usual names hold.

        Raises:
            DataError: it is not XML, defines entities, or labels no text.
        """
        if not config or not config.strip():
            return cls()
        if "<!DOCTYPE" in config or "<!ENTITY" in config:  # which could make much of little, or read files
            raise DataError("the labelling interface has a DOCTYPE or entities; send it without")
        try:
            view = ElementTree.fromstring(config)  # nosec B314 # without entities it is harmless
        except ElementTree.ParseError as error:
            raise DataError(f"the labelling interface is not XML: {error}") from None
        texts = {text.get("name", ""): text.get("value", "") for text in view.iter("Text")}
        for labels in view.iter("Labels"):
            for name in (name.strip() for name in labels.get("toName", "").split(",")):
                if name in texts:
                    types = frozenset(label.get("value", "") for label in labels.iter("Label"))
                    return cls(labels.get("name", ""), name, texts[name].removeprefix("$"), types)
        raise DataError('the labelling interface labels no text; it needs a tag <Labels toName="..."> and its <Text>')


def texts_of(tasks: Sequence[Task], interface: Interface, longest: int) -> list[str]:
    """Return the text of each task; empty where it has none.

    Args:
        tasks: what was asked.
        interface: of the project.
        longest: characters that a text may have.

    Raises:
        DataError: a text has more.
    """
    given = (task.data.get(interface.key, text_of(task.data)) for task in tasks)
    texts = [text if isinstance(text, str) else "" for text in given]
    for number, text in enumerate(texts):
        if len(text) > longest:
            raise DataError(f"task {number}: its text has {len(text):,} characters; at most {longest:,} are allowed")
    return texts


def answer(texts: Sequence[str], found: Sequence[Sequence[Entity]], interface: Interface, model: str) -> Predictions:
    """Return predictions, with the entities that the interface has a label for.

    Args:
        texts: of the tasks.
        found: the entities in each.
        interface: of the project.
        model: which model found them.
    """
    results = []
    for text, entities in zip(texts, found, strict=True):
        kept = [one for one in entities if interface.types is None or one.type in interface.types]
        spans = [Marked(one.type, one.start, one.end) for one in kept]
        draft = Draft(text, spans, [one.score for one in kept], {})
        results.append(prediction(draft, model, interface.label, interface.text))
    return Predictions(results=results, model_version=model)
