"""Which predicted entity stands for which of the gold, and what is wrong with it."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from xner.corpora.labels import Span

RIGHT, TYPE, BOUNDARY, BOTH = "right", "wrong type", "wrong boundary", "wrong type and boundary"
MISSED, SPURIOUS = "missed", "spurious"
VERDICTS = (RIGHT, TYPE, BOUNDARY, BOTH, MISSED, SPURIOUS)


class Match(NamedTuple):
    """A gold entity, the predicted one that stands for it, and what is said of them; one of the two may be missing."""

    gold: Span | None
    predicted: Span | None
    verdict: str


def match(gold: Sequence[Span], predicted: Sequence[Span]) -> Iterator[Match]:
    """Pair the entities of a sentence, each at most once, and yield all of them.

    First come those that are equal, then those with the same words, then those that share words: of one type before
    those of two, those with more words in common before others, and of equals the first in the sentence. What is left
    of the gold is missed, what is left of the predicted ones is spurious.

    Args:
        gold: its gold entities.
        predicted: its predicted ones.
    """
    pairs = [(one, two) for one in gold for two in predicted if _common(one, two)]
    left, right = set(gold), set(predicted)
    for one, two in sorted(pairs, key=lambda pair: (_rank(*pair), pair[0].start, pair[1].start)):
        if one in left and two in right:
            left.remove(one)
            right.remove(two)
            yield Match(one, two, _verdict(one, two))
    yield from (Match(one, None, MISSED) for one in sorted(left, key=lambda span: span.start))
    yield from (Match(None, two, SPURIOUS) for two in sorted(right, key=lambda span: span.start))


def _common(one: Span, two: Span) -> int:
    """Return how many words two entities share."""
    return max(0, min(one.end, two.end) - max(one.start, two.start))


def _rank(one: Span, two: Span) -> tuple[bool, bool, int]:
    return one[1:] != two[1:], one.type != two.type, -_common(one, two)


def _verdict(one: Span, two: Span) -> str:
    if one[1:] == two[1:]:
        return RIGHT if one.type == two.type else TYPE
    return BOUNDARY if one.type == two.type else BOTH
