"""Stop words: those of a file, or the most frequent words of a text that are mostly in small letters."""

from collections import Counter
from pathlib import Path

from xner.base import Corpus
from xner.errors import DataError

_MOST_FREQUENT = 100


def stop_words_of(text: Corpus, path: str = "") -> frozenset[str]:
    """Return stop words in small letters.

    Args:
        text: raw text of their language.
        path: a file of them, a word in a line; "": they are found in the text, which is ours.

    Raises:
        DataError: there is no such file.
    """
    if path:
        file = Path(path).expanduser()
        if not file.is_file():
            raise DataError(f"{file}: no such file of stop words; set methods.tmp.stop_words")
        return frozenset(file.read_text(encoding="utf-8").lower().split())
    forms = Counter(word for sentence in text for word in sentence.tokens if any(map(str.isalpha, word)))
    words, small = Counter[str](), Counter[str]()
    for word, count in forms.items():
        words[word.lower()] += count
        small[word.lower()] += count * (word == word.lower())
    common = sorted(words.items(), key=lambda pair: (-pair[1], pair[0]))[:_MOST_FREQUENT]
    return frozenset(word for word, count in common if small[word] * 2 > count)
