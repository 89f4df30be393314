"""What students change of what their teacher says, word by word, and what the teacher says of the unlabelled words."""

from collections.abc import Sequence

import numpy as np
from experiment import Job
from finished import View, predictions
from pydantic import BaseModel
from store import Store

from xner.errors import XnerError
from xner.labels import OUTSIDE
from xner.plugins import Plugins
from xner.progress import Progress

TEACHER = "direct"
"""The method that scores the teacher itself."""


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
        alpha_outside: the mean over these of the square of its top probability.
        alpha_entities: the same over all others; None if there are none.
    """

    words: int
    outside: float
    alpha_outside: float
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


def measure(jobs: Sequence[Job], store: Store, plugins: Plugins, progress: Progress) -> None:
    """Count the changes in all cells of one seed and target, of which one must be the teacher's."""
    teacher = next((job for job in jobs if job.config.method == TEACHER), None)
    if teacher is None:
        progress.say(f"no row of the method {TEACHER}, so nothing to hold students against")
        return
    view = View.of(teacher, plugins)
    gold, before = [sentence.tags or [] for sentence in view.test], predictions(teacher.request.folder)
    for job in jobs:
        if job is not teacher and (job.request.folder / "predictions.conll").is_file():
            store.save(job.name, count(gold, before, predictions(job.request.folder)))


def survey(job: Job, store: Store, plugins: Plugins) -> None:
    """Look at what the recognizer of a cell said of the unlabelled words.

    Raises:
        XnerError: it has said nothing.
    """
    signals = View.of(job, plugins).signals("probabilities")
    if signals is None:
        raise XnerError(f"{job.name}: no teacher has said anything of the unlabelled words")
    rows = [signals.row(number)["probabilities"] for number in range(len(signals))]
    alpha, outside = (
        np.concatenate(part) for part in zip(*((r.max(1) ** 2, r.argmax(1) == 0) for r in rows), strict=True)
    )
    store.save(
        job.name,
        Unlabelled(
            words=len(alpha),
            outside=float(outside.mean()),
            alpha_outside=float(alpha[outside].mean()),
            alpha_entities=None if outside.all() else float(alpha[~outside].mean()),
        ),
    )
