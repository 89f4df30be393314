"""How well teachers' word vectors tell tags apart: on the source's dev, and after the fact on each target's test."""

from collections.abc import Sequence
from contextlib import suppress

import numpy as np
from experiment import Job
from finished import View, vectors
from pydantic import BaseModel
from store import Store

from xner.errors import DataError
from xner.plugins import Plugins
from xner.progress import Progress
from xner_mtmt.pair_auc import Among, WordPairs


class Quality(BaseModel):
    """AUC of "these two words have the same tag" by the cosine of their vectors; see `xner_mtmt.pair_auc`.

    Args:
        teacher: whose vectors.
        entities: among entity words; None if there are too few.
        outside: two alike entity words against an entity word and an O.
    """

    teacher: str
    entities: float | None
    outside: float | None


def measure(jobs: Sequence[Job], store: Store, plugins: Plugins, progress: Progress) -> None:
    """Measure the teachers of the cells of one seed, each once on every corpus."""
    views = [View.of(job, plugins) for job in jobs if job.target == jobs[0].target]
    teachers = {teacher.key: (teacher, view.bench) for view in views for teacher in view.teachers}
    tests = [View.of(job, plugins).some for job in jobs if job.row == jobs[0].row]
    for corpus in (views[0].dev, *tests):
        pairs = WordPairs.draw(corpus)
        for key, (teacher, bench) in teachers.items():
            name = place(key, corpus.language, corpus.split)
            if store.load(Quality, name) is None:
                with progress.stage(f"word pairs of {corpus.title} by {teacher.name}"):
                    taken = pairs.take(vectors(teacher, bench, corpus))
                entities, outside = _auc(pairs, taken, "entities"), _auc(pairs, taken, "outside")
                store.save(name, Quality(teacher=teacher.name, entities=entities, outside=outside))


def place(key: str, language: str, split: str) -> str:
    """Return the name of the record of a teacher's stage on a corpus."""
    return f"{key}-{language}-{split}"


def _auc(pairs: WordPairs, taken: np.ndarray, among: Among) -> float | None:
    with suppress(DataError):
        return pairs.auc(taken, among)
    return None
