"""Entity types, IOB2 tags and the maps between label sets."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from xner.errors import DataError, UsageError

Rule = Literal["conlleval", "strict"]
"""How entities are read from tags for a score; see `xner.scoring.scores.RULES`."""
OUTSIDE = "O"
_BEGIN, _INSIDE = "BSU", "IEML"  # IOB, BIOES and BILOU prefixes
_TAG = re.compile(rf"([{_BEGIN}{_INSIDE}])-(.+)")


class Span(NamedTuple):
    """An entity: its type and its words from `start` up to, not including, `end`."""

    type: str
    start: int
    end: int


class TagError(ValueError):
    """A tag that is neither O nor PREFIX-TYPE; `position` is its index in the sentence."""

    def __init__(self, tag: str, position: int) -> None:
        super().__init__(f"{tag!r} is not a tag: expected O or a prefix and a type such as B-PER")
        self.position = position


def to_iob2(tags: Sequence[str]) -> list[str]:
    """Turn one sentence's tags of any common scheme (IOB1, IOB2, BIOES, BILOU) into IOB2.

    An inside tag that continues nothing opens an entity, the rule of the conlleval script.

    Raises:
        TagError: a tag has no prefix or no type.
    """
    result, previous = [], ""
    for position, tag in enumerate(tags):
        if tag == OUTSIDE:
            current = OUTSIDE
        else:
            match = _TAG.fullmatch(tag)
            if match is None:
                raise TagError(tag, position)
            prefix, kind = match.groups()
            current = f"{'I' if prefix in _INSIDE and previous == kind else 'B'}-{kind}"
        # what an inside tag of the next word must continue: nothing after O and after a closed entity
        previous = "" if tag == OUTSIDE or tag[0] in "SUEL" else tag[2:]
        result.append(current)
    return result


def spans(tags: Sequence[str]) -> list[Span]:
    """Return the entities of one sentence, in order: a B- and the I- of its type behind it; any other I- is none."""
    found: list[Span] = []
    start: int | None = None
    for position, tag in enumerate([*tags, OUTSIDE]):
        if start is not None and tag != f"I-{tags[start][2:]}":
            found.append(Span(tags[start][2:], start, position))
            start = None
        if tag.startswith("B-"):
            start = position
    return found


@dataclass(frozen=True)
class LabelSet:
    """The entity types of a tagger and, from them, its tags: O, then B- and I- of each type."""

    types: tuple[str, ...]

    @property
    def tags(self) -> tuple[str, ...]:
        """All tags; a tag's place is its class number in the model."""
        return (OUTSIDE, *(f"{prefix}-{kind}" for kind in self.types for prefix in "BI"))

    @property
    def ids(self) -> dict[str, int]:
        """The class number of each tag."""
        return {tag: number for number, tag in enumerate(self.tags)}

    @classmethod
    def from_tags(cls, tags: Iterable[str]) -> "LabelSet":
        """Read the label set back from a model's tags, in class order.

        Raises:
            DataError: the tags are not O and then B-, I- pairs.
        """
        tags = tuple(tags)
        labels = cls(tuple(tag[2:] for tag in tags[1::2]))
        if labels.tags != tags:
            raise DataError(f"not the tags of an xner tagger: {', '.join(tags)}; expected O, B-X, I-X, B-Y, I-Y, ...")
        return labels


@dataclass(frozen=True)
class LabelMap:
    """How a corpus's entity types become the run's.

    Args:
        types: the types to end with; empty means whatever the corpus has after renaming.
        renames: from a corpus's type to one of `types`, or to "O" to drop it; the key "*" stands for all types that
            are neither named nor among `types`, and for none where `types` is empty.
    """

    types: tuple[str, ...] = ()
    renames: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        wrong = [new for new in self.renames.values() if self.types and new != OUTSIDE and new not in self.types]
        if wrong:
            raise UsageError(f"the label map leads to {wrong[0]!r}, which is not among the labels: {_join(self.types)}")

    def new_type(self, old: str) -> str:
        """Return what a type becomes: a type of the run, or "O".

        Raises:
            KeyError: neither the map nor the label set has a place for it.
        """
        if old in self.renames:
            return self.renames[old]
        if not self.types or old in self.types:
            return old
        if "*" in self.renames:
            return self.renames["*"]
        raise KeyError(old)

    def check(self, types: Iterable[str], where: str) -> dict[str, str]:
        """Return the new name of each of a corpus's types.

        Args:
            types: the types that the corpus has.
            where: the corpus's name, for the message.

        Raises:
            DataError: a type has no place; both label lists and the options that mend it are named.
        """
        types = sorted(types)
        try:
            return {old: self.new_type(old) for old in types}
        except KeyError as error:
            missing = error.args[0]
            raise DataError(
                f"{where}: no place for the label '{missing}'. The corpus has {_join(types)}; the run has "
                f"{_join(self.types)}. Map it with --map {missing}=TYPE, drop it with --map {missing}=O, or drop all "
                "such labels with --map '*=O'"
            ) from None


def rename(tags: Sequence[str], names: Mapping[str, str]) -> list[str]:
    """Rename the types of one sentence's IOB2 tags; a type that becomes "O" is dropped."""
    result = []
    for tag in tags:
        new = OUTSIDE if tag == OUTSIDE else names[tag[2:]]
        result.append(OUTSIDE if new == OUTSIDE else f"{tag[:2]}{new}")
    return result


def _join(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"
