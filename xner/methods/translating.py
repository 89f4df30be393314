"""Translation of the source for methods that learn from it: a stage, word by word, by the run's dictionary."""

from collections.abc import Callable, Iterator

from xner.corpora.corpus import Corpus, Sentence
from xner.methods.steps import Steps
from xner.plugin.code import ENGINE, digests
from xner.resources.dictionary import Dictionary
from xner.resources.resource import depends_on
from xner.resources.word_translation import WordTranslation, WordTranslationSettings

_CODE = ("cases.py", "dictionary.py", "scripts.py", "word_translation.py")


def translated(source: Corpus, target: Corpus, settings: WordTranslationSettings, context: Steps) -> Corpus:
    """Return the source's sentences with their words translated and their tags copied; a stage does it.

    The dictionary's name and size, and which share of the words it had, stand beside every score that builds on it.

    Args:
        source: labelled sentences.
        target: raw text of the target's language.
        settings: how words are translated.
        context: makes the stage, and knows the run's dictionary.

    Raises:
        UsageError: the run names no dictionary.
        DataError: the dictionary has nothing for these languages.
    """
    dictionary, sides = context.resource(Dictionary), context.sides(source, target)
    name = context.roles[Dictionary.role]
    description = {
        "stage": "translate words",
        "dictionary": depends_on(dictionary, sides),
        "settings": settings.identity(),
        "code": digests((ENGINE / "resources" / file for file in _CODE), ENGINE),
        "source": source.fingerprint,
        "target": target.fingerprint,
        "seed": context.workbench.seed,
    }

    def rewrite(note: Callable[[str], None]) -> Iterator[Sentence]:
        translation = WordTranslation.of(dictionary, sides, settings)
        yield from translation.sentences(iter(source))
        size = f"{len(translation.words):,} words"
        note(f"translation: {source.language} to {target.language} by the dictionary {name} ({size}): {translation}")

    title = f"{source.language} in words of {target.language}, by {name}"
    return context.rewritten(source, title, description, rewrite, "translated")
