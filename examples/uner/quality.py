"""How well teachers' word vectors tell tags apart: on the source's dev, and after the fact on each target's test."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress

import numpy as np
from finished import View
from pydantic import BaseModel
from store import Store
from torch import Tensor

from xner.corpora.corpus import Corpus
from xner.errors import DataError
from xner.machine.progress import Progress
from xner.store.stages import TAGGER
from xner.tagging.states import WordStates
from xner.teachers.labelled import FittedTeacher
from xner.training.workbench import Workbench
from xner_mtmt.pair_auc import Among, WordPairs


class Quality(BaseModel):
    """AUC of "these two words have the same tag" by the cosine of their vectors; see `xner_mtmt.pair_auc`.

    Args:
        vectors: what they are.
        entities: among entity words; None if there are too few.
        outside: two alike entity words against an entity word and an O.
    """

    vectors: str
    entities: float | None
    outside: float | None


def measure(views: Sequence[View], corpora: Sequence[Corpus], store: Store, progress: Progress) -> None:
    """Measure the teachers of some cells, each once on every corpus."""
    pairs = [WordPairs.draw(corpus).narrowed() for corpus in corpora]
    teachers = {teacher.stage.key: (teacher, view.workbench) for view in views for teacher in view.teachers}
    for key, (teacher, workbench) in teachers.items():
        names = [place(key, corpus.language, corpus.split) for corpus in corpora]
        if all(store.load(Quality, name) for name in names):
            continue
        what, run = _vectors(teacher, workbench)
        for name, drawn in zip(names, pairs, strict=True):
            with progress.stage(f"word pairs of {drawn.corpus.title} by {teacher.name}"):
                taken = drawn.take(run(drawn.corpus.without_labels()))
                entities, outside = _auc(drawn, taken, "entities"), _auc(drawn, taken, "outside")
            store.save(name, Quality(vectors=what, entities=entities, outside=outside))


def place(key: str, language: str, split: str) -> str:
    """Return the name of the record of a teacher's stage on a corpus."""
    return f"{key}-{language}-{split}"


def _vectors(teacher: FittedTeacher, workbench: Workbench) -> tuple[str, Callable[[Corpus], Iterator[np.ndarray]]]:
    """Return what gives word vectors: those that a teacher teaches, or the hidden states of one that only tags."""
    if "vectors" in teacher.component.provides:
        teacher.component.restore(teacher.stage.folder, workbench)
        return teacher.name, lambda corpus: (row["vectors"] for row in teacher.component.label(corpus))
    states = workbench.load_tagger(teacher.stage.folder / TAGGER).states
    return f"{teacher.name}, hidden states", lambda corpus: (row["hidden"] for row in states(corpus, _hidden))


def _hidden(states: WordStates) -> dict[str, Tensor]:
    return {"hidden": states.hidden}


def _auc(pairs: WordPairs, taken: np.ndarray, among: Among) -> float | None:
    with suppress(DataError):
        return pairs.auc(taken, among)
    return None
