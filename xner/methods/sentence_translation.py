"""Translation of a corpus as a stage of a method."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from xner.corpora.corpus import Corpus, Sentence
from xner.corpora.labels import spans
from xner.machine import processes
from xner.resources.resource import Sides, depends_on
from xner.resources.translations import Translations, write_translations
from xner.resources.translator import Translator
from xner.store.stages import SCRATCH, Stage

_FILE = "translations.jsonl"


@dataclass(frozen=True)
class Translated:
    """The translations of a corpus, before or after they are made.

    Args:
        translator: the translator.
        name: what it is called.
        stage: what makes them.
    """

    translator: Translator
    name: str
    stage: Stage

    @cached_property
    def texts(self) -> Translations:
        """What was made; the stage must be done."""
        return Translations.read(self.stage.folder / _FILE)

    def __str__(self) -> str:
        return f"by the translator {self.name} ({self.texts})"


def text_of(words: list[str]) -> str:
    """Return words as the text that is translated: with a space between."""
    return " ".join(" ".join(words).split())


def translating(
    stage: Callable[..., Stage], translator: Translator, name: str, source: Corpus, sides: Sides, phrases: bool
) -> Translated:
    """Ask for the translations of a corpus by the run's translator.

    Args:
        stage: does one step of the method.
        translator: the run's.
        name: what it is called.
        source: the sentences.
        sides: the languages.
        phrases: each entity is translated, too, as a text of its own; the sentences must have tags.
    """
    description = {
        "stage": "translate",
        "translator": depends_on(translator, sides),
        "source": source.fingerprint,
        "languages": sides.languages,
        "phrases": phrases,
    }

    def work(folder: Path) -> None:
        if not processes.first():
            return
        texts = list(dict.fromkeys(_texts(source, phrases)))
        ends = [0]
        for text in texts:
            ends.append(ends[-1] + len(text.split()))
        kept = folder / SCRATCH / _FILE
        kept.parent.mkdir(exist_ok=True)
        progress = sides.workbench.progress
        if done := len(Translations.read(kept).made):
            progress.go_on(done / len(texts), ends[min(done, len(texts))])
        write_translations(
            kept, texts, translator, sides, lambda count: progress.advance(count / len(texts), ends[count])
        )
        shutil.copyfile(kept, folder / _FILE)

    title = f"translation of {source.language} into {sides.languages[1]} by {name}"
    return Translated(translator, name, stage(title, description, work))


def _texts(source: Corpus, phrases: bool) -> Iterator[str]:
    sentence: Sentence
    for sentence in source:
        yield text_of(sentence.tokens)
        for span in spans(sentence.tags or []) if phrases else ():
            yield text_of(sentence.tokens[span.start : span.end])
