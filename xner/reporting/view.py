"""A finished run, as sections of its page look at it."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from xner.corpora.corpus import Corpus
from xner.corpora.labels import Span, spans, to_iob2
from xner.decoding.decoder import Decoded, Decoder
from xner.errors import DataError
from xner.store.stages import TAGGER, Stage
from xner.tagging.tagger import Tagger
from xner.teachers.combination import combine
from xner.teachers.labelled import FittedTeacher
from xner.training.workbench import Workbench

Entities = list[list[Span]]
"""The entities of each sentence, in order."""


@dataclass(frozen=True)
class RunView:
    """What a section may look at. It must not change anything, and draws at random with a seed of its own.

    Args:
        workbench: what the run was trained with.
        stages: what its method did, in order.
        teachers: those that the student learned from; of a method without a student all that it fitted.
        sources: the labelled corpora.
        target: the sentences that the student learned from, without labels.
        test: the target's labelled sentences, after the fact; None if there are none.
        tags: the student's tags of these, as they were scored; None without them.
        student: the tagger; None if neither the run's folder nor the cache has it any more.
        last: the stage that the student is of.
        said: what it said of the labelled sentences when they were scored; empty: that is not known any more.
    """

    workbench: Workbench
    stages: tuple[Stage, ...]
    teachers: tuple[FittedTeacher, ...]
    sources: tuple[Corpus, ...]
    target: Corpus
    test: Corpus | None = None
    tags: list[list[str]] | None = None
    student: Tagger | None = None
    last: Stage | None = None
    said: Sequence[Decoded] = ()
    _known: dict[str, dict[int, Decoded]] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def tested(self) -> Corpus:
        """The labelled sentences of the target.

        Raises:
            DataError: there are none.
        """
        if self.test is None:
            raise DataError(f"{self.target}: there are no labelled sentences of the target to look at")
        return self.test

    @cached_property
    def gold(self) -> Entities:
        """The entities of the labelled sentences."""
        return [spans(sentence.tags or []) for sentence in self.tested]

    @cached_property
    def predicted(self) -> Entities:
        """The student's entities; an I- that continues nothing opens one, whatever the rule of the scores is."""
        return [spans(to_iob2(tags)) for tags in self.tags or []]

    @property
    def columns(self) -> set[str]:
        """The signals that the teachers give, as far as what they learned is still there."""
        return {column for teacher in self.teachers if teacher.stage.done for column in teacher.component.provides}

    @property
    def taggers(self) -> list[FittedTeacher]:
        """The teachers that tag, as far as they are still there."""
        return [teacher for teacher in self.teachers if (teacher.stage.folder / TAGGER).is_dir()]

    def chosen(self, probabilities: Iterable[np.ndarray]) -> list[list[str]]:
        """Return the tags that the run's rule of decoding chooses.

        Args:
            probabilities: (words, tags) of each sentence.
        """
        labels, settings = self.workbench.labels, self.workbench.decoding
        decoder = self.student.decoder if self.student else Decoder(labels, settings)
        return [decoded.tags for decoded in decoder.decode(probabilities)]

    def decoded(self, stage: Stage | None = None, sentences: Sequence[int] | None = None) -> list[Decoded]:
        """Return what a tagger says of the labelled sentences, with how probable each entity is.

        What it has said once, to the scoring or to another section, it is not asked again.

        Args:
            stage: one that holds a tagger; None: the student.
            sentences: the numbers of those that are wanted, rising; None: all.

        Raises:
            DataError: there are no such sentences, or the tagger is not there any more.
        """
        own = stage is None or (self.last is not None and stage.key == self.last.key)
        known = self._known.setdefault(stage.key if stage and not own else "", {})
        if own and self.said:
            known.update(enumerate(self.said))
        wanted = range(len(self.tested)) if sentences is None else sentences
        if lacking := [number for number in wanted if number not in known]:
            some = self.tested if len(lacking) == len(self.tested) else self.tested.chosen(lacking)
            known.update(zip(lacking, self._tagger(stage).tag(some), strict=True))
        return [known[number] for number in wanted]

    def say(self, column: str, corpus: Corpus) -> Iterator[np.ndarray]:
        """Let the teachers that give a signal speak of any sentences; of several, all count the same.

        Args:
            column: the signal.
            corpus: the sentences; labels of theirs are not handed on.

        Yields:
            (words, width) for each sentence, in order.

        Raises:
            DataError: there is no such teacher.
        """
        teachers = [t for t in self.teachers if column in t.component.provides and t.stage.done]
        if not teachers:
            raise DataError(f"no teacher of this run that is still there gives '{column}'")
        for teacher in teachers:
            teacher.component.restore(teacher.stage.folder, self.workbench)
        shares, bare = np.full(len(teachers), 1 / len(teachers)), corpus.without_labels()
        joined = any(column in teacher.component.embeddings for teacher in teachers)
        for rows in zip(*(teacher.component.label(bare) for teacher in teachers), strict=True):
            yield combine([row[column] for row in rows], shares, joined)

    def hidden(self, corpus: Corpus, stage: Stage | None = None) -> Iterator[np.ndarray]:
        """Yield a tagger's last hidden states at each word's first sub-word.

        Args:
            corpus: the sentences.
            stage: one that holds a tagger; None: the student.

        Yields:
            (words, hidden) for each sentence, in order.

        Raises:
            DataError: the tagger is not there any more.
        """
        rows = self._tagger(stage).states(corpus, lambda states: {"hidden": states.hidden})
        return (row["hidden"] for row in rows)

    def _tagger(self, stage: Stage | None) -> Tagger:
        if stage is not None and (stage.folder / TAGGER).is_dir():
            return self.workbench.load_tagger(stage.folder / TAGGER)
        if stage is not None or self.student is None:
            who = f"the tagger of '{stage.title}'" if stage else "the student"
            raise DataError(f"{who} is not in the cache any more; the same `xner train` makes it anew")
        return self.student


def taught(stages: Collection[Stage], teachers: Collection[FittedTeacher], last: Stage) -> tuple[FittedTeacher, ...]:
    """Return the teachers that the last stage learned from, or all where it is none that learns from teachers.

    Args:
        stages: all of the run.
        teachers: all that the method fitted.
        last: the stage that it returned.
    """
    heard = {stage.key for said in last.inputs for stage in (said, *said.inputs)}
    found = tuple(teacher for teacher in teachers if teacher.stage.key in heard)
    return found or tuple(teacher for teacher in teachers if teacher.stage.key in {stage.key for stage in stages})
