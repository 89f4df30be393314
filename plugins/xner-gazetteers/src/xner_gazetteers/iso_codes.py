"""The gazetteer `iso-codes`: countries and their parts (ISO 3166), in many languages."""

import gettext
import hashlib
import json
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from pydantic import Field

from xner.base import Gazetteer, Name, Settings, Sides
from xner.errors import DataError
from xner_gazetteers.geonames import is_long

_DEBIAN = Path("/usr/share/iso-codes/json"), Path("/usr/share/locale")
_FIELDS = ("name", "common_name", "official_name")
_LISTS = (("3166-1", 1.0), ("3166-2", 0.5))
"""Countries and their parts, with their priors; ours."""


class ISOCodesSettings(Settings):
    """Where they are, and what of them."""

    path: str = Field(
        "",
        description="Folder with iso-codes' JSON files and, beside it, locale; empty: that of pycountry, or Debian's.",
    )
    parts: bool = Field(True, description="Also states, provinces and other parts of countries.")


class ISOCodes(Gazetteer):
    """Countries and their parts as LOC, in English and in the languages of both sides."""

    Config = ISOCodesSettings
    config: ISOCodesSettings

    def identity(self, sides: Sides) -> str:
        """Return a hash of all files that are read.

        Raises:
            DataError: they are not installed.
        """
        hashed = hashlib.sha256()
        for _, file, translations in self._files(sides):
            for each in (file, *translations):
                hashed.update(each.read_bytes())
        return hashed.hexdigest()[:16]

    def names(self, sides: Sides) -> Iterator[Name]:
        """Yield the English names, each with its translations.

        Raises:
            DataError: they are not installed.
        """
        for kind, file, translations in self._files(sides):
            tables = [_catalogue(each) for each in translations]
            prior = dict(_LISTS)[kind]
            for entry in json.loads(file.read_text(encoding="utf-8"))[kind]:
                english = [entry[field] for field in _FIELDS if field in entry]
                written = [*english, *(table.gettext(name) for table in tables for name in english)]
                for surface in dict.fromkeys(map(_plain, written)):
                    if is_long(surface, 3):
                        yield Name(surface, "LOC", prior)

    def _files(self, sides: Sides) -> Iterator[tuple[str, Path, list[Path]]]:
        """Yield each list with its file, and the files of its translations that there are."""
        folder, locales = self._folders()
        for kind, _ in _LISTS[: 1 + self.config.parts]:
            names = [f"iso{kind}", f"iso_{kind}"]  # pycountry's, and Debian's
            files = [folder / f"{name}.json" for name in names]
            if not (there := [file for file in files if file.is_file()]):
                raise DataError(f"{files[1]}: no such file; set resources.iso-codes.path")
            paths = [
                locales / language / "LC_MESSAGES" / f"{name}.mo"
                for code in dict.fromkeys(sides.languages)
                for language in _locales(code)
                for name in names
            ]
            yield kind, there[0], [path for path in paths if path.is_file()]

    def _folders(self) -> tuple[Path, Path]:
        if self.config.path:
            folder = Path(self.config.path).expanduser()
            return folder, folder.parent / "locale"
        package = find_spec("pycountry")
        for place in (package.submodule_search_locations or ()) if package else ():
            return Path(place) / "databases", Path(place) / "locales"
        if not _DEBIAN[0].is_dir():
            raise DataError(
                "iso-codes: its data is not installed: pip install pycountry, or on Debian and Ubuntu "
                "apt-get install iso-codes"
            )
        return _DEBIAN


def _locales(code: str) -> list[str]:
    """Return the folders of a language's translations: Chinese has those of its scripts."""
    language, _, rest = code.replace("-", "_").partition("_")
    if language == "zh":
        traditional = rest.lower() in ("hant", "tw", "hk")
        return ["zh_TW", "zh_Hant", "zh_HK"] if traditional else ["zh_CN", "zh_Hans"]
    return list(dict.fromkeys([language, f"{language}_{rest.upper()}" if rest else f"{language}_{language.upper()}"]))


def _catalogue(file: Path) -> gettext.GNUTranslations:
    try:
        with file.open("rb") as stream:
            return gettext.GNUTranslations(stream)
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise DataError(f"{file}: cannot be read ({error}); install iso-codes or pycountry again") from error


def _plain(name: str) -> str:
    """Return a name without what is put behind it, as in "Bolivia, Plurinational State of"."""
    return name.partition(",")[0].partition("(")[0].strip()
