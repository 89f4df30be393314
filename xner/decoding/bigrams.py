"""Tag bigrams: how often each tag follows which in labelled sentences, and what that says of a path."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from xner.corpora.labels import OUTSIDE, LabelSet
from xner.decoding.chain import Potentials

_SEEN = 1.0
"""Is added to the count of every legal bigram, so that one that the sources lack stays possible."""


def legal(labels: LabelSet) -> Potentials:
    """Return potentials that forbid what IOB2 forbids, an I- that continues no entity of its type, and nothing else.

    Args:
        labels: the label set.
    """
    tags = labels.tags
    step = [[_fits(before, tag) for tag in tags] for before in tags]
    return Potentials(np.array([_fits(OUTSIDE, tag) for tag in tags], float), np.array(step, float))


def _fits(before: str, tag: str) -> bool:
    return tag[:2] != "I-" or before[2:] == tag[2:]


@dataclass(frozen=True)
class Bigrams:
    """How often each of T tags begins a sentence, and follows each other tag.

    Args:
        labels: the label set.
        first: T counts.
        then: T x T counts; rows are the tags before.
    """

    labels: LabelSet
    first: tuple[int, ...]
    then: tuple[tuple[int, ...], ...]

    @classmethod
    def of(cls, sentences: Iterable[Sequence[str]], labels: LabelSet) -> "Bigrams":
        """Count the bigrams of sentences.

        Args:
            sentences: IOB2 tags of the label set.
            labels: the label set.
        """
        first, then = Counter[str](), Counter[tuple[str, str]]()
        for tags in sentences:
            first.update(tags[:1])
            then.update(pairwise(tags))
        names = labels.tags
        return cls(labels, tuple(first[tag] for tag in names), tuple(tuple(then[a, b] for b in names) for a in names))

    def __add__(self, other: "Bigrams") -> "Bigrams":
        first, then = np.add(self.first, other.first), np.add(self.then, other.then)
        return Bigrams(self.labels, tuple(first.tolist()), tuple(map(tuple, then.tolist())))

    @classmethod
    def read(cls, noted: object) -> "Bigrams":
        """Read what `noted` returned.

        Raises:
            ValueError: these are not tags and their counts.
        """
        if isinstance(noted, Mapping) and isinstance(tags := noted.get("tags"), list):
            labels = LabelSet(tuple(str(tag)[2:] for tag in tags[1::2]))
            first, then = (np.array(noted.get(name, ())) for name in ("first", "then"))
            whole = all(part.dtype.kind == "i" and (part >= 0).all() for part in (first, then))
            size = len(tags)
            if whole and list(labels.tags) == tags and first.shape == (size,) and then.shape == (size, size):
                return cls(labels, tuple(first.tolist()), tuple(map(tuple, then.tolist())))
        raise ValueError("bigrams are expected as 'tags', 'first', a count for each, and 'then', such a row for each")

    def noted(self) -> dict[str, object]:
        """Return the tags and the counts as plain lists."""
        return {"tags": list(self.labels.tags), "first": list(self.first), "then": [list(row) for row in self.then]}

    def potentials(self, strength: float) -> Potentials:
        """Return (A / prior) ** strength for legal bigrams: how much likelier a tag is after another than anywhere.

        Args:
            strength: 0 forbids only what is illegal; 1 believes the sources as much as the tagger.
        """
        allowed = legal(self.labels)
        first, then = (
            (np.array(counts) + _SEEN) * may for counts, may in ((self.first, allowed.start), (self.then, allowed.step))
        )
        prior = first + then.sum(0)
        prior /= prior.sum()
        factors = [(part / part.sum(-1, keepdims=True) / prior) ** strength for part in (first, then)]
        return Potentials(factors[0] * allowed.start, factors[1] * allowed.step)
