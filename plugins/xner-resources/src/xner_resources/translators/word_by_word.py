"""The translator `word-by-word`: each word becomes what the run's dictionary says."""

from collections.abc import Iterator, Sequence
from typing import ClassVar, Literal

from pydantic import Field

from xner.base import Dictionary, Lexicon, Settings, Sides, Translation, Translator, depends_on, frequencies_of


class WordByWord(Translator):
    """Each word becomes what the run's dictionary says, with the word's capitals; one that it lacks stays as it is."""

    word_by_word: ClassVar[bool] = True

    class Config(Settings):
        """Which translation is taken."""

        senses: Literal["frequent", "first"] = Field(
            "frequent", description="Of several translations the most frequent in the target's text, or the first."
        )

    config: Config

    def identity(self, sides: Sides) -> str:
        """Return what the dictionary and the choice among its translations depend on.

        Raises:
            DataError: the dictionary has nothing for these languages.
        """
        chosen_by = sides.target.fingerprint if self.config.senses == "frequent" else ""
        return f"{sorted(depends_on(sides.resource(Dictionary), sides).items())} {chosen_by}"

    def translate(self, texts: Sequence[str], sides: Sides) -> Iterator[Translation]:
        """Yield the words of each text in their order.

        Raises:
            DataError: the dictionary has nothing for these languages.
        """
        lexicon = Lexicon.of(sides.resource(Dictionary).pairs(sides))
        words = lexicon.chosen(frequencies_of(sides.target), self.config.senses)
        for text in texts:
            made = [(word, words.get(word.lower())) for word in text.split()]
            unknown = sum(other is None and any(map(str.isalpha, word)) for word, other in made)
            yield Translation(" ".join(_capitals(other or word, word) for word, other in made), unknown)


def _capitals(translation: str, word: str) -> str:
    """Write a translation in capitals, or with a capital letter first, if the word is written so."""
    if word.isupper() and len(word) > 1:
        return translation.upper()
    return translation[:1].upper() + translation[1:] if word[:1].isupper() else translation
