"""The corpus `demo`: synthetic sentences in eleven languages, generated from templates and names by a seed.

Nothing in it is real text. With it every command works without a download; figures measured on it say nothing
about a method. Tags are IOB2 over PER, LOC, ORG and MISC; MISC includes nationalities, languages, events,
awards, products and works, whether or not the language writes them with a capital. Words are split as in UD and
CoNLL corpora; Chinese is segmented into words, and Arabic prefixes stay on their word, as in WikiAnn. A name with a
prefix or a case ending is tagged with it.
"""

from collections.abc import Mapping
from typing import ClassVar

from pydantic import Field

from xner.base import Corpus, CorpusReader, Settings
from xner.errors import DataError, did_you_mean
from xner_demo.sentences import Writer, read_grammar

NOTE = (
    "The corpus demo is synthetic, generated from templates: scores on it say nothing of real text. "
    "Go on with your own: --dataset FOLDER"
)

LANGUAGES = ("en", "de", "es", "nl", "fr", "pt", "ar", "hi", "zh", "sw", "yo")
SPLITS = ("train", "dev", "test")


class Demo(CorpusReader):
    """A generated corpus: none of its text is real, and only the templates of this package are read."""

    class Config(Settings):
        """How much text to generate, and from which seed."""

        seed: int = Field(default=0, description="Decides every sentence; another seed gives another corpus.")
        train_sentences: int = Field(default=1500, ge=1, description="Sentences of each language's train split.")
        dev_sentences: int = Field(default=400, ge=1, description="Sentences of each language's dev split.")
        test_sentences: int = Field(default=600, ge=1, description="Sentences of each language's test split.")

    config: "Demo.Config"
    note: ClassVar[str] = NOTE

    def splits(self) -> Mapping[str, tuple[str, ...]]:
        """Return train, dev and test for each of the eleven languages."""
        return dict.fromkeys(LANGUAGES, SPLITS)

    def load(self, language: str, split: str) -> Corpus:
        """Generate the sentences of a language and split.

        Args:
            language: one of `LANGUAGES`.
            split: one of `SPLITS`.

        Raises:
            DataError: there is no such language or split; the message names those that exist.
        """
        _check("language", language, LANGUAGES)
        _check("split", split, SPLITS)
        config = self.config
        sizes = {"train": config.train_sentences, "dev": config.dev_sentences, "test": config.test_sentences}
        writer = Writer(read_grammar(language), language, split, config.seed)
        return Corpus.from_sentences("demo", language, split, writer.write(sizes[split]))


def _check(what: str, name: str, known: tuple[str, ...]) -> None:
    if name not in known:
        hint = did_you_mean(name, known)
        raise DataError(f"demo: there is no {what} '{name}'; it has {', '.join(known)}.{hint}")
