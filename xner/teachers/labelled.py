"""Target sentences with what teachers say of them: one teacher of a kind, or several that count as one."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce
from pathlib import Path

import numpy as np

from xner.corpora.corpus import Corpus
from xner.corpora.labels import LabelSet
from xner.decoding.bigrams import Bigrams
from xner.decoding.decoder import LEGAL, Decoder
from xner.decoding.noted import bigrams_of
from xner.errors import UsageError
from xner.store.ragged import Ragged
from xner.store.stages import TAGGER, Stage
from xner.teachers import language_similarity
from xner.teachers.signals import Signals
from xner.teachers.teacher import Teacher
from xner.training.workbench import Workbench

SIGNALS = "signals.arrow"
"""The file, inside a stage that labelled or refined, of the signals."""


@dataclass(frozen=True)
class FittedTeacher:
    """A teacher, and the stage that has what it learned.

    Args:
        name: what it is called; teachers of one name count as one.
        component: what labels.
        stage: what fitted it.
        source: the sentences that it was fitted on; None if it was a student.
        seed: of its training, where that is not the run's.
        reads: the name of the teacher whose tagger it reads, and in whose stage that is; "": it was fitted itself.
    """

    name: str
    component: Teacher
    stage: Stage
    source: Corpus | None = None
    seed: int | None = None
    reads: str = ""

    def title(self, several: bool) -> str:
        """Return what it is called in messages.

        Args:
            several: whether there are teachers of several source languages.
        """
        language = f" ({self.source.language})" if several and self.source else ""
        name = f"{self.name} of {self.reads}" if self.reads else self.name
        return f"{name}{language}{'' if self.seed is None else f', seed {self.seed},'}"


@dataclass(frozen=True)
class Shares:
    """How much the teachers of each of K sources count.

    Args:
        sources: the sources.
        scheme: the setting `combination.weights`.
        stage: what weighed every sentence of the target; None where all teachers count the same.
    """

    sources: tuple[Corpus, ...]
    scheme: str
    stage: Stage | None = None

    def read(self, sentences: int) -> np.ndarray:
        """Return the weights (sentences, K); every row sums to one."""
        shape = sentences, len(self.sources)
        if self.stage is None:
            return np.broadcast_to(1 / len(self.sources), shape)
        weights = language_similarity.read(self.stage.folder)
        return weights if self.scheme == "sentence-similarity" else np.broadcast_to(weights.mean(0), shape)


@dataclass(frozen=True)
class Labelled:
    """Target sentences with the signals of one or several teachers, and with what refiners made of these.

    Args:
        target: the sentences.
        teachers: who labelled them.
        stages: the labelling stages, one a teacher.
        shares: how much each counts, where teachers of one kind were fitted on several sources.
        refined: the stages of the refiners, in their order.
        columns: the columns that there are.
        refiners: the names of the refiners, in their order.
    """

    target: Corpus
    teachers: tuple[FittedTeacher, ...]
    stages: tuple[Stage, ...]
    shares: Shares | None = None
    refined: tuple[Stage, ...] = ()
    columns: tuple[str, ...] = ()
    refiners: tuple[str, ...] = ()

    def with_readers(self, readers: Sequence[FittedTeacher], stages: Sequence[Stage]) -> "Labelled":
        """Return the same sentences with what teachers say who read the taggers of others.

        Args:
            readers: these teachers.
            stages: their labelling stages.
        """
        return replace(self, teachers=(*self.teachers, *readers), stages=(*self.stages, *stages))

    def with_refined(self, refiner: str, stage: Stage, columns: Sequence[str]) -> "Labelled":
        """Return the same sentences with the columns that a refiner made."""
        columns = tuple(dict.fromkeys([*self.columns, *columns]))
        refined, refiners = (*self.refined, stage), (*self.refiners, refiner)
        return replace(self, refined=refined, columns=columns, refiners=refiners)

    def student_title(self, tasks: Sequence[str], weighting: str, number: int) -> str:
        """Return what the training of a student is called, for people.

        Args:
            tasks: its auxiliary tasks.
            weighting: of its words and pairs.
            number: of several students; 0: it has none.
        """
        student = f"student {number}" if number else "student"
        return f"{student} on {self.target.language} ({' + '.join(['tags', *tasks])}, {weighting})"

    @property
    def inputs(self) -> tuple[Stage, ...]:
        """The stages that the signals are read from."""
        weighed = (self.shares.stage,) if self.shares and self.shares.stage else ()
        return (*self.stages, *weighed, *self.refined)

    def identity(self) -> dict[str, object]:
        """Return what the signals depend on."""
        shares = [self.shares.scheme] if self.shares else []
        return {"signals": [stage.key for stage in self.inputs], "shares": shares}

    def signals(self) -> Signals:
        """Map the signals into memory; what several teachers say is combined when it is read."""
        files = [Ragged(stage.folder / SIGNALS) for stage in self.stages]
        embeddings = {name for teacher in self.teachers for name in teacher.component.embeddings}
        refined = [Ragged(stage.folder / SIGNALS) for stage in self.refined]
        return Signals(files, [teacher.name for teacher in self.teachers], self._weights(), embeddings, refined)

    def signalled(self, workbench: Workbench) -> tuple[Signals, Decoder]:
        """Return what the teachers say, and what would choose tags of it.

        Args:
            workbench: has the run's label set and its rule of decoding.
        """
        decoder = Decoder(workbench.labels, workbench.decoding, self.bigrams(workbench.labels))
        # refiners choose tags by one rule whatever the run's is, so that another one needs no other student
        return replace(self.signals(), seed=workbench.seed, decoder=replace(decoder, settings=LEGAL)), decoder

    def bigrams(self, labels: LabelSet) -> Bigrams | None:
        """Return the tag bigrams that the teachers know from their sources, added up; None if none knows any.

        Args:
            labels: the run's label set.
        """
        folders = dict.fromkeys(teacher.stage.folder / TAGGER for teacher in self.teachers)  # who reads has another's
        known = [found for folder in folders if folder.is_dir() and (found := bigrams_of(folder, labels))]
        return reduce(Bigrams.__add__, known) if known else None

    def _weights(self) -> np.ndarray:
        """Return how much each of F teachers counts among those of its name: (F,) or (sentences, F)."""
        alike = Counter((teacher.name, _source(teacher)) for teacher in self.teachers)  # but for their seeds
        even = np.array([1 / alike[teacher.name, _source(teacher)] for teacher in self.teachers])
        if self.shares is None:
            return even
        weights = self.shares.read(len(self.target))
        place = {source.fingerprint: number for number, source in enumerate(self.shares.sources)}
        several = {name for name, _ in alike if sum(kind == name for kind, _ in alike) > 1}
        whole = np.ones(len(weights))
        columns = [
            weights[:, place[_source(teacher)]] if teacher.name in several else whole for teacher in self.teachers
        ]
        weighted: np.ndarray = np.stack(columns, axis=1) * even
        return weighted

    def tagger(self) -> Path:
        """Return the tagger that a student starts from: that of the teacher that counts most, of equals the first.

        Raises:
            UsageError: no teacher is a tagger.
        """
        shares = {}
        if self.shares is not None:
            means = self.shares.read(len(self.target)).mean(0)
            shares = {source.fingerprint: mean for source, mean in zip(self.shares.sources, means, strict=True)}
        for teacher in sorted(self.teachers, key=lambda teacher: -shares.get(_source(teacher), 0)):
            if (teacher.stage.folder / TAGGER).is_dir():
                return teacher.stage.folder / TAGGER
        raise UsageError(
            "student.start = teacher, but no teacher of this method is a tagger; set student.start = encoder"
        )


def sources_of(teachers: Sequence[FittedTeacher]) -> tuple[Corpus, ...]:
    """Return the sources of teachers of one name that were fitted on several; none if each name has one source.

    Raises:
        UsageError: a teacher is there twice, or not all kinds that have several sources have the same.
    """
    kinds = dict[str, dict[str, Corpus]]()
    for teacher in teachers:
        if teacher.source is not None:
            kinds.setdefault(teacher.name, {}).setdefault(teacher.source.fingerprint, teacher.source)
    several = {name: sources for name, sources in kinds.items() if len(sources) > 1}
    twice = len({teacher.stage.key for teacher in teachers}) < len(teachers)
    if twice or len({tuple(sources) for sources in several.values()}) > 1:
        names = ", ".join(several or dict.fromkeys(teacher.name for teacher in teachers))
        raise UsageError(
            f"teachers of one kind must differ in their source or their seed, and all kinds have the same sources: "
            f"{names}"
        )
    return tuple(next(iter(several.values()), {}).values())


def _source(teacher: FittedTeacher) -> str:
    return teacher.source.fingerprint if teacher.source else ""
