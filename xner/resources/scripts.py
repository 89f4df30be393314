"""Writing systems: in which one a text is written, and how words come from one into another."""

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Literal

from xner.errors import DataError

Ways = Literal["icu", "keep"]
Transform = Callable[[str], str]
_ICU = {"CJK": "Han", "HANGUL": "Hangul"}
"""Names that ICU does not share with Unicode's characters, but for capitals."""

_VOWELLESS = ("ARABIC", "HEBREW")
"""Scripts whose texts are mostly without the marks for vowels that ICU writes."""


def script_of(words: Iterable[str]) -> str:
    """Return the script of most letters, as Unicode's names of characters begin: "LATIN", "ARABIC"; "" without any."""
    letters = Counter(unicodedata.name(c, "").partition(" ")[0] for word in words for c in word if c.isalpha())
    return letters.most_common(1)[0][0] if letters else ""


@dataclass
class Scripts:
    """Brings words into the script of a target.

    Args:
        target: its script.
        ways: by ICU's transforms, or words of other scripts are kept as they are.
        table: a file of two columns, of what is written in other scripts and in the target's; in place of ICU.
        changed: how many words were brought into it.
        kept: how many words of another script were kept as they are.
        transforms: those in use, by the script from which.
    """

    target: str
    ways: Ways
    table: str = ""
    changed: int = 0
    kept: int = 0
    transforms: dict[str, Transform] = field(default_factory=dict)

    def written(self, word: str) -> str:
        """Return a word in the target's script; one of that script, or without letters, stays as it is.

        Raises:
            DataError: there is no way from its script to the target's.
        """
        own = script_of([word])
        if own in ("", self.target) or not self.target:
            return word
        if self.ways == "keep" and not self.table:
            self.kept += 1
            return word
        if own not in self.transforms:
            self.transforms[own] = by_table(Path(self.table)) if self.table else by_icu(own, self.target)
        self.changed += 1
        return self.transforms[own](word) or word


def by_icu(source: str, target: str) -> Transform:
    """Return ICU's transform between two scripts.

    Raises:
        DataError: PyICU is not installed, or ICU has no such transform.
    """
    name = "-".join(_ICU.get(script, script.capitalize()) for script in (source, target))
    other = (
        "Or give a table of letters (methods.METHOD.table), or leave names in a script that the target's text does "
        "not have (methods.METHOD.transliteration=keep)"
    )
    try:
        icu = import_module("icu")
    except ImportError as error:
        raise DataError(
            f"names must be brought from {source} into {target} letters, which needs PyICU: "
            f'pip install "xner[icu]". {other}'
        ) from error
    try:
        transform: Transform = icu.Transliterator.createInstance(name).transliterate
    except icu.ICUError as error:
        raise DataError(
            f"ICU has no transform {name} that would bring names into the target's script. {other}"
        ) from error
    return (lambda word: _without_marks(transform(word))) if target in _VOWELLESS else transform


def _without_marks(word: str) -> str:
    return "".join(character for character in word if unicodedata.category(character) != "Mn")


def by_table(file: Path) -> Transform:
    """Return the transform of a table: of letters and groups of letters the longest first.

    Raises:
        DataError: there is no such file, or a line of it is not two columns.
    """
    if not file.expanduser().is_file():
        raise DataError(f"{file}: no such table of letters; set methods.METHOD.table")
    table = dict[str, str]()
    for number, line in enumerate(file.expanduser().read_text(encoding="utf-8").splitlines(), 1):
        if line.strip() and not line.startswith("#"):
            cells = line.split()
            if len(cells) != 2:
                raise DataError(f"{file}:{number}: expected two columns, letters and letters: {line.strip()[:60]!r}")
            table[cells[0].lower()] = cells[1]
    longest = max(map(len, table), default=1)

    def transform(word: str) -> str:
        written, place = "", 0
        while place < len(word):
            sizes = range(min(longest, len(word) - place), 0, -1)
            size = next((n for n in sizes if word[place : place + n].lower() in table), 0)
            written += table[word[place : place + size].lower()] if size else word[place]
            place += size or 1
        return written

    return transform
