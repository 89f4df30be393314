"""Each cell's score if its student's tags were chosen word by word: what its decoding is worth."""

import statistics
from collections.abc import Mapping, Sequence

from experiment import Job
from pydantic import BaseModel
from store import Store

from xner.decoding.decoder import ARGMAX
from xner.errors import DataError
from xner.machine.progress import Progress
from xner.plugin.manager import Plugins
from xner.runs.loading import Library
from xner.runs.prepared import prepare
from xner.scoring.scores import Metrics, tag_and_score
from xner.store.stages import TAGGER


class Argmax(BaseModel):
    """The scores of a cell by the rule argmax."""

    metrics: Metrics


def score(job: Job, store: Store, plugins: Plugins, library: Library) -> None:
    """Score a finished cell by argmax, unless that is done.

    Args:
        job: the cell; its student must still be in the stage cache.
        store: where to.
        plugins: the loaded plugins.
        library: corpora that were read before.

    Raises:
        XnerError: the student or the test split is not there.
    """
    if store.load(Argmax, job.name):
        return
    prepared = prepare(job.config, plugins, Progress(quiet=True), library=library)
    if prepared.corpora.test is None:
        raise DataError(f"{prepared.corpora.target}: there is no labelled test split")
    tagger = prepared.context.workbench.load_tagger(prepared.plan.last.folder / TAGGER)
    tagger.decoding = ARGMAX
    store.save(job.name, Argmax(metrics=tag_and_score(tagger, prepared.corpora.test, job.config.scoring.rule).metrics))


def means(jobs: Sequence[Job], store: Store) -> Mapping[tuple[str, str], float]:
    """Return the mean F1 by argmax over the seeds, for each row and target that has any."""
    found = dict[tuple[str, str], list[float]]()
    for job in jobs:
        if known := store.load(Argmax, job.name):
            found.setdefault((job.row, job.target), []).append(known.metrics.overall.f1)
    return {place: statistics.fmean(scores) for place, scores in found.items()}
