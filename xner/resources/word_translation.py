"""Translation word by word: labelled sentences of the source become sentences of the target's words."""

import random
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import Field

from xner.corpora.corpus import Sentence
from xner.plugin.component import Settings
from xner.resources.cases import Cases, as_source, as_target, forms_of
from xner.resources.dictionary import Dictionary, Lexicon, frequencies_of
from xner.resources.resource import Sides
from xner.resources.scripts import Scripts, Ways, script_of


class WordTranslationSettings(Settings):
    """How words are translated."""

    kept: tuple[str, ...] = Field(("PER",), description="Entity types whose words are not translated.")
    senses: Literal["frequent", "first"] = Field(
        "frequent", description="Of several translations the most frequent in the target's text, or the first."
    )
    case: Cases = Field(
        "auto",
        description="Capital letters as in the source, or as the target's text writes the word; auto: the latter for "
        "German alone.",
    )
    transliteration: Ways = Field(
        "icu", description="What is kept is brought into another script by ICU, or left in the source's."
    )
    table: str = Field("", description="A file of letters in two columns, in place of ICU.")

    def identity(self) -> dict[str, object]:
        """Return what translations depend on."""
        file = Path(self.table).expanduser()
        fields = {name: getattr(self, name) for name in WordTranslationSettings.model_fields}
        return fields | {"table": file.read_text(encoding="utf-8") if self.table and file.is_file() else self.table}


@dataclass
class WordTranslation:
    """Translates sentences, and counts what it does.

    Args:
        words: from a word, in small letters, to its translation.
        forms: how often the target's text writes each word in which way; None: capitals are those of the source.
        scripts: brings words into the target's script.
        kept: the entity types whose words are not translated.
        draw: random numbers.
        counts: of words with letters: "words", those that were "translated", and those that were "kept" for their type.
    """

    words: Mapping[str, str]
    forms: Mapping[str, Counter[str]] | None
    scripts: Scripts
    kept: tuple[str, ...]
    draw: random.Random
    counts: Counter[str]

    @classmethod
    def of(cls, dictionary: Dictionary, sides: Sides, settings: WordTranslationSettings) -> "WordTranslation":
        """Read a dictionary, and look at the target's text.

        Raises:
            DataError: the dictionary has nothing for these languages.
        """
        target = [word for sentence in sides.target for word in sentence.tokens]
        lexicon = Lexicon.of(dictionary.pairs(sides))
        as_there = settings.case == "target" or (settings.case == "auto" and sides.languages[1] == "de")
        return cls(
            lexicon.chosen(frequencies_of(sides.target), settings.senses),
            forms_of(target) if as_there else None,
            Scripts(script_of(target), settings.transliteration, settings.table),
            settings.kept,
            random.Random(sides.workbench.seed),
            Counter(),
        )

    def sentences(self, labelled: Iterator[Sentence]) -> Iterator[Sentence]:
        """Yield each sentence with its words translated and its tags copied."""
        for tokens, tags in labelled:
            of_types = tags or ["O"] * len(tokens)
            yield Sentence([self.word(word, tag) for word, tag in zip(tokens, of_types, strict=True)], tags)

    def word(self, word: str, tag: str) -> str:
        """Return the translation of a word; of a kept type, or if there is none, the word in the target's script."""
        letters = any(character.isalpha() for character in word)
        self.counts["words"] += letters
        if tag[2:] in self.kept:
            self.counts["kept"] += letters
        elif translation := self.words.get(word.lower()):
            self.counts["translated"] += letters
            written = self.scripts.written(translation)
            if self.forms is None:
                return as_source(written, word)
            return as_target(written, word, self.forms, self.draw)
        return self.scripts.written(word)

    def __str__(self) -> str:
        counts = self.counts
        shares = {name: counts[name] / max(counts["words"], 1) for name in ("translated", "kept")}
        of_types = f", {'/'.join(self.kept)} words ({shares['kept']:.1%}) were kept" if self.kept else ""
        others = 1 - sum(shares.values())
        scripts = f"; {self.scripts.changed:,} words were transliterated" if self.scripts.changed else ""
        warning = f"; {self.scripts.kept:,} words stay in another script than the target's" if self.scripts.kept else ""
        return (
            f"{shares['translated']:.1%} of {counts['words']:,} running words were translated{of_types}, and it lacks "
            f"{max(others, 0):.1%}{scripts}{warning}"
        )
