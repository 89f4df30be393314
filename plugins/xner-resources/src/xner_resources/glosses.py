"""Reading what dictionaries say of a word: marks and remarks are left out, and the rest is cut into translations."""

import re
from collections.abc import Iterator

_REMARK = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|\{[^{}]*\}|/[^/]*/")
_MARK = re.compile(r"<[^<>]*>")
_JOINED = re.compile(r"[~_\s]+")


def translations(text: str) -> Iterator[str]:
    """Yield the translations in one line of a dictionary.

    What is in brackets or between slashes is left out: remarks, pronunciations and fields. Marks such as <fem> end a
    translation, and so do commas and semicolons.

    Args:
        text: such as "Montag <masc>, Mo [astr.]".
    """
    bare = text
    while (shorter := _REMARK.sub(" ", bare)) != bare:  # brackets may stand in brackets
        bare = shorter
    for part in re.split(r"[,;]", _MARK.sub(",", bare)):
        if (word := _JOINED.sub(" ", part).strip()) and any(character.isalpha() for character in word):
            yield word
