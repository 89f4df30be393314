"""Word forms: what counts as the same word, and sentences that are almost the same."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

import regex

from xner.corpora.words import SPACELESS

_DIGIT = regex.compile(r"\p{Nd}")
_LETTER = regex.compile(SPACELESS, regex.VERSION1)


def forms_of(tokens: Sequence[str]) -> Iterator[str]:
    """Yield the form of each word: without case, all digits alike.

    In scripts without spaces, where a word is one letter, the form is that letter with the one behind it.

    Args:
        tokens: the words of a sentence.
    """
    plain = [_DIGIT.sub("0", token.casefold()) for token in tokens]
    for form, after in pairwise([*plain, ""]):
        yield form + after if _LETTER.match(form) and _LETTER.match(after) else form


class Seen:
    """Sentences, among which one that is almost the same is found.

    Two are almost the same if of all forms and pairs of neighbouring forms in them so large a share is in both
    (the Jaccard index).

    Args:
        similar: the share, above 0 and up to 1.
    """

    def __init__(self, similar: float) -> None:
        self._similar = similar
        self._sizes = list[int]()
        self._places = dict[tuple[int, ...], list[int]]()

    def add(self, forms: Sequence[int]) -> None:
        """Add a sentence by the numbers of its forms."""
        parts = _parts(forms)
        for part in parts:
            self._places.setdefault(part, []).append(len(self._sizes))
        self._sizes.append(len(parts))

    def has_similar(self, forms: Sequence[int]) -> bool:
        """Return whether a sentence is almost the same as one that was added."""
        parts = _parts(forms)
        shared = Counter(number for part in parts for number in self._places.get(part, ()))
        return any(both >= self._similar * (len(parts) + self._sizes[number] - both) for number, both in shared.items())


def _parts(forms: Sequence[int]) -> set[tuple[int, ...]]:
    """Return the forms and the pairs of neighbours."""
    return {*((form,) for form in forms), *pairwise(forms)}
