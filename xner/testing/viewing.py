"""A finished run on tiny corpora, as sections look at it: a teacher that tags, its signals, and a student."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from xner.corpora.corpus import Corpus
from xner.reporting.view import RunView
from xner.store.integrity.stage import seal
from xner.store.stages import TAGGER, Stage
from xner.teachers.labelled import FittedTeacher
from xner.teachers.recognizer import Recognizer
from xner.testing.tiny import tiny_corpus
from xner.training.trackers import write_curves
from xner.training.workbench import Workbench

_PROBABILITIES = "probabilities"
Column = Callable[[str, int], Tensor]
"""From a signal's name and a number of words to their signals."""


class Speaker(Recognizer):
    """A teacher that tags, and gives further signals as a function of each word has them.

    Args:
        columns: their names.
        column: from a name and a number of words to (words, width).
    """

    def __init__(self, columns: Collection[str], column: Column) -> None:
        super().__init__()
        self.provides = (_PROBABILITIES, *sorted({*columns} - {_PROBABILITIES}))  # type: ignore[misc]  # of this one
        self.column = column

    def label(self, target: Corpus) -> Iterator[Mapping[str, np.ndarray]]:
        """Yield the probabilities of the tagger, and of each word always the same of the others."""
        forms = sorted({token for sentence in target for token in sentence.tokens})
        known = {name: self.column(name, len(forms) + 1).numpy() for name in self.provides[1:]}
        for sentence, said in zip(target, super().label(target), strict=True):
            places = [forms.index(token) for token in sentence.tokens]
            yield {**said, **{name: values[places] for name, values in known.items()}}


def tiny_view(workbench: Workbench, folder: Path, columns: Collection[str], column: Column) -> RunView:
    """Return a view of a run whose taggers have random heads, so that what they say differs; nothing is trained.

    Args:
        workbench: over a tiny encoder.
        folder: where its stages go.
        columns: the signals that its teacher gives beside probabilities.
        column: what these are.
    """
    teacher = Stage("teacher speaker on en", "0" * 20, folder / "teacher")
    said = Stage("signals of speaker on xx", "1" * 20, folder / "signals", (teacher,))
    student = Stage("student on xx (tags, uniform)", "2" * 20, folder / "student", (said, teacher))
    component, source, test = Speaker(columns, column), tiny_corpus(), tiny_corpus("xx", "test")
    for seed, stage in enumerate((teacher, student)):
        stage.folder.mkdir(parents=True)
        replace(workbench, seed=seed).new_tagger().save(stage.folder / TAGGER)
        write_curves(stage.folder, [{"epoch": n, "step": 10 * n, "loss": 1 / n} for n in (1, 2)])
        seal(stage.folder, {"title": stage.title}, "")
    tagger = workbench.load_tagger(student.folder / TAGGER)
    return RunView(
        workbench=workbench,
        stages=(teacher, said, student),
        teachers=(FittedTeacher("speaker", component, teacher, source),),
        sources=(source,),
        target=tiny_corpus("xx").without_labels(),
        test=test,
        tags=tagger.tags(test),
        student=tagger,
    )


def random_column(name: str, words: int) -> Tensor:
    """Return a signal of words, the same ones for as many words: of width 4, or 1 for a weight."""
    generator = torch.Generator().manual_seed(len(name))
    return torch.randn(words, 1 if name == "weight" else 4, generator=generator)
