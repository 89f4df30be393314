"""How words sound, for a comparison beside the written one: in Latin letters without marks, or in IPA."""

import unicodedata
from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any, Literal

from langcodes import Language

from xner.errors import DataError

Phonetic = Literal["none", "romanize", "ipa"]
Sound = Callable[[str], str]


def sound_of(phonetic: Phonetic, language: str) -> Sound | None:
    """Return what writes a word, in small letters, as it sounds, or None.

    Args:
        phonetic: how.
        language: the target's code.

    Raises:
        DataError: what it needs is not installed, or has nothing for this language.
    """
    if phonetic == "none":
        return None
    return cache(_in_ipa(language) if phonetic == "ipa" else _Romanizer())


class _Romanizer:
    """Writes a word in Latin letters without marks; uroman is asked only for words of other scripts."""

    def __init__(self) -> None:
        self._uroman: Sound | None = None

    def __call__(self, word: str) -> str:
        bare = "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))
        if all(unicodedata.name(c, "").startswith("LATIN") for c in bare if c.isalpha()):
            return bare
        if self._uroman is None:
            self._uroman = _library("uroman", "romanize").Uroman().romanize_string
        return self._uroman(word).lower()


def _in_ipa(language: str) -> Sound:
    """Return epitran's writing of words of a language, in the script that it is mostly written in."""
    full = Language.get(language).maximize()
    code = f"{full.to_alpha3()}-{full.script}"
    library = _library("epitran", "ipa")
    try:
        written: Sound = library.Epitran(code).transliterate
    except Exception as error:  # epitran raises whatever it meets
        reason = f"{type(error).__name__} {error}".splitlines()[0][:100]
        raise DataError(
            f"methods.tmp.phonetic = 'ipa': epitran has nothing for {code} ({reason}); set it to romanize, or to none"
        ) from error
    return written


def _library(name: str, extra: str) -> Any:
    try:
        return import_module(name)
    except ImportError as error:
        raise DataError(
            f"methods.tmp.phonetic = '{extra}': it needs {name}: pip install \"xner-projection[{extra}]\"; "
            "or set methods.tmp.phonetic=none"
        ) from error
