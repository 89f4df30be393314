"""The dictionary `freedict`: FreeDict's dictionaries in the form of dictd, as Debian installs them."""

import gzip
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

from langcodes import Language
from langcodes.tag_parser import LanguageTagError
from pydantic import Field

from xner.base import Dictionary, Settings, Sides
from xner.errors import DataError
from xner_resources.glosses import translations

_DIGITS = {c: n for n, c in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")}
"""What dictd writes numbers in, of base 64."""
_HEAD = re.compile(r"(.+?)\s+[/(<].*")
_NUMBER = re.compile(r"\d+\.\s+")
_ASIDE = re.compile(r"\s{2,}|\s*(Note|Synonyms?|see|Antonyms?):")
"""How lines begin that are examples, notes and references."""


class FreeDict(Dictionary):
    """FreeDict's dictionaries where they are installed; none comes with this package, since most are under the GPL."""

    class Config(Settings):
        """Where they are."""

        path: str = Field(
            "/usr/share/dictd", description="Folder of files such as freedict-eng-deu.index, of dictd's form."
        )

    config: Config

    def identity(self, sides: Sides) -> str:
        """Return a hash of the dictionary's file.

        Raises:
            DataError: it is not installed.
        """
        return hashlib.sha256(self._files(sides)[1].read_bytes()).hexdigest()[:16]

    def pairs(self, sides: Sides) -> Iterator[tuple[str, str]]:
        """Yield the words and translations of all entries, in the file's order.

        Raises:
            DataError: it is not installed, or it is damaged.
        """
        index, data = self._files(sides)
        try:
            text = gzip.decompress(data.read_bytes())  # .dz is gzip with further fields
        except (OSError, EOFError) as error:
            raise DataError(f"{data}: is not what dictzip writes ({error}); install the package again") from error
        for entry in _entries(index, text):
            yield from entry_pairs(entry)

    def _files(self, sides: Sides) -> tuple[Path, Path]:
        """Return index and data of the dictionary.

        Raises:
            DataError: it is not installed.
        """
        try:
            source, target = (Language.get(code).to_alpha3() for code in sides.languages)
        except (LanguageTagError, LookupError) as error:
            raise DataError(f"freedict: {' or '.join(sides.languages)} is no code of a language") from error
        folder, name = Path(self.config.path).expanduser(), f"freedict-{source}-{target}"
        files = folder / f"{name}.index", folder / f"{name}.dict.dz"
        if not all(file.is_file() for file in files):
            there = sorted(file.stem.removeprefix("freedict-") for file in folder.glob("freedict-*.index"))
            raise DataError(
                f"{files[1]}: there is no such dictionary; on Debian and Ubuntu, if there is one: apt-get install "
                f"dict-{name}. Or set resources.freedict.path, or use another dictionary (`xner list resources`). "
                f"Here are: {', '.join(there) or 'none'}"
            )
        return files


def _entries(index: Path, text: bytes) -> Iterator[str]:
    """Yield the text of each entry, once, in the file's order."""
    places = set[tuple[int, int]]()
    for number, line in enumerate(index.read_text(encoding="utf-8").splitlines(), 1):
        try:
            word, *digits = line.split("\t")[:3]
            start, size = map(_number, digits)
        except (ValueError, KeyError) as error:
            raise DataError(
                f"{index}:{number}: expected a word, a place and a size, with tabs: {line[:60]!r}"
            ) from error
        if not word.startswith("00database"):
            places.add((start, size))
    for start, size in sorted(places):
        yield text[start : start + size].decode("utf-8", errors="replace")


def _number(digits: str) -> int:
    value = 0
    for digit in digits:
        value = value * 64 + _DIGITS[digit]
    return value


def entry_pairs(entry: str) -> Iterator[tuple[str, str]]:
    """Yield the word of an entry with each of its translations; examples, notes and references are left out.

    Args:
        entry: the headword with its pronunciation in a line, then a line for each sense.
    """
    head, *lines = entry.splitlines()
    word = found[1] if (found := _HEAD.fullmatch(head)) else head.strip()
    for line in lines:
        if not _ASIDE.match(line):
            yield from ((word, translation) for translation in translations(_NUMBER.sub("", line, count=1)))
