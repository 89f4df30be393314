"""Words of plain text: where each starts and ends."""

from typing import NamedTuple

import regex

_WORD = regex.compile(
    r"""(?(DEFINE)(?<unspaced>[\p{L}\p{Nl}&&[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]]))
    (?&unspaced)\p{M}*                                                 # scripts without spaces: every character
    | (?:(?!(?&unspaced))[\p{L}\p{N}_](?:\p{M}|[\u200C\u200D\u00AD])*)+  # a run of letters and digits
    | [^\s\x1C-\x1F]\p{M}*                                            # any other character
    """,
    regex.VERSION1 | regex.VERBOSE,
)


class Word(NamedTuple):
    """A word and its place: it is `text[start:end]` of the text that it was found in."""

    text: str
    start: int
    end: int


def split_words(text: str) -> list[Word]:
    """Split text of any script into words; every character that is not a space belongs to exactly one word.

    A run of letters, marks, digits and "_" is one word, with the joiners and soft hyphens in it. In scripts that
    are written without spaces (Han, kana, Thai, Lao, Khmer, Myanmar) every letter is a word, and so is every other
    character; combining marks stay with the character before them.
    """
    return [Word(match[0], *match.span()) for match in _WORD.finditer(text)]
