"""Aligners: which words of two sentences, one a translation of the other, stand for each other."""

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import ClassVar, NamedTuple

from xner.resources.resource import Resource, Shown, Sides

_SAMPLES = 12
"""Sentences of the source that are shown, each aligned with itself."""


class Pair(NamedTuple):
    """The words of a sentence of the source's language, and those of its translation; both have some."""

    source: tuple[str, ...]
    target: tuple[str, ...]


Links = tuple[tuple[int, int], ...]
"""Places of words of the source, each with the place of a word of the target, in order and each once."""


class Aligner(Resource):
    """Aligns the words of sentences with those of their translations."""

    role: ClassVar[str] = "aligner"

    @abstractmethod
    def align(self, pairs: Sequence[Pair], sides: Sides) -> Iterator[Links]:
        """Yield the links of each pair, in order; a word may have none or several.

        Args:
            pairs: all that are to be aligned: an aligner may learn from them how.
            sides: the languages, and the run's encoder.

        Raises:
            DataError: it has nothing for these languages, or what it is made of is not installed.
        """

    def shown(self, sides: Sides) -> Shown:
        """Return how it aligns the first sentences of the source with themselves: all words should find themselves."""
        texts = [tuple(sides.source[number].tokens) for number in range(min(_SAMPLES, len(sides.source)))]
        links = list(self.align([Pair(text, text) for text in texts], sides))
        words, right = sum(map(len, texts)), sum(one == other for each in links for one, other in each)
        facts: dict[str, int | float | str] = {
            "sentences, aligned with themselves to look at it": len(texts),
            "of their words, aligned with themselves": right / max(words, 1),
            "links of a word with another one": sum(map(len, links)) - right,
        }
        rows = [
            (" ".join(text), " ".join(f"{a}-{b}" for a, b in each)) for text, each in zip(texts, links, strict=True)
        ]
        return Shown(facts, ("sentence", "links with itself"), rows)
