"""Taggers of other people: how their classes, in any order and scheme, become the tags of a label set."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import log
from typing import TYPE_CHECKING

import numpy as np

from xner.corpora.labels import OUTSIDE, LabelMap, LabelSet
from xner.errors import DataError, UsageError

if TYPE_CHECKING:  # what only tags an export needs neither
    from types import SimpleNamespace

    from torch import Tensor
    from transformers import PreTrainedConfig, PreTrainedModel

KEPT = "xner_classes"
"""Where config.json says how the classes were read."""
_CLASS = re.compile(r"(?:([BSUIEML])[-_])?(.+)")
_NAMELESS = re.compile(r"LABEL_\d+")
_BEGIN = "BSU"
_HOW = "O,B-PER,I-PER,... in order (--names for predict, evaluate and serve; teachers.recognizer.names for train)"
_SHOWN = 20
_RARE = 1e-3
"""The share of a type's probability that goes to B- (or I-) where it has no such class."""


class Reading:
    """Adds up the probabilities of the classes that mean a tag, and says where entities begin if no class does.

    Args:
        labels: the label set.
        classes: the tag of each class.
    """

    def __init__(self, labels: LabelSet, classes: Sequence[str]) -> None:
        weights = np.full((len(labels.tags), len(classes)), -np.inf, np.float32)
        ids = labels.ids
        for number, tag in enumerate(classes):
            weights[ids[tag], number] = 0.0
        self.unmarked = []
        for kind in labels.types:
            begin, inside = weights[ids[f"B-{kind}"]], weights[ids[f"I-{kind}"]]
            if np.isinf(begin).all():
                self.unmarked.append(labels.types.index(kind))
                begin[:] = inside + log(_RARE)
                inside += log(1 - _RARE)
            elif np.isinf(inside).all():
                inside[:] = begin + log(_RARE)
                begin += log(1 - _RARE)
        self._weights = weights

    def __call__(self, logits: "Tensor") -> "Tensor":
        """Return (W, tags) for the scores (W, classes) of words; the probabilities of a tag's classes are added."""
        return (logits[:, None, :] + logits.new_tensor(self._weights)).logsumexp(-1)

    def added(self, probabilities: np.ndarray) -> np.ndarray:
        """Return (W, tags) for the probabilities (W, classes) of words, as `__call__` does for scores."""
        return np.asarray(probabilities @ np.exp(self._weights).T)

    def begun(self, probabilities: np.ndarray) -> np.ndarray:
        """Let an entity of a type without B- begin where the type changes.

        Args:
            probabilities: (words, tags) of one sentence.
        """
        if not self.unmarked or not len(probabilities):
            return probabilities
        result = probabilities.copy()
        begin, inside = result[:, 1::2], result[:, 2::2]
        masses = begin + inside
        best = np.concatenate([result[:, :1], masses], 1).argmax(1)
        before = np.concatenate([[0], best[:-1]])
        for number in self.unmarked:
            goes_on = before == number + 1
            begin[:, number] = np.where(goes_on, 0, masses[:, number])
            inside[:, number] = np.where(goes_on, masses[:, number], 0)
        return result


@dataclass(frozen=True)
class Wanted:
    """How a tagger's classes are to be read.

    Args:
        labels: the label set to end with; None: the tagger's own types, in their order.
        renames: from a type of the tagger to one of these, or to "O"; "*" is all others.
        names: of its classes, in order; none: as its configuration says.
    """

    labels: LabelSet | None = None
    renames: Mapping[str, str] = field(default_factory=dict)
    names: Sequence[str] = ()


def read_classes(
    config: "PreTrainedConfig | SimpleNamespace", where: str, wanted: Wanted
) -> tuple[LabelSet, Reading | None]:
    """Find out what the classes of a tagger mean, and note it in its configuration.

    Args:
        config: of the model.
        where: what it is called in messages.
        wanted: how they are to be read; what the configuration has noted is taken as it is.

    Returns:
        the label set, and what turns classes into its tags; None if they are the same.

    Raises:
        DataError: they have no names, or none of them is O.
        UsageError: there are not as many names as classes, or the types do not fit the labels.
    """
    names, labels = _names(config, where, wanted.names), wanted.labels
    if noted := getattr(config, KEPT, None):
        names, labels = tuple(noted["classes"]), labels or LabelSet(tuple(noted["types"]))
    classes = [_parsed(name) for name in names]
    if OUTSIDE not in [kind for _, kind in classes]:
        raise DataError(f"{where}: none of its classes is O: {_join(names)}; say what they are: {_HOW}")
    news = _news(tuple(dict.fromkeys(kind for _, kind in classes if kind != OUTSIDE)), where, labels, wanted.renames)
    labels = labels or LabelSet(tuple(dict.fromkeys(new for new in news.values() if new != OUTSIDE)))
    tags = tuple(f"{mark}-{news[kind]}" if news.get(kind, OUTSIDE) != OUTSIDE else OUTSIDE for mark, kind in classes)
    if labels.tags == tags == names:
        return labels, None
    setattr(config, KEPT, {"types": list(labels.types), "classes": list(tags)})
    return labels, Reading(labels, tags)


def read_as(wanted: Wanted, model: "PreTrainedModel", where: str) -> LabelSet:
    """Let a model's classes be read as tags from now on, and return the label set.

    Args:
        wanted: how.
        model: the model.
        where: what it is called in messages.

    Raises:
        XnerError: see `read_classes`.
    """
    labels, reading = read_classes(model.config, where, wanted)
    if reading is not None:
        object.__setattr__(model, "reading", reading)  # it is no module with weights
    return labels


def reading_of(model: "PreTrainedModel") -> Reading | None:
    """Return what turns a model's classes into tags; None if they are the tags."""
    found = getattr(model, "reading", None)
    return found if isinstance(found, Reading) else None


def _names(config: "PreTrainedConfig | SimpleNamespace", where: str, given: Sequence[str]) -> tuple[str, ...]:
    """Return the names of the classes, in order; those that are given become the configuration's."""
    size = len(config.id2label or {})
    if given and len(given) != size:
        raise UsageError(f"{where}: has {size} classes, but there are {len(given)} names: {_join(given)}")
    if given:
        config.id2label, config.label2id = dict(enumerate(given)), {name: place for place, name in enumerate(given)}
    names = tuple(str(name) for _, name in sorted((config.id2label or {}).items()))
    if twice := [name for name in names if names.count(name) > 1]:
        raise DataError(
            f"{where}: {twice[0]} is twice among its classes: {_join(names)}; name each once in config.json"
        )
    if all(_NAMELESS.fullmatch(name) for name in names):
        raise DataError(f"{where}: its {len(names)} classes have no names: {_join(names)}; say what they are: {_HOW}")
    return names


def _parsed(name: str) -> tuple[str, str]:
    """Return of a class "B" or "I" and its type; a type alone is inside."""
    match = _CLASS.fullmatch(name)
    mark, kind = match.groups() if match else (None, name)
    return "B" if mark and mark in _BEGIN else "I", kind


def _news(kinds: tuple[str, ...], where: str, labels: LabelSet | None, renames: Mapping[str, str]) -> dict[str, str]:
    """Return the new name of each type of a tagger."""
    label_map, news = LabelMap(labels.types if labels else (), renames), dict[str, str]()
    for kind in kinds:
        try:
            news[kind] = label_map.new_type(kind)
        except KeyError:
            raise UsageError(
                f"{where}: finds {_join(kinds)}, and the labels are {_join(label_map.types)}: there is no place for "
                f"{kind}; map it with --map {kind}=TYPE, or drop it with --map {kind}=O"
            ) from None
    if missing := [kind for kind in label_map.types if kind not in news.values()]:
        raise UsageError(
            f"{where}: finds {_join(kinds)}, but not {_join(missing)}; leave that out of the labels with --labels, "
            "or map one of its types to it with --map"
        )
    return news


def _join(names: Sequence[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (", ..." if len(names) > _SHOWN else "")
