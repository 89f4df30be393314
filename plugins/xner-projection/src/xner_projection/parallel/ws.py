"""The method `ws`."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field

from xner.base import (
    TAGGER,
    Aligner,
    Context,
    Corpus,
    FittedTeacher,
    Method,
    Pair,
    Sentence,
    Settings,
    Stage,
    TransferTask,
    Translated,
    Workbench,
    code_of,
    depends_on,
    first,
    spans,
    text_of,
    words_of,
)
from xner.errors import DataError
from xner_projection.parallel.co_decoding import CoDecoding
from xner_projection.parallel.mining import mined, sentence_vectors
from xner_projection.parallel.parallel_file import parallel_text
from xner_projection.parallel.quality import trusted
from xner_projection.parallel.spans import placed, written


class WS(Method):
    """Two taggers, of the source and of labels projected onto parallel text, tag together and teach a student.

    After Ni, Dinu and Florian, ACL 2017, whose system is the two without the student; its score stands beside.
    """

    class Config(Settings):
        """Where parallel text is from, and which projected sentences are learned from."""

        parallel: str = Field("", description="A file: a sentence, a tab, its translation; empty: as `pairs` says.")
        pairs: Literal["mined", "translated"] = Field(
            "mined", description="Source sentences with what is nearest in the target's text, or with a translation."
        )
        margin: float = Field(1.06, gt=0, description="mined: how much nearer they must be than their neighbours.")
        neighbours: int = Field(4, ge=1, description="mined: how many neighbours.")
        longer: int = Field(2, ge=0, description="Words that a projected entity may have more than the source's.")
        quality: float = Field(0.7, ge=0, le=1, description="The quality of a sentence that is learned from, q0.")
        entities: int = Field(1, ge=0, description="How many entities it has at least, n0.")

    config: Config
    defaults: ClassVar[Mapping[str, object]] = {"resources.aligner": "argmax"}

    def run(self, task: TransferTask, context: Context) -> Stage:
        """Fit both taggers, let them tag the target together, and distill."""
        source = context.fit("recognizer", task.source).stage
        projected = Corpus.concatenate([self._projected(each, task.target, source, context) for each in task.sources])
        other = context.fit("recognizer", projected).stage
        together = self._together(source, other, task.source, context)
        return context.distill(context.label(task.target, together))

    def _projected(self, source: Corpus, target: Corpus, tagger: Stage, context: Context) -> Corpus:
        """Return sentences of the target's language with the labels of the source's that they stand beside."""
        aligner, sides = context.resource(Aligner), context.sides(source, target)
        found, inputs = self._parallel(source, target, tagger, context)
        description = {
            "stage": "project along words",
            "aligner": depends_on(aligner, sides),
            "settings": self.config.model_dump(exclude={"parallel"}),
            "code": code_of(self),
            "source": found.labelled.fingerprint,
            "pairs": found.identity,
        }

        def rewrite(note: Callable[[str], None]) -> list[Sentence]:
            pairs = list(found.read())
            links = aligner.align([Pair(tuple(s.tokens), tuple(words)) for s, words in pairs], sides)
            sentences, entities, kept = list[Sentence](), 0, 0
            for (sentence, words), each in zip(pairs, links, strict=True):
                of_source = spans(sentence.tags or [])
                places = placed(of_source, each, self.config.longer)
                whole = [place for place in places if place is not None]
                entities, kept = entities + len(places), kept + len(whole)
                if len(whole) == len(places):
                    sentences.append(written(words, whole))
            good = trusted(sentences, self.config.quality, self.config.entities)
            told = (
                f"{found.told}, {len(pairs):,} pairs, aligned by {context.roles['aligner']}: of {entities:,} entities "
                f"{kept / max(entities, 1):.1%} were projected; of {len(sentences):,} sentences with all of theirs "
                f"{len(good):,} have the quality"
            )
            if not good:
                raise DataError(f"ws: {told}, so there is nothing to learn from; give more text, or lower its settings")
            note(f"ws: {told}")
            return good

        title = f"labels of {source.language} projected onto {target.language}"
        return context.rewritten(found.labelled, title, description, rewrite, "projected", inputs=inputs)

    def _parallel(
        self, source: Corpus, target: Corpus, tagger: Stage, context: Context
    ) -> tuple["Parallel", Sequence[Stage]]:
        """Return where pairs are from, and the stages that they build on."""
        languages = source.language, target.language
        if self.config.parallel:
            text, others = parallel_text(self.config.parallel, *languages)
            tagged = context.tagged(text, tagger, "the source's tagger")
            identity = Corpus.from_sentences(text.name, languages[1], "parallel", map(Sentence, others)).fingerprint
            told = f"parallel text of the file {text.name}, whose {languages[0]} the source's tagger tagged"
            return Parallel(tagged, identity, told, lambda: zip(tagged, others, strict=True)), ()
        if self.config.pairs == "translated":
            made = context.translated(source, target)
            return Parallel(source, made.stage.key, f"translated {made.name}", lambda: _translated(source, made)), [
                made.stage
            ]
        told = f"source sentences with mined {languages[1]} ones, margin {self.config.margin:g}"
        identity = f"{target.fingerprint} {replace(context.workbench, dev=None).identity()}"
        return Parallel(source, identity, told, lambda: self._mined(source, target, context.workbench)), ()

    def _mined(self, source: Corpus, target: Corpus, workbench: Workbench) -> Iterator[tuple[Sentence, list[str]]]:
        encoder = workbench.new_tagger()
        these, those = (sentence_vectors(encoder, text.without_labels()) for text in (source, target))
        for one, other in mined(these, those, self.config.neighbours, self.config.margin):
            yield source[one], target[other].tokens

    def _together(self, source: Stage, projected: Stage, corpus: Corpus, context: Context) -> FittedTeacher:
        """Return both taggers as one teacher, whose score is told."""
        description = {"stage": "co-decode", "code": code_of(self), "taggers": [source.key, projected.key]}
        component = CoDecoding(source.folder / TAGGER, projected.folder / TAGGER)

        def work(folder: Path) -> None:
            if first():
                component.fit(corpus, context.workbench)
                component.save(folder)

        stage = context.stage("co-decoding of both taggers", description, work, [source, projected])
        fitted = FittedTeacher("co-decoding", component, stage, corpus)
        context.fitted.append(fitted)
        return fitted


@dataclass(frozen=True)
class Parallel:
    """Labelled source sentences and how their translations are found.

    Args:
        labelled: the sentences, or those among which some have a translation.
        identity: changes when the translations do.
        told: where they are from, for people.
        read: yields a labelled sentence and the words of its translation.
    """

    labelled: Corpus
    identity: str
    told: str
    read: Callable[[], Iterator[tuple[Sentence, list[str]]]]


def _translated(source: Corpus, made: Translated) -> Iterator[tuple[Sentence, list[str]]]:
    for sentence in source:
        if words := words_of(made.texts.made[text_of(sentence.tokens)].text):
            yield sentence, words
