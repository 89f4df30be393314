"""Matching: which words of a translated sentence stand for which entity (Jain et al., EMNLP 2019)."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

Candidate = tuple[str, ...]
"""Words that may stand for an entity in the translation."""
LOWEST = 0.5
"""The score that a match has at least."""


def prefix_score(candidate: str, word: str) -> float:
    """Return min(m / |word|, m / |candidate|), m the length of the longest prefix that the word begins or ends with.

    Args:
        candidate: a word of a candidate; its prefixes count.
        word: a word of the translation.
    """
    m = next(
        (n for n in range(len(candidate), 0, -1) if word.startswith(candidate[:n]) or word.endswith(candidate[:n])), 0
    )
    return min(m / len(word), m / len(candidate)) if m else 0.0


def score(candidate: str, word: str) -> float:
    """Return the score of two words, or the best one of their parts between hyphens.

    Args:
        candidate: a word of a candidate.
        word: a word of the translation.
    """
    return max(prefix_score(a, b) for a in _parts(candidate) for b in _parts(word))


def _parts(word: str) -> list[str]:
    return [word, *(part for part in word.split("-") if part)] if "-" in word else [word]


@dataclass(frozen=True)
class Matcher:
    """Matches words of candidates with words of a translation, in small letters.

    Args:
        stop_words: words that match only if they are equal.
        sound: how a word sounds, for a second comparison; None: there is none.
    """

    stop_words: Collection[str]
    sound: Callable[[str], str] | None = None

    def matched(self, candidates: Sequence[Candidate], words: Sequence[str]) -> set[int]:
        """Return the places of the words that match any word of any candidate.

        Args:
            candidates: those of one entity.
            words: of the translation.
        """
        written = [word.lower() for word in words]
        views: list[tuple[Callable[[str], str], Sequence[str]]] = [(str, written)]
        if self.sound:
            views.append((self.sound, [self.sound(word) for word in written]))
        places = set[int]()
        for own in {word.lower() for candidate in candidates for word in candidate}:
            for view, seen in views:
                places |= self._best(own, view(own), written, seen)
        return places

    def _best(self, own: str, form: str, written: Sequence[str], seen: Sequence[str]) -> set[int]:
        """Return the places with the highest score of a word, all of them, if it is high enough."""
        if own in self.stop_words:
            return {place for place, word in enumerate(written) if word == own}
        scores = [
            score(form, other) if form and other and word not in self.stop_words else 0.0
            for word, other in zip(written, seen, strict=True)
        ]
        highest = max(scores, default=0.0)
        return {place for place, each in enumerate(scores) if each == highest} if highest >= LOWEST else set()
