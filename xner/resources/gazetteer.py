"""Gazetteers: names with the types of what they name, and how likely each type is."""

from abc import abstractmethod
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from xner.corpora.corpus import Corpus
from xner.resources.dictionary import is_word
from xner.resources.resource import Resource, Shown, Sides

LONGEST = 4
"""Words of the longest names that are looked up (Tsai et al., CoNLL 2016)."""
_SAMPLES = 12
"""Names of the texts that are shown."""


class Name(NamedTuple):
    """A row of a gazetteer.

    Args:
        surface: how the name is written.
        type: of what it names, such as "LOC".
        prior: how much speaks for the type, above 0; of one surface the largest counts most.
    """

    surface: str
    type: str
    prior: float


class Found(NamedTuple):
    """A name in a sentence: the words from `start` up to `end`, and its types, the likeliest first."""

    start: int
    end: int
    types: tuple[str, ...]


@dataclass(frozen=True)
class NameTable:
    """The names of a gazetteer by how they are looked up: in small letters and without spaces.

    So names are found however a text is cut into words, as Chinese is or a hyphenated name.

    Args:
        types: from a name to its types, the likeliest first, of equal ones in the alphabet's order.
        longer: how many rows have more words than are looked up.
    """

    types: Mapping[str, tuple[str, ...]]
    longer: int = 0

    @classmethod
    def of(cls, names: Iterable[Name]) -> "NameTable":
        """Add up the priors of each name and type, and rank the types.

        Args:
            names: the rows, in any order.
        """
        priors, longer = dict[str, dict[str, float]](), 0
        for surface, kind, prior in names:
            if len(surface.split()) > LONGEST:
                longer += 1
            elif key := key_of([surface]):
                of_types = priors.setdefault(key, {})
                of_types[kind] = of_types.get(kind, 0) + prior
        same = dict[tuple[str, ...], tuple[str, ...]]()  # most names share a few rankings
        ranked = {}
        for key, of_types in priors.items():
            ranking = tuple(sorted(of_types, key=lambda kind: (-of_types[kind], kind)))
            ranked[key] = same.setdefault(ranking, ranking)
        return cls(ranked, longer)

    def found(self, words: Sequence[str]) -> Iterator[Found]:
        """Yield every name in a sentence, the longest n-grams first, those of one length from left to right.

        Words that are all in small letters are no name: of such matches hardly any is one. Scripts without capitals
        are looked up whole.

        Args:
            words: of the sentence.
        """
        for size in range(min(LONGEST, len(words)), 0, -1):
            for start in range(len(words) - size + 1):
                several = words[start : start + size]
                if (types := self.types.get(key_of(several))) and not all(map(_is_small, several)):
                    yield Found(start, start + size, types)

    def coverage(self, text: Corpus) -> float:
        """Return which share of a text's running words is in a name; numbers and punctuation are not counted."""
        covered = words = 0
        for sentence in text:
            inside = {place for found in self.found(sentence.tokens) for place in range(found.start, found.end)}
            running = [place for place, token in enumerate(sentence.tokens) if is_word(token)]
            covered, words = covered + sum(place in inside for place in running), words + len(running)
        return covered / max(words, 1)

    def sizes(self) -> dict[str, int]:
        """Return how many names may be of each type."""
        return dict(sorted(Counter(kind for types in self.types.values() for kind in types).items()))


def key_of(words: Sequence[str]) -> str:
    """Return what words are looked up by: in small letters, without spaces; "" if they have no letter."""
    key = "".join("".join(words).lower().split())
    return key if is_word(key) else ""


def _is_small(word: str) -> bool:
    return word == word.lower() != word.upper()


class Gazetteer(Resource):
    """Knows names, of whatever language, and the types of what they name."""

    role: ClassVar[str] = "gazetteer"

    @abstractmethod
    def names(self, sides: Sides) -> Iterable[Name]:
        """Yield the names that texts of either side may have; a name of several types has a row of each.

        Raises:
            DataError: it has nothing for these languages, or what it is made of is not installed.
        """

    def shown(self, sides: Sides) -> Shown:
        """Return its size, its coverage of the running words of both texts, and the commonest names of the target's."""
        table = NameTable.of(self.names(sides))
        facts: dict[str, int | float | str] = {"names": len(table.types), **_of_types(table)}
        facts["longer names, left out"] = table.longer
        for side, text in (("source", sides.source), ("target", sides.target)):
            facts[f"running words of the {side} ({text.language}) that are in a name"] = table.coverage(text)
        common, types = Counter[str](), dict[str, tuple[str, ...]]()
        for sentence in sides.target:
            for found in table.found(sentence.tokens):
                surface = " ".join(sentence.tokens[found.start : found.end])
                common[surface] += 1
                types[surface] = found.types
        rows = [(name, ", ".join(types[name]), f"{count:,}") for name, count in common.most_common(_SAMPLES)]
        return Shown(facts, ("name in the target's text", "types, the likeliest first", "times"), rows)


def _of_types(table: NameTable) -> dict[str, int]:
    return {f"names of the type {kind}": size for kind, size in table.sizes().items()}
