"""Words of plain text: where each starts and ends."""

import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

import regex


class Word(NamedTuple):
    """A word and its place: it is `text[start:end]` of the text that it was found in."""

    text: str
    start: int
    end: int


_INVISIBLE = "\u00ad\u200c-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff"
"""Joiners, marks of direction and soft hyphens."""
_APART = "\u200b"
"""Says that a word ends, and is not seen either."""
_SHARED = "\u3006\u3031-\u3035\u303c\u30fc\uff70\uff9e\uff9f"
"""Letters of Han and kana that Unicode calls common to several scripts."""
SPACELESS = (
    rf"[\p{{L}}\p{{Nl}}&&[\p{{Han}}\p{{Hiragana}}\p{{Katakana}}\p{{Thai}}\p{{Lao}}\p{{Khmer}}\p{{Myanmar}}{_SHARED}]]"
)
"""A pattern of the letters of scripts that are written without spaces between words."""
RUN = rf"(?!{SPACELESS})[\p{{L}}\p{{N}}_]"
"""A pattern of the characters that make a word together; every other character is a word by itself."""


def word_pattern(blank: str = "", spaceless: str = "") -> str:
    """Return what a word is as a regular expression, in the dialect that `regex` and `tokenizers` share.

    Args:
        blank: a character that stands for a space as well.
        spaceless: "+" where letters of scripts without spaces stay together.
    """
    run = rf"(?:{RUN}(?:\p{{M}}|[{_INVISIBLE}]+(?={RUN}|\p{{M}}))*)+"
    other = rf"[^\s\x1C-\x1F{_INVISIBLE}{_APART}{blank}]\p{{M}}*"
    return rf"(?:{SPACELESS}\p{{M}}*){spaceless}|{run}|{other}"


_LETTER = regex.compile(SPACELESS, regex.VERSION1)
_OPENING, _CLOSING = ("Ps", "Pi"), ("Pe", "Pf", "Po")
_WORD = regex.compile(word_pattern(), regex.VERSION1)


def split_words(text: str) -> list[Word]:
    """Split text of any script into words; every character that is seen belongs to exactly one word.

    A run of letters, marks, digits and "_" is one word, with the joiners, soft hyphens and marks of direction in it;
    between words they belong to none. In scripts that are written without spaces (Han, kana, Thai, Lao, Khmer, Myanmar)
    every letter is a word, and so is every other character; combining marks stay with the character before them.
    """
    return [Word(match[0], *match.span()) for match in _WORD.finditer(text)]


def running_text(tokens: Sequence[str]) -> tuple[str, list[Word]]:
    """Write words as text is written: punctuation beside its word, scripts without spaces without any.

    It is a guess that suits most languages, for measuring on running text what is labelled word by word.

    Args:
        tokens: the words, punctuation apart.

    Returns:
        the text, and the place of each word in it.
    """
    text, words, glued = "", list[Word](), True
    for token in tokens:
        first, last = token[:1] or " ", token[-1:] or " "
        if not (
            glued
            or (unicodedata.category(first) in _CLOSING and first not in "¿¡")
            or (_wide(text[-1:] or " ") and _wide(first))
        ):
            text += " "
        words.append(Word(token, len(text), len(text) + len(token)))
        text += token
        glued = unicodedata.category(last) in _OPENING or last in "¿¡"
    return text, words


def _wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in "WF" or bool(_LETTER.match(character))
