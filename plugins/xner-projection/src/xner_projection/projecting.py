"""Projection: each entity gets the span of the translation that is nearest to one of its candidates."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import islice, permutations

from rapidfuzz.distance import Levenshtein

from xner_projection.matching import Candidate, Matcher

_PERMUTATIONS = 1000
_LONGEST = 9
"""Words that a span may have; a longer one counts as none."""


@dataclass(frozen=True)
class Entity:
    """An entity of the source: its type, its words, and what may stand for it in the translation."""

    type: str
    words: tuple[str, ...]
    candidates: tuple[Candidate, ...]

    @property
    def phrase(self) -> str:
        """Its words as a text."""
        return " ".join(self.words)


def runs(places: Collection[int], words: Sequence[str], stop_words: Collection[str]) -> list[tuple[int, int]]:
    """Return the runs of matched words, and what is left of each without stop words at either end, or at both.

    Args:
        places: of the matched words.
        words: of the translation.
        stop_words: in small letters.
    """
    found = list[tuple[int, int]]()
    for start in sorted(place for place in places if place - 1 not in places):
        end = start
        while end in places:
            end += 1
        first, last = start, end
        while first < end and words[first].lower() in stop_words:
            first += 1
        while last > start and words[last - 1].lower() in stop_words:
            last -= 1
        found += [(a, b) for a, b in ((start, end), (first, end), (start, last), (first, last)) if a < b]
    return list(dict.fromkeys(found))


def distance(span: Sequence[str], candidates: Sequence[Candidate]) -> int:
    """Return the least edit distance, in characters, of a span to a candidate with its words in any order.

    Args:
        span: words of the translation.
        candidates: those of one entity; of a long one, the first thousand orders are looked at.
    """
    text, least = " ".join(span).lower(), -1
    for candidate in candidates:
        lowered = [word.lower() for word in candidate]
        for order in islice(permutations(lowered), _PERMUTATIONS):
            found = Levenshtein.distance(text, " ".join(order))
            least = found if least < 0 else min(least, found)
            if not least:
                return 0
    return least


def projected(entities: Sequence[Entity], words: Sequence[str], matcher: Matcher) -> list[tuple[int, int] | None]:
    """Return the span of each entity in the translation, or None.

    The nearest pair of an entity and a span is taken first, then the nearest one of those that are left, with spans
    that do not touch what is taken; of equal ones the longer span, then the entity that comes first, then the span
    that does.

    Args:
        entities: of the source's sentence.
        words: of the translation.
        matcher: matches words.
    """
    wanted = list[tuple[int, int, int, int, int]]()
    for number, entity in enumerate(entities):
        places = matcher.matched(entity.candidates, words)
        for start, end in runs(places, words, matcher.stop_words):
            if end - start <= _LONGEST:
                wanted.append((distance(words[start:end], entity.candidates), start - end, number, start, end))
    spans: list[tuple[int, int] | None] = [None] * len(entities)
    taken = set[int]()
    for _, _, number, start, end in sorted(wanted):
        if spans[number] is None and taken.isdisjoint(range(start, end)):
            spans[number] = start, end
            taken.update(range(start, end))
    return spans
