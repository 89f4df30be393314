"""Target sentences with what teachers say of them: one teacher of a kind, or one for each source language."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from xner.corpora.corpus import Corpus
from xner.errors import UsageError
from xner.store.ragged import Ragged
from xner.store.stages import TAGGER, Stage
from xner.teachers import language_similarity
from xner.teachers.combination import Combined
from xner.teachers.signals import Signals
from xner.teachers.teacher import Teacher

SIGNALS = "signals.arrow"
"""The file, inside a stage that labelled, of a teacher's signals."""


@dataclass(frozen=True, kw_only=True)
class FittedTeacher(Stage):
    """A stage that fitted a teacher; `component` and `name` tell which, and `source` on what."""

    name: str
    component: Teacher
    source: Corpus


@dataclass(frozen=True)
class Shares:
    """How much the teachers of each of K sources count.

    Args:
        sources: the sources.
        weights: the setting `combination.weights`.
        stage: what weighed every sentence of the target; None where all teachers count the same.
    """

    sources: tuple[Corpus, ...]
    weights: str
    stage: Stage | None = None

    def read(self, sentences: int) -> np.ndarray:
        """Return the weights (sentences, K); every row sums to one."""
        shape = sentences, len(self.sources)
        if self.stage is None:
            return np.broadcast_to(1 / len(self.sources), shape)
        weights = language_similarity.read(self.stage.folder)
        return weights if self.weights == "sentence-similarity" else np.broadcast_to(weights.mean(0), shape)


@dataclass(frozen=True)
class Labelled:
    """Target sentences with the signals of one or several teachers.

    Args:
        target: the sentences.
        teachers: who labelled them.
        stages: the labelling stages, one a teacher.
        shares: how much each counts, where teachers of one kind were fitted on several sources.
    """

    target: Corpus
    teachers: tuple[FittedTeacher, ...]
    stages: tuple[Stage, ...]
    shares: Shares | None = None

    def signals(self) -> Signals:
        """Map the signals into memory; what several teachers say is combined when it is read."""
        embeddings = {name for teacher in self.teachers for name in teacher.component.embeddings}
        if self.shares is None:
            return Signals.open((stage.folder / SIGNALS for stage in self.stages), embeddings)
        weights, kinds = self.shares.read(len(self.target)), dict[str, list[Ragged]]()
        for teacher, stage in zip(self.teachers, self.stages, strict=True):
            kinds.setdefault(teacher.name, []).append(Ragged(stage.folder / SIGNALS))
        combined = [files[0] if len(files) == 1 else Combined(files, weights, embeddings) for files in kinds.values()]
        return Signals(combined, embeddings)

    def tagger(self) -> Path:
        """Return the tagger that a student starts from: that of the teacher that counts most, of equals the first.

        Raises:
            UsageError: no teacher is a tagger.
        """
        shares = {}
        if self.shares is not None:
            means = self.shares.read(len(self.target)).mean(0)
            shares = {source.fingerprint: mean for source, mean in zip(self.shares.sources, means, strict=True)}
        for teacher in sorted(self.teachers, key=lambda teacher: -shares.get(teacher.source.fingerprint, 0)):
            if (teacher.folder / TAGGER).is_dir():
                return teacher.folder / TAGGER
        raise UsageError(
            "student.start = teacher, but no teacher of this method is a tagger; set student.start = encoder"
        )


def sources_of(teachers: Sequence[FittedTeacher]) -> tuple[Corpus, ...]:
    """Return the sources of teachers of one name that were fitted on several; none if each name occurs once.

    Raises:
        UsageError: they are not one teacher for each source.
    """
    kinds = dict[str, list[Corpus]]()
    for teacher in teachers:
        kinds.setdefault(teacher.name, []).append(teacher.source)
    several = {name: sources for name, sources in kinds.items() if len(sources) > 1}
    found = {tuple(source.fingerprint for source in sources) for sources in several.values()}
    if any(len(set(sources)) < len(sources) for sources in found) or len(found) > 1:
        raise UsageError(
            f"teachers of one kind must be fitted on one source each, and all kinds on the same: {', '.join(several)}"
        )
    return tuple(next(iter(several.values()), ()))
