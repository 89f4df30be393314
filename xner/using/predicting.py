"""From raw text to entities with character offsets."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

import numpy as np
from pydantic import BaseModel, ConfigDict

from xner.corpora.corpus import Corpus, Sentence
from xner.corpora.labels import LabelSet
from xner.corpora.words import Word
from xner.decoding.decoder import Decoded, Decoder, DecodingSettings
from xner.errors import DataError
from xner.tagging.wordwise import WordTokenizer, words_of

_CHUNK = 10_000
_SURROGATE = re.compile("[\ud800-\udfff]")


class Entity(BaseModel):
    """One entity in a text.

    Args:
        type: its type, such as "PER".
        text: its characters, `text[start:end]` of the input.
        start: offset of its first character.
        end: offset after its last character.
        score: how probable it is that these words, and no others, are an entity of this type, between 0 and 1; by the
            rule argmax, the geometric mean of its words' tag probabilities.
    """

    model_config = ConfigDict(frozen=True)

    type: str
    text: str
    start: int
    end: int
    score: float


class TextTagger(Protocol):
    """What finds the tags of sentences: a student, or an exported one."""

    labels: LabelSet
    chosen_on: str
    decoding: DecodingSettings

    @property
    def tokenizer(self) -> WordTokenizer:
        """Its tokenizer."""

    @property
    def decoder(self) -> Decoder:
        """What chooses its tags."""

    def probabilities(self, corpus: Corpus) -> Iterator[np.ndarray]:
        """Yield the probabilities of the tags (words, tags) for each sentence, in order."""

    def tag(self, corpus: Iterable[Sentence]) -> Iterator[Decoded]:
        """Yield the tags of each sentence, in order, exactly one for every word."""

    def tags(self, corpus: Corpus, repaired: bool = True) -> list[list[str]]:
        """Return the tags of every sentence, as IOB2 or as they were chosen."""


@dataclass(frozen=True)
class Tagged:
    """A text with its words, their tags and its entities."""

    text: str
    words: list[Word]
    tags: list[str]
    entities: list[Entity]


@dataclass(frozen=True)
class Predictor:
    """Finds entities in text of any length; see `xner.load`."""

    tagger: TextTagger

    def predict(self, texts: str | Iterable[str]) -> list[list[Entity]]:
        """Return the entities of each text, in order; one string is one text, in a list of one."""
        return [tagged.entities for tagged in self.tag(texts)]

    def tag(self, texts: str | Iterable[str]) -> Iterator[Tagged]:
        """Yield each text with its words, tags and entities."""
        each = [texts] if isinstance(texts, str) else texts
        return self.tag_words((text, None) for text in each)

    def tag_words(self, texts: Iterable[tuple[str, list[Word] | None]]) -> Iterator[Tagged]:
        """Yield each text with its tags and entities.

        Args:
            texts: each with its words where they are known; None: `xner.tagging.wordwise.words_of` splits it.

        Raises:
            DataError: a text has half of a surrogate pair, as bytes that are not UTF-8 become on a command line.
        """
        stream = iter(texts)
        while given := list(islice(stream, _CHUNK)):
            chunk = [(text, self.words(text) if words is None else words) for text, words in given]
            filled = [Sentence([word.text for word in words]) for _, words in chunk if words]
            predictions = self.tagger.tag(filled) if filled else iter(())
            for text, words in chunk:
                decoded = next(predictions) if words else Decoded([], [], [])
                yield Tagged(text, words, decoded.tags, list(_entities(text, words, decoded)))

    def words(self, text: str) -> list[Word]:
        """Split a text into words.

        Raises:
            DataError: it has half of a surrogate pair.
        """
        if broken := _SURROGATE.search(text):
            raise DataError(f"{text!r:.80} is not text: it has {broken[0]!r} in it; give it as UTF-8")
        return words_of(self.tagger.tokenizer, text)


def joined(tokens: Sequence[str]) -> tuple[str, list[Word]]:
    """Return words that come without a text as a text, with a space between them, and their places in it."""
    words, start = [], 0
    for token in tokens:
        words.append(Word(token, start, start + len(token)))
        start += len(token) + 1
    return " ".join(tokens), words


def _entities(text: str, words: list[Word], decoded: Decoded) -> Iterator[Entity]:
    for (kind, first, last), score in zip(decoded.entities, decoded.certain, strict=True):
        start, end = words[first].start, words[last - 1].end
        yield Entity(type=kind, text=text[start:end], start=start, end=end, score=round(score, 4))
