"""Capital letters of a translated word: those of the word that it stands for, or those that the target writes."""

import random
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Literal

Cases = Literal["auto", "source", "target"]


def forms_of(words: Iterable[str]) -> Mapping[str, Counter[str]]:
    """Return how often a text writes each word in which way, by the word in small letters."""
    forms = dict[str, Counter[str]]()
    for word in words:
        forms.setdefault(word.lower(), Counter())[word] += 1
    return forms


def as_source(translation: str, word: str) -> str:
    """Write a translation as the word is written: in capitals, with a capital letter first, or in small letters.

    A word of a single letter says nothing of capitals but for its first letter.
    """
    if word.isupper() and len(word) > 1:
        return translation.upper()
    return translation[:1].upper() + translation[1:].lower() if word[:1].isupper() else translation.lower()


def as_target(translation: str, word: str, forms: Mapping[str, Counter[str]], draw: random.Random) -> str:
    """Write a translation as the target's raw text writes it, drawn by how often; if it does not stand there, as above.

    Args:
        translation: the word of the target's language.
        word: the word that it stands for.
        forms: of `forms_of` the target's raw text.
        draw: random numbers.
    """
    known = forms.get(translation.lower())
    if not known:
        return as_source(translation, word)
    return draw.choices(list(known), list(known.values()))[0]
