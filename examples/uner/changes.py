"""What students change of what their teacher says, word by word, and what the teacher says of the unlabelled words."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from experiment import Job
from finished import View
from pydantic import BaseModel
from store import Store

from xner.corpora.corpus import Corpus
from xner.corpora.formats.options import ReadOptions
from xner.corpora.formats.reading import read
from xner.corpora.labels import OUTSIDE

TEACHER = "direct"
"""The row that scores the teacher itself."""


class Changes(BaseModel):
    """Words of a test split whose tag a student changes against its teacher, by what the gold says.

    Args:
        mended: wrong before, right after: entity words, and O words.
        spoilt: right before, wrong after: entity words, and O words.
        other: wrong before and after, but another tag.
    """

    words: int
    mended: tuple[int, int]
    spoilt: tuple[int, int]
    other: int


class Unlabelled(BaseModel):
    """What the recognizer says of the target's unlabelled words.

    Args:
        words: how many there are.
        outside: the share that it takes for O.
        alpha_outside: the mean over these of the square of its top probability; None if there are none.
        alpha_entities: the same over all others.
    """

    words: int
    outside: float
    alpha_outside: float | None
    alpha_entities: float | None


def count(gold: Sequence[Sequence[str]], before: Sequence[Sequence[str]], after: Sequence[Sequence[str]]) -> Changes:
    """Compare the tags of a teacher and of its student with the gold, word by word."""
    right, one, two = (np.array([tag for sentence in side for tag in sentence]) for side in (gold, before, after))
    entity = right != OUTSIDE
    mended, spoilt = (one != right) & (two == right), (one == right) & (two != right)
    return Changes(
        words=len(right),
        mended=(int((mended & entity).sum()), int((mended & ~entity).sum())),
        spoilt=(int((spoilt & entity).sum()), int((spoilt & ~entity).sum())),
        other=int(((one != two) & (one != right) & (two != right)).sum()),
    )


def measure(jobs: Sequence[Job], test: Corpus, store: Store) -> None:
    """Count the changes in all cells of one seed and target, if one of them is the teacher's.

    Args:
        jobs: the cells.
        test: the labelled sentences that they were scored on.
        store: where to write it down.
    """
    teacher = next((job for job in jobs if job.row == TEACHER), None)
    if teacher is None:
        return
    gold, before = [sentence.tags or [] for sentence in test], predictions(teacher.request.folder)
    for job in jobs:
        if job is not teacher and (job.request.folder / "predictions.conll").is_file():
            store.save(job.name, count(gold, before, predictions(job.request.folder)))


def predictions(folder: Path) -> list[list[str]]:
    """Return the tags that a run's student gave to the test sentences."""
    return [sentence.tags or [] for sentence in read(folder / "predictions.conll", ReadOptions())]


def survey(name: str, view: View, store: Store) -> None:
    """Look at what the recognizer of a cell said of the unlabelled words, if it has said anything."""
    signals = view.signals("probabilities")
    if signals is None:
        return
    rows = [signals.row(number)["probabilities"] for number in range(len(view.target))]
    alpha = np.concatenate([row.max(1) ** 2 for row in rows])
    outside = np.concatenate([row.argmax(1) == 0 for row in rows])
    said = Unlabelled(
        words=len(alpha),
        outside=float(outside.mean()),
        alpha_outside=_mean(alpha[outside]),
        alpha_entities=_mean(alpha[~outside]),
    )
    store.save(name, said)


def _mean(values: np.ndarray) -> float | None:
    return float(values.mean()) if len(values) else None
