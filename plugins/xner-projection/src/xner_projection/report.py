"""What became of entities, and sentences with those that were found again."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from xner.base import OUTSIDE, Sentence
from xner_projection.left_over import Projection


@dataclass(frozen=True)
class Shares:
    """How many entities were found again, and by which step.

    Args:
        matched: by matching.
        counted: by counting words where they were left over.
        none: not at all.
    """

    matched: int
    counted: int
    none: int

    @classmethod
    def of(cls, projections: Sequence[Projection], counted: int) -> "Shares":
        """Count what was projected.

        Args:
            projections: all sentences, after both steps.
            counted: how many entities the second step found.
        """
        placed = sum(len(each.spans) for each in projections)
        return cls(placed - counted, counted, sum(len(each.left) for each in projections))

    def __str__(self) -> str:
        total = self.matched + self.counted + self.none
        shares = [f"{count / max(total, 1):.1%} {how}" for count, how in self._named]
        return f"of {total:,} entities {', '.join(shares)}"

    @property
    def _named(self) -> list[tuple[int, str]]:
        return [(self.matched, "were found by matching"), (self.counted, "by counting"), (self.none, "not")]


def written(projection: Projection, capitals: Collection[str] | None) -> Sentence:
    """Return a translated sentence with its tags.

    Args:
        projection: its words and entities.
        capitals: words of entities get a capital letter, but for these, unless they are in a person's name; None: no
            word does.
    """
    words, tags = list(projection.words), [OUTSIDE] * len(projection.words)
    for kind, start, end in projection.spans:
        for place in range(start, end):
            tags[place] = f"{'B' if place == start else 'I'}-{kind}"
            if capitals is not None and (kind == "PER" or words[place].lower() not in capitals):
                words[place] = words[place][:1].upper() + words[place][1:]
    return Sentence(words, tags)
