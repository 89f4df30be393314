"""The gazetteer `faker-names`: given names and family names of Faker's locales."""

import hashlib
from collections.abc import Collection, Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from xner.base import Gazetteer, Name, Sides
from xner.errors import DataError
from xner_gazetteers.geonames import is_long

_PERSON = "faker.providers.person"
_LISTS = ("first_name", "last_name")
"""How attributes of Faker's providers begin that are collections of names."""


class FakerNames(Gazetteer):
    """Given names and family names of all countries of both languages, as PER: single words."""

    def identity(self, sides: Sides) -> str:
        """Return a hash of the locales' modules.

        Raises:
            DataError: Faker is not installed, or has no names for these languages.
        """
        hashed = hashlib.sha256()
        for file in self._files(sides):
            hashed.update(file.read_bytes())
        return hashed.hexdigest()[:16]

    def names(self, sides: Sides) -> Iterator[Name]:
        """Yield the names, those of each locale in its order.

        Raises:
            DataError: Faker is not installed, or has no names for these languages.
        """
        for file in self._files(sides):
            provider = import_module(f"{_PERSON}.{file.parent.name}").Provider
            lists = [getattr(provider, name) for name in sorted(dir(provider)) if name.startswith(_LISTS)]
            for surface in dict.fromkeys(name for names in lists if isinstance(names, Collection) for name in names):
                if isinstance(surface, str) and is_long(surface, 2 if surface.isascii() else 1):
                    yield Name(surface, "PER", 0.5)

    def _files(self, sides: Sides) -> list[Path]:
        """Return the modules of the languages' locales.

        Raises:
            DataError: Faker is not installed, or has no names for these languages.
        """
        package = find_spec("faker")
        if not package or not package.submodule_search_locations:
            raise DataError('faker-names: Faker is not installed: pip install "xner-gazetteers"')
        folder = Path(package.submodule_search_locations[0], "providers", "person")
        languages = {code.replace("-", "_").partition("_")[0].lower() for code in sides.languages}
        files = [f for f in sorted(folder.glob("*/__init__.py")) if f.parent.name.partition("_")[0] in languages]
        if not files:
            raise DataError(f"faker-names: Faker has no names for {' or '.join(sides.languages)}")
        return files
