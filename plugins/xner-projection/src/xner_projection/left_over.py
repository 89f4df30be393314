"""What matching leaves over: entities that occur often are found by words that stand where they were left over."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import log

MORE_THAN = 2
"""How often an entity must be left over to be counted."""
KEPT = 4
"""Words that may stand for it."""


@dataclass
class Projection:
    """A translated sentence with the entities that were projected onto it.

    Args:
        words: of the translation.
        spans: (type, start, end) of each that has a place.
        left: the types and phrases of those that have none.
    """

    words: Sequence[str]
    spans: list[tuple[str, int, int]]
    left: list[tuple[str, str]]

    @property
    def taken(self) -> set[int]:
        """The places of words that belong to an entity."""
        return {place for _, start, end in self.spans for place in range(start, end)}


def keywords(
    sentences: Sequence[Sequence[str]], df: Counter[str], total: int, stop: Collection[str]
) -> dict[str, float]:
    """Return the words that tell sentences from all others: the four highest tf log(N / df), in small letters.

    Args:
        sentences: the words of each.
        df: in how many sentences of all a word stands.
        total: how many there are in all.
        stop: words that are none.
    """
    tf = Counter(word.lower() for words in sentences for word in words)
    scores = {
        word: count * log(total / df[word])
        for word, count in tf.items()
        if word not in stop and any(map(str.isalpha, word)) and not any(map(str.isdigit, word))
    }
    best = sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))[:KEPT]
    return {word: value for word, value in best if value > 0}


def best_run(words: Sequence[str], taken: Collection[int], scores: dict[str, float]) -> tuple[int, int] | None:
    """Return the run of scored words, none of them taken, with the highest sum; of equal ones the first.

    Args:
        words: of a sentence.
        taken: places of words that are not free.
        scores: of words, in small letters.
    """
    best, highest, start = None, 0.0, 0
    for place in range(len(words) + 1):
        if place == len(words) or place in taken or words[place].lower() not in scores:
            value = sum(scores[word.lower()] for word in words[start:place])
            if value > highest:
                best, highest = (start, place), value
            start = place + 1
    return best


def count_left_over(projections: Sequence[Projection], stop: Collection[str]) -> int:
    """Give places to entities that are often left over, and return how many got one.

    Args:
        projections: all sentences; they are changed.
        stop: words that do not count.
    """
    df = Counter(word for each in projections for word in {word.lower() for word in each.words})
    where = dict[str, list[Projection]]()
    for each in projections:
        for _, phrase in each.left:
            where.setdefault(phrase, []).append(each)
    found = 0
    for phrase, there in where.items():
        if len(there) <= MORE_THAN:
            continue
        once = list({id(each): each for each in there}.values())
        scores = keywords([each.words for each in once], df, len(projections), stop)
        for each in once:
            for left in [left for left in each.left if left[1] == phrase]:
                if run := best_run(each.words, each.taken, scores):
                    each.spans.append((left[0], *run))
                    each.left.remove(left)
                    found += 1
    return found
