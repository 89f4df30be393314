"""Dictionaries: translations of words, one or several of each."""

from abc import abstractmethod
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Literal

from xner.corpora.corpus import Corpus
from xner.resources.resource import Resource, Shown, Sides

Senses = Literal["frequent", "first"]
_SAMPLES = 12
"""Source words that are shown with their translations."""


@dataclass(frozen=True)
class Lexicon:
    """The single words of a dictionary, with single words as translations.

    Args:
        senses: from a word, in small letters, to its translations, in the dictionary's order.
        phrases: how many pairs were left out, since they are more than a word on either side.
    """

    senses: Mapping[str, tuple[str, ...]]
    phrases: int

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, str]]) -> "Lexicon":
        """Keep the pairs of single words.

        Args:
            pairs: a word and a translation each; of a word the best one first.
        """
        senses, phrases = dict[str, dict[str, None]](), 0
        for word, translation in pairs:
            if len(word.split()) == len(translation.split()) == 1:
                senses.setdefault(word.strip().lower(), {})[translation.strip()] = None
            else:
                phrases += 1
        return cls({word: tuple(several) for word, several in senses.items()}, phrases)

    def chosen(self, frequencies: Mapping[str, int], senses: Senses = "frequent") -> Mapping[str, str]:
        """Return one translation of each word.

        Args:
            frequencies: how often a word, in small letters, stands in the target's raw text.
            senses: of several translations the one that is most frequent there, of equal ones the first; or the first.
        """
        if senses == "first":
            return {word: several[0] for word, several in self.senses.items()}
        return {
            word: max(several, key=lambda one: frequencies.get(one.lower(), 0)) for word, several in self.senses.items()
        }

    def coverage(self, text: Corpus) -> float:
        """Return which share of the running words of a text it has; numbers and punctuation are none."""
        words = [word.lower() for sentence in text for word in sentence.tokens if is_word(word)]
        return sum(word in self.senses for word in words) / max(len(words), 1)

    @cached_property
    def translations(self) -> int:
        """The number of pairs that it has."""
        return sum(map(len, self.senses.values()))


def is_word(token: str) -> bool:
    """Return whether a token has a letter."""
    return any(character.isalpha() for character in token)


def frequencies_of(text: Corpus) -> Counter[str]:
    """Return how often each word, in small letters, stands in a text."""
    return Counter(word.lower() for sentence in text for word in sentence.tokens)


class Dictionary(Resource):
    """Translates single words."""

    role: ClassVar[str] = "dictionary"

    @abstractmethod
    def pairs(self, sides: Sides) -> Iterable[tuple[str, str]]:
        """Yield a word of the source's language and a translation, as often as it has one; of a word the best first.

        Raises:
            DataError: it has nothing for these languages.
        """

    def shown(self, sides: Sides) -> Shown:
        """Return its size, its coverage of the source's running words, and its translations of the commonest ones."""
        lexicon, there = Lexicon.of(self.pairs(sides)), frequencies_of(sides.target)
        chosen, common = lexicon.chosen(there), frequencies_of(sides.source)
        facts: dict[str, int | float | str] = {
            "words": len(lexicon.senses),
            "translations": lexicon.translations,
            "pairs of several words, left out": lexicon.phrases,
            "running words of the source that it has": lexicon.coverage(sides.source),
            "chosen translations that stand in the target's text": _share(
                sum(there[one.lower()] > 0 for one in chosen.values()), len(chosen)
            ),
        }
        rows = [
            (word, chosen[word], ", ".join(lexicon.senses[word])) for word, _ in common.most_common() if word in chosen
        ]
        return Shown(facts, ("word", "chosen", "all"), rows[:_SAMPLES])


def _share(part: int, whole: int) -> float:
    return part / max(whole, 1)
