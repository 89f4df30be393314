"""The translator `apertium`: Apertium's translation by rules, where it is installed."""

import hashlib
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import product
from pathlib import Path
from shutil import which

from langcodes import Language
from langcodes.tag_parser import LanguageTagError
from pydantic import Field

from xner.base import Settings, Sides, Translation, Translator
from xner.errors import DataError
from xner_resources.translators.apertium_process import through


class Apertium(Translator):
    """Apertium's translation by rules; directly, or by way of a third language."""

    class Config(Settings):
        """Which of Apertium's directions."""

        directions: str = Field(
            "", description="Such as eng-spa, or eng-spa,spa-por by way of Spanish; empty: found by the languages."
        )

    config: Config

    def identity(self, sides: Sides) -> str:
        """Return a hash of the directions, of Apertium's version and of its data.

        Raises:
            DataError: it is not installed, or has no way between these languages.
        """
        directions = self._directions(sides)
        digest = hashlib.sha256(_said("-V").encode())
        for direction in directions:
            digest.update(direction.encode())
            mode = Path(f"/usr/share/apertium/modes/{direction}.mode")
            if mode.is_file():
                text = mode.read_text(encoding="utf-8")
                digest.update(text.encode())
                for data in sorted({part for part in text.split("'") if part.startswith("/")}):
                    digest.update(Path(data).read_bytes() if Path(data).is_file() else b"")
        return digest.hexdigest()[:16]

    def translate(self, texts: Sequence[str], sides: Sides) -> Iterator[Translation]:
        """Yield translations; each word that has one of Apertium's marks is one that it does not know.

        Raises:
            DataError: it is not installed, has no way between these languages, or ends before all is translated.
        """
        for text, (made, unknown) in zip(texts, through(self._directions(sides), texts), strict=True):
            yield Translation(made or text, min(unknown, len(text.split())))

    def _directions(self, sides: Sides) -> list[str]:
        """Return Apertium's directions, one or two."""
        if not which("apertium"):
            raise DataError(
                "apertium: it is not installed; on Debian and Ubuntu: apt-get install apertium apertium-eng-spa, with "
                "your languages; or use another translator (`xner list resources`)"
            )
        there = _said("-l").split()
        if given := [name.strip() for name in self.config.directions.split(",") if name.strip()]:
            if lacking := [name for name in given if name not in there]:
                raise DataError(
                    f"apertium: has no direction {lacking[0]} (resources.apertium.directions); "
                    f"here are: {', '.join(there) or 'none'}"
                )
            return given
        source, target = (_codes(code) for code in sides.languages)
        pairs = [tuple(name.split("-", 1)) for name in there if "-" in name]
        for one, other in product(source, target):
            if (one, other) in pairs:
                return [f"{one}-{other}"]
        for first, second in product(pairs, pairs):
            if first[0] in source and second[1] in target and _same(first[1], second[0]):
                return ["-".join(first), "-".join(second)]
        raise DataError(
            f"apertium: has no way from {sides.languages[0]} to {sides.languages[1]}; on Debian and Ubuntu, if there "
            f"is one: apt-get install apertium-{source[-1]}-{target[-1]}. Here are: {', '.join(there) or 'none'}"
        )


def _codes(code: str) -> list[str]:
    """Return what Apertium may call a language: by two letters and by three."""
    try:
        language = Language.get(code)
        return list(dict.fromkeys([language.language or code, language.to_alpha3()]))
    except (LanguageTagError, LookupError) as error:
        raise DataError(f"apertium: {code} is no code of a language") from error


def _same(one: str, other: str) -> bool:
    """Return whether two of Apertium's names are of one language, which it may call es here and spa there."""
    with suppress(DataError):
        return one == other or one in _codes(other)
    return False


def _said(option: str) -> str:
    return subprocess.run(["apertium", option], capture_output=True, text=True, check=False).stdout
