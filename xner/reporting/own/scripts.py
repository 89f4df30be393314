"""The script that most letters of a text are of."""

from collections import Counter

import regex

_NAMES = [
    "Latin",
    "Cyrillic",
    "Greek",
    "Arabic",
    "Hebrew",
    "Han",
    "Hiragana",
    "Katakana",
    "Hangul",
    "Devanagari",
    "Bengali",
    "Gurmukhi",
    "Gujarati",
    "Oriya",
    "Tamil",
    "Telugu",
    "Kannada",
    "Malayalam",
    "Sinhala",
    "Thai",
    "Lao",
    "Tibetan",
    "Myanmar",
    "Khmer",
    "Georgian",
    "Armenian",
    "Ethiopic",
    "Mongolian",
]
_LETTER = regex.compile("|".join(rf"(?P<{name}>[\p{{L}}&&\p{{{name}}}])" for name in _NAMES) + r"|\p{L}", regex.V1)
OTHER, NONE = "another script", "no letters"


def script_of(text: str) -> str:
    """Return the script of most letters, such as "Han"; of equals the one that comes first.

    Args:
        text: whatever it is; digits, marks and punctuation do not count.
    """
    found = Counter(letter.lastgroup or OTHER for letter in _LETTER.finditer(text))
    return found.most_common(1)[0][0] if found else NONE
