"""The method `tmp`."""

from collections.abc import Callable, Iterator, Mapping
from itertools import islice, product
from pathlib import Path
from typing import ClassVar

from pydantic import Field

from xner.base import (
    Context,
    Corpus,
    Dictionary,
    Lexicon,
    Method,
    Sentence,
    Settings,
    Sides,
    Stage,
    TransferTask,
    Translated,
    code_of,
    depends_on,
    spans,
    text_of,
    words_of,
)
from xner.errors import UsageError
from xner_projection.left_over import Projection, count_left_over
from xner_projection.matching import Candidate, Matcher
from xner_projection.projecting import Entity, projected
from xner_projection.report import Shares, written
from xner_projection.sounds import Phonetic, sound_of
from xner_projection.stop_words import stop_words_of

_MOST = 100
"""Candidates that a dictionary gives an entity at most."""


class TMP(Method):
    """The source is translated, its entities are found again in the translation, and a tagger learns from that.

    Jain, Paranjape and Lipton, EMNLP 2019; with the run's encoder in place of their tagger.
    """

    class Config(Settings):
        """How entities are found again."""

        phonetic: Phonetic = Field(
            "romanize",
            description="How words are compared a second time: not at all, in Latin letters without marks, or in IPA.",
        )
        stop_words: str = Field(
            "", description="A file of the target's stop words; empty: frequent words of its raw text in small letters."
        )
        drop: bool = Field(True, description="Sentences with an entity that is not found again are left out.")
        capitals: tuple[str, ...] = Field(
            ("es", "nl"), description="Target languages in which words of entities get a capital letter."
        )

    config: Config
    defaults: ClassVar[Mapping[str, object]] = {"resources.translator": "apertium"}
    presets: ClassVar[Mapping[str, Mapping[str, object]]] = {
        "authors": {"methods.tmp.phonetic": "ipa", "methods.tmp.drop": False}
    }

    def run(self, task: TransferTask, context: Context) -> Stage:
        """Translate and project each source, and fit a tagger on all."""
        made = [self._projected(source, task.target, context) for source in task.sources]
        return context.fit("recognizer", Corpus.concatenate(made)).stage

    def _projected(self, source: Corpus, target: Corpus, context: Context) -> Corpus:
        """Return the source's sentences in the target's language, with the entities that were found again."""
        translated = context.translated(source, target, phrases=True)
        if translated.translator.word_by_word:
            raise UsageError(
                f"resources.translator = '{translated.name}': word by word there is nothing to be matched, and what it "
                "gives is UniTrans's data transfer (--method unitrans); tmp needs a translator of sentences"
            )
        sides, name = context.sides(source, target), context.roles["dictionary"]
        dictionary = context.resource(Dictionary) if name else None
        stop = Path(self.config.stop_words).expanduser()
        description = {
            "stage": "project",
            "translation": translated.stage.key,
            "dictionary": dictionary and depends_on(dictionary, sides),
            "settings": self.config.model_dump(),
            "stop words": stop.read_text(encoding="utf-8") if stop.is_file() else "",
            "code": code_of(self),
            "source": source.fingerprint,
            "target": target.fingerprint,
        }

        def rewrite(note: Callable[[str], None]) -> Iterator[Sentence]:
            yield from self._sentences(source, translated, sides, dictionary, note)

        title = f"entities of {source.language} in its translation into {target.language}"
        return context.rewritten(source, title, description, rewrite, "projected", inputs=[translated.stage])

    def _sentences(
        self,
        source: Corpus,
        translated: Translated,
        sides: Sides,
        dictionary: Dictionary | None,
        note: Callable[[str], None],
    ) -> Iterator[Sentence]:
        language = sides.languages[1]
        stop = stop_words_of(sides.target, self.config.stop_words)
        matcher = Matcher(stop, sound_of(self.config.phonetic, language))
        senses = Lexicon.of(dictionary.pairs(sides)).senses if dictionary else {}
        made = translated.texts.made
        projections = list[Projection]()
        for tokens, tags in source:
            words = words_of(made[text_of(tokens)].text)
            entities = [
                Entity(
                    s.type,
                    own := tuple(tokens[s.start : s.end]),
                    candidates_of(own, made[text_of(list(own))].text, senses),
                )
                for s in spans(tags or [])
            ]
            found = projected(entities, words, matcher)
            pairs = list(zip(entities, found, strict=True))
            placed = [(entity.type, *span) for entity, span in pairs if span]
            projections.append(Projection(words, placed, [(e.type, e.phrase) for e, span in pairs if not span]))
        shares = Shares.of(projections, count_left_over(projections, stop))
        kept = [each for each in projections if each.words and not (self.config.drop and each.left)]
        capitals = stop if language in self.config.capitals else None
        yield from (written(each, capitals) for each in kept)
        lost = f"; {len(projections) - len(kept):,} of {len(projections):,} sentences were left out"
        note(f"tmp: {' to '.join(sides.languages)} {translated}: {shares}{lost}")


def candidates_of(words: Candidate, translation: str, senses: Mapping[str, tuple[str, ...]]) -> tuple[Candidate, ...]:
    """Return what may stand for an entity: its translation, a copy, and what a dictionary makes of its words.

    Args:
        words: of the entity.
        translation: of them alone.
        senses: from a word, in small letters, to its translations; a word that is not there stays as it is.
    """
    several = [[one.capitalize() for one in senses.get(word.lower(), ())] or [word] for word in words]
    by_dictionary = islice(product(*several), _MOST) if senses else ()
    every = [tuple(words_of(translation)), words, *by_dictionary]
    return tuple(dict.fromkeys(candidate for candidate in every if candidate))
