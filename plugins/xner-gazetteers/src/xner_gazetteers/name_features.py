"""What a gazetteer says of each word of a sentence, as numbers (Tsai et al., CoNLL 2016)."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np

from xner.base import Corpus, Found, Gazetteer, NameTable, Sides, frequencies_of

_FILE = "names.json"
_BEST = 2
"""Types of a name that count, the likeliest ones."""
_STOPS = 100
"""So many of the commonest words of either text are stop words; ours."""
_KINDS = ("TOP", "BEFORE", "AFTER", "B-TOP", "I-TOP")
"""Groups of features; each has one for each type."""


@dataclass(frozen=True)
class NameFeatures:
    """Features of words that are the same for all languages.

    Args:
        table: the names.
        stops: the stop words, in small letters.
        types: the types that a name may have, in order.
    """

    table: NameTable
    stops: frozenset[str]
    types: tuple[str, ...]

    @classmethod
    def of(cls, gazetteer: Gazetteer, sides: Sequence[Sides]) -> "NameFeatures":
        """Read a gazetteer, and look at the raw texts.

        Args:
            gazetteer: the names.
            sides: each source with the target.

        Raises:
            DataError: the gazetteer has nothing for these languages.
        """
        table = NameTable.of(chain.from_iterable(gazetteer.names(each) for each in sides))
        texts = [*(each.source for each in sides), sides[0].target]
        stops = frozenset(word for text in texts for word in commonest(frequencies_of(text)))
        return cls(table, stops, tuple(table.sizes()))

    @property
    def names(self) -> list[str]:
        """What each feature is called, in order."""
        return [*(f"{kind}-{name}" for kind in _KINDS for name in self.types), "STOP"]

    def row(self, words: Sequence[str]) -> np.ndarray:
        """Return the features (words, features) of a sentence, each 0 or 1.

        TOP-t: t is among the two likeliest types of the word as a name. BEFORE-t and AFTER-t: of the longest name that
        ends before the word or begins after it. B-TOP-t and I-TOP-t: of a longer name that the word begins, or in which
        it stands further back. STOP: it is a stop word.
        """
        found = list(self.table.found(words))
        places = {name: number for number, name in enumerate(self.names)}
        row = np.zeros((len(words), len(places)), dtype=np.float32)
        before, after = dict[int, Found](), dict[int, Found]()
        for name in found:  # the longest come first
            before.setdefault(name.end, name)
            after.setdefault(name.start, name)
            for place in range(name.start, name.end):
                alone = name.end - name.start == 1
                kind = "TOP" if alone else "B-TOP" if place == name.start else "I-TOP"
                _mark(row[place], places, kind, name)
        for place, word in enumerate(words):
            if place in before:
                _mark(row[place], places, "BEFORE", before[place])
            if place + 1 in after:
                _mark(row[place], places, "AFTER", after[place + 1])
            row[place, -1] = word.lower() in self.stops
        return row

    def coverage(self, texts: Iterable[Corpus]) -> str:
        """Return, for people, which share of the running words of each text is in a name."""
        return ", ".join(f"{self.table.coverage(text):.1%} of the running words of {text.language}" for text in texts)

    def save(self, folder: Path) -> None:
        """Write the names and the stop words."""
        data = {"types": self.types, "stops": sorted(self.stops), "names": self.table.types}
        (folder / _FILE).write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> "NameFeatures":
        """Read what `save` wrote."""
        data = json.loads((folder / _FILE).read_text(encoding="utf-8"))
        table = NameTable({name: tuple(types) for name, types in data["names"].items()})
        return cls(table, frozenset(data["stops"]), tuple(data["types"]))


def commonest(frequencies: Counter[str]) -> list[str]:
    """Return the commonest words of a text, of equal ones those that come first in the alphabet."""
    words = sorted((-count, word) for word, count in frequencies.items() if word.isalpha())
    return [word for _, word in words[:_STOPS]]


def _mark(row: np.ndarray, places: Mapping[str, int], kind: str, name: Found) -> None:
    for of_type in name.types[:_BEST]:
        row[places[f"{kind}-{of_type}"]] = 1
