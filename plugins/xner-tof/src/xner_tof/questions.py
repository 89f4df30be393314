"""Named entities as answers: one question a type, asked of every sentence."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from xner.base import Corpus, spans, split_words
from xner.errors import UsageError

GIVEN = {
    "PER": "Persons: names of people and families, real or invented.",
    "LOC": "Locations: names of countries, regions, cities, mountains, waters and other places.",
    "ORG": "Organisations: names of companies, parties, teams, agencies and other groups.",
    "MISC": "Miscellaneous: names of nationalities, languages, events, works and products.",
}
"""The questions of the types that nobody need define; our words."""

Answer = tuple[int, int]
"""The words of a text from a number up to, not including, another."""


@dataclass(frozen=True)
class Question:
    """A question, and the text in which its answers are.

    Args:
        words: of the question.
        context: the words of the text.
        answers: all that answer it; there may be none.
    """

    words: Sequence[str]
    context: Sequence[str]
    answers: Sequence[Answer]


def defined(types: Iterable[str], own: Mapping[str, str]) -> dict[str, str]:
    """Return the definition of each type: the user's, or a given one.

    Args:
        types: the run's.
        own: the user's definitions.

    Raises:
        UsageError: a type has none, or a definition is empty or is of no type of the run.
    """
    types = tuple(types)
    if odd := [name for name in own if name not in types]:
        raise UsageError(f"methods.tof.definitions.{odd[0]}: the run has no such type; it has {', '.join(types)}")
    definitions = {name: own.get(name, GIVEN.get(name, "")).strip() for name in types}
    if missing := [name for name, text in definitions.items() if not text]:
        raise UsageError(
            f"the type '{missing[0]}' has no definition, by which tof asks for it: say what it is in a sentence, "
            f'--set methods.tof.definitions=\'{{"{missing[0]}": "..."}}\''
        )
    return definitions


def of_entities(corpus: Corpus, definitions: Mapping[str, str]) -> Iterator[Question]:
    """Yield each sentence once for each type, with the entities of the type as answers.

    Args:
        corpus: labelled sentences.
        definitions: from a type to the question.
    """
    asked = {name: tuple(word.text for word in split_words(text)) for name, text in definitions.items()}
    for sentence in corpus:
        found = spans(sentence.tags or [])
        for name, words in asked.items():
            yield Question(words, sentence.tokens, [(span.start, span.end) for span in found if span.type == name])
