"""Translators: translations of whole sentences and of phrases."""

import unicodedata
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import ClassVar, NamedTuple

import regex

from xner.corpora.words import SPACELESS, split_words
from xner.resources.resource import Resource, Shown, Sides

_SAMPLES = 12
"""Sentences of the source that are shown with their translations."""
_LETTER = regex.compile(SPACELESS, regex.VERSION1)


class Translation(NamedTuple):
    """A translated text, and how many words of the text the translator did not know; None: it does not say."""

    text: str
    unknown: int | None = None


class Translator(Resource):
    """Translates sentences and phrases."""

    role: ClassVar[str] = "translator"
    word_by_word: ClassVar[bool] = False
    """Whether each word of a text becomes one word, in the text's order."""

    @abstractmethod
    def translate(self, texts: Sequence[str], sides: Sides) -> Iterator[Translation]:
        """Yield the translation of each text, in order, each as soon as it is there: what is yielded is kept.

        A translation must not depend on which other texts there are.

        Args:
            texts: sentences and phrases of the source's language, words with spaces between; none has a line's end.
            sides: the languages.

        Raises:
            DataError: it has nothing for these languages, or cannot translate these texts.
        """

    def shown(self, sides: Sides) -> Shown:
        """Return its translations of the first sentences of the source."""
        texts = [" ".join(sides.source[number].tokens) for number in range(min(_SAMPLES, len(sides.source)))]
        made = list(self.translate(texts, sides))
        facts: dict[str, int | float | str] = {
            "sentences, translated to look at them": len(made),
            "of them as in the source": sum(a == b.text for a, b in zip(texts, made, strict=True)),
        }
        if any(one.unknown is not None for one in made):
            words = sum(len(text.split()) for text in texts)
            facts["their running words that it does not know"] = sum(one.unknown or 0 for one in made) / max(words, 1)
        return Shown(facts, ("sentence", "translation"), [(a, b.text) for a, b in zip(texts, made, strict=True)])


def words_of(text: str) -> list[str]:
    """Return the words of a translation: what spaces separate, with punctuation at its ends apart.

    Hyphens, apostrophes and full stops within a word stay in it, as in corpora; scripts without spaces are split as
    raw text is.
    """
    words = list[str]()
    for chunk in text.split():
        if _LETTER.search(chunk):
            words += [word.text for word in split_words(chunk)]
            continue
        start, end = 0, len(chunk)
        while start < end and _is_apart(chunk[start]):
            start += 1
        while end > start and _is_apart(chunk[end - 1]):
            end -= 1
        if chunk[end : end + 1] == "." and "." in chunk[start:end]:  # an abbreviation, such as U.S.
            end += 1
        words += [*chunk[:start], *([chunk[start:end]] if start < end else []), *chunk[end:]]
    return words


def _is_apart(character: str) -> bool:
    return unicodedata.category(character)[0] in "PS" and character not in "_%#@"
