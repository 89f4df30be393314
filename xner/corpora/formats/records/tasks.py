"""Pre-annotated texts, as annotation tools read them: Label Studio's tasks and Doccano's records."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from xner.corpora.formats.records.spans import Marked
from xner.store.files import writing

LABEL, TEXT = "label", "text"
"""What the labels and the text are called in the labelling interface that `write_interface` writes."""


class Draft(NamedTuple):
    """A text with the entities that an annotator is to look at.

    Args:
        text: the text.
        spans: the entities, in characters.
        scores: how probable each is.
        about: what the annotator may sort or filter by.
    """

    text: str
    spans: Sequence[Marked]
    scores: Sequence[float]
    about: Mapping[str, float | int]


def prediction(draft: Draft, model: str, label: str = LABEL, text: str = TEXT) -> dict[str, Any]:
    """Return what Label Studio takes for a model's prediction of one task.

    Args:
        draft: the text and its entities.
        model: which model it is.
        label: the name of the tag `Labels` in the labelling interface.
        text: the name of the tag `Text` in it.
    """
    regions = [
        {
            "id": f"entity-{number}",
            "from_name": label,
            "to_name": text,
            "type": "labels",
            "score": score,
            "value": {"start": start, "end": end, "text": draft.text[start:end], "labels": [kind]},
        }
        for number, ((kind, start, end), score) in enumerate(zip(draft.spans, draft.scores, strict=True))
    ]
    return {"model_version": model, "score": min(draft.scores, default=1.0), "result": regions}


def write_label_studio(file: Path, drafts: Iterable[Draft], model: str) -> None:
    """Write tasks that Label Studio imports, with the entities as predictions.

    Args:
        file: where to.
        drafts: the texts.
        model: which model predicted the entities.

    Raises:
        DataError: it cannot be written.
    """
    tasks = [{"data": _fields(draft), "predictions": [prediction(draft, model)]} for draft in drafts]
    with writing(file) as handle:
        json.dump(tasks, handle, ensure_ascii=False, indent=1)


def write_interface(file: Path, types: Sequence[str]) -> None:
    """Write the labelling interface that these tasks need, as Label Studio's settings take it.

    Args:
        file: where to.
        types: the entity types.

    Raises:
        DataError: it cannot be written.
    """
    view = Element("View")
    labels = SubElement(view, "Labels", name=LABEL, toName=TEXT)
    for kind in types:
        SubElement(labels, "Label", value=kind)
    SubElement(view, "Text", name=TEXT, value=f"${TEXT}")
    indent(view)
    with writing(file) as handle:
        handle.write(tostring(view, encoding="unicode") + "\n")


def write_doccano(file: Path, drafts: Iterable[Draft]) -> None:
    """Write records that Doccano imports as JSONL for sequence labelling, with the entities as labels.

    Args:
        file: where to.
        drafts: the texts.

    Raises:
        DataError: it cannot be written.
    """
    with writing(file) as handle:
        for draft in drafts:
            record = {**_fields(draft), "label": [[start, end, kind] for kind, start, end in draft.spans]}
            handle.write(json.dumps(record, ensure_ascii=False) + "\n")


def _fields(draft: Draft) -> dict[str, Any]:
    return {TEXT: draft.text, **draft.about}
