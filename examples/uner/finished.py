"""What a finished cell was made of: its corpora and the teachers that its method fitted, found by a dry run."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from experiment import Job

from xner.components import Components
from xner.corpus import Corpus
from xner.errors import DataError
from xner.labelled import SIGNALS, FittedTeacher
from xner.plugins import Plugins
from xner.progress import Progress
from xner.ragged import Ragged
from xner.runs import execute
from xner.stages import Stage
from xner.workbench import Workbench

_SENTENCES = 1000
"""So many sentences of a test split are enough to judge teachers by."""


@dataclass(frozen=True)
class View:
    """A cell's parts.

    Args:
        bench: what its teachers were trained with.
        stages: what its method did.
        dev: the source's dev sentences.
        test: the target's test sentences.
    """

    bench: Workbench
    stages: tuple[Stage, ...]
    dev: Corpus
    test: Corpus

    @classmethod
    def of(cls, job: Job, plugins: Plugins) -> "View":
        """Find a cell's parts; nothing is computed.

        Raises:
            XnerError: a corpus is not there.
        """
        config, components = job.config, Components(plugins, job.config)
        data, context, _ = execute(config, components, Progress(quiet=True), dry=True)
        source = components.corpus(config.source.dev_dataset or config.source.dataset)
        dev = source.load(config.source.languages[0], config.source.dev_split).relabel(config.labels.to_map())
        if data.test is None:
            raise DataError(f"{data.target}: there is no labelled test split")
        return cls(context.bench, tuple(context.stages), dev, data.test)

    @property
    def teachers(self) -> list[FittedTeacher]:
        """The fitted teachers that are done."""
        return [stage for stage in self.stages if isinstance(stage, FittedTeacher) and stage.done]

    @property
    def some(self) -> Corpus:
        """Some of the test sentences, the same ones every time."""
        return self.test.limit(_SENTENCES, seed=0)

    def signals(self, column: str) -> Ragged | None:
        """Return what the teacher of a column said of the unlabelled sentences; None if it has said nothing."""
        for stage in self.stages:
            teacher = stage.inputs[0] if len(stage.inputs) == 1 else None
            if isinstance(teacher, FittedTeacher) and column in teacher.component.provides and stage.done:
                return Ragged(stage.folder / SIGNALS)
        return None

    def say(self, column: str, corpus: Corpus) -> Iterator[np.ndarray]:
        """Let the teacher of a column speak of any corpus: (words, width) for each sentence.

        Raises:
            DataError: there is none.
        """
        for teacher in self.teachers:
            if column in teacher.component.provides:
                teacher.component.restore(teacher.folder, self.bench)
                return (row[column] for row in teacher.component.label(corpus.without_labels()))
        raise DataError(f"no teacher gives '{column}'")
