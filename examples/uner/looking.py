"""Looking at what came out of one seed: teachers, changes, weights. One look that fails does not lose the others."""

import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import changes
import quality
import weights
from experiment import Experiment, Job
from finished import View
from running import Cost
from store import Store

from xner.machine.progress import Progress
from xner.plugin.manager import Plugins


def look(what: Experiment, jobs: Sequence[Job], store: Store, plugins: Plugins, progress: Progress) -> None:
    """Look at the cells of one seed, and write down what is seen.

    Args:
        what: the experiment; its first seed is looked at most closely.
        jobs: the cells.
        store: where to.
        plugins: the loaded plugins.
        progress: reports progress.
    """
    started, seed = time.monotonic(), jobs[0].seed
    views = dict[str, View]()
    for target in what.targets:
        here = [job for job in jobs if job.target == target]
        job = next((job for job in here if job.row == what.weights), here[0])
        with _told(progress, f"what came out on {target}, seed {seed}"):
            views[target] = view = View.of(job, plugins)
            changes.measure(here, view.test, store)
        if job.row != what.weights:
            continue
        with _told(progress, f"what the teacher says of {target}, seed {seed}"):
            changes.survey(job.name, view, store)
        if seed == what.seeds[0]:
            with _told(progress, f"weights on {target}, seed {seed}"):
                weights.measure(job.name, view, store)
    with _told(progress, f"word pairs, seed {seed}"):
        first = [View.of(job, plugins) for job in jobs if job.target == what.targets[0]]
        devs = {dev.language: dev for view in first for dev in view.devs}
        quality.measure(first, [*devs.values(), *(view.some for view in views.values())], store, progress)
    before = store.load(Cost, place(jobs[0]))
    seconds = time.monotonic() - started + (before.seconds if before else 0)
    store.save(place(jobs[0]), Cost(title="looking", seconds=seconds, peak_memory_mb=0))


def place(first: Job) -> str:
    """Return the name of the record of what it took to look at the cells of one seed, by the first of them."""
    return f"looking-{first.name}"


@contextmanager
def _told(progress: Progress, title: str) -> Iterator[None]:
    """Say what is looked at; whatever goes wrong is told, and its table will lack a line."""
    progress.say(title)
    try:
        yield
    except Exception:
        traceback.print_exc()
