"""What a finished cell was made of: its corpora and the teachers that its method fitted, found by a dry run."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from experiment import Job

from xner.corpora.corpus import Corpus
from xner.errors import DataError
from xner.machine.progress import Progress
from xner.plugin.manager import Plugins
from xner.runs.prepared import prepare
from xner.store.stages import Stage
from xner.teachers.combination import combine
from xner.teachers.labelled import SIGNALS, FittedTeacher
from xner.teachers.signals import Signals
from xner.training.workbench import Workbench

_SENTENCES = 1000
"""So many sentences of a test split are enough to judge teachers by."""


@dataclass(frozen=True)
class View:
    """A cell's parts.

    Args:
        workbench: what its teachers were trained with.
        stages: what its method did.
        teachers: the fitted ones that are done.
        devs: the dev sentences of each source language.
        target: the unlabelled sentences.
        test: the target's test sentences.
    """

    workbench: Workbench
    stages: tuple[Stage, ...]
    teachers: tuple[FittedTeacher, ...]
    devs: tuple[Corpus, ...]
    target: Corpus
    test: Corpus

    @classmethod
    def of(cls, job: Job, plugins: Plugins) -> "View":
        """Find a cell's parts; nothing is computed.

        Raises:
            XnerError: a corpus is not there.
        """
        config, prepared = job.config, prepare(job.config, plugins, Progress(quiet=True))
        corpora = prepared.corpora
        source = prepared.components.corpus(config.source.dev_dataset or config.source.dataset)
        devs = [source.load(language, config.source.dev_split) for language in config.source.languages]
        label_map = config.labels.to_map()
        if corpora.test is None:
            raise DataError(f"{corpora.target}: there is no labelled test split")
        return cls(
            prepared.context.workbench,
            prepared.plan.stages,
            tuple(teacher for teacher in prepared.plan.fitted if teacher.stage.done),
            tuple(dev.relabel(label_map) for dev in devs),
            corpora.target,
            corpora.test,
        )

    @property
    def some(self) -> Corpus:
        """Some of the test sentences, the same ones every time."""
        return self.test.limit(_SENTENCES, seed=0)

    @property
    def embeddings(self) -> set[str]:
        """The columns that are joined where several teachers give them; all others are averaged."""
        return {column for teacher in self.teachers for column in teacher.component.embeddings}

    def signals(self, column: str) -> Signals | None:
        """Return what the teachers of a column said of the unlabelled sentences; None if they said nothing."""
        saying = {teacher.stage.key for teacher in self.teachers if column in teacher.component.provides}
        files = [
            stage.folder / SIGNALS
            for stage in self.stages
            if stage.done and (stage.folder / SIGNALS).is_file() and {needed.key for needed in stage.inputs} & saying
        ]
        return Signals.open(files, self.embeddings) if files else None

    def say(self, column: str, corpus: Corpus) -> Iterator[np.ndarray]:
        """Let the teachers of a column speak of any corpus, as one: (words, width) for each sentence.

        Raises:
            DataError: there is none.
        """
        teachers = [teacher for teacher in self.teachers if column in teacher.component.provides]
        if not teachers:
            raise DataError(f"no teacher gives '{column}'")
        for teacher in teachers:
            teacher.component.restore(teacher.stage.folder, self.workbench)
        shares = np.full(len(teachers), 1 / len(teachers))
        bare = corpus.without_labels()
        for rows in zip(*(teacher.component.label(bare) for teacher in teachers), strict=True):
            yield combine([row[column] for row in rows], shares, column in self.embeddings)
