"""What is known of each cell that has a score, put together from the store."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from experiment import Job
from running import Cost, Finished
from store import MANIFEST, Store

from xner.comparing.record import Cell


@dataclass(frozen=True)
class Done:
    """A cell with a score.

    Args:
        job: which one.
        cell: its scores.
        commit: the code that did it.
        manifest: its run's manifest.
        costs: what its stages took, by key, and its scoring, by the job's name, where that was measured.
    """

    job: Job
    cell: Cell
    commit: str
    manifest: dict[str, Any]
    costs: dict[str, Cost]

    @property
    def keys(self) -> dict[str, str]:
        """The keys of its stages, with their titles."""
        return {stage["key"]: stage["title"] for stage in self.manifest["stages"]}

    @property
    def whole(self) -> bool:
        """Whether all that it took was measured."""
        return {*self.keys, self.job.name} <= {*self.costs}


def cells(jobs: Sequence[Job], store: Store) -> list[Cell]:
    """Return all cells that have ended."""
    return [known.cell for job in jobs if (known := store.load(Finished, job.name))]


def collect(jobs: Sequence[Job], store: Store) -> list[Done]:
    """Return all cells that have a score, in the order of the jobs."""
    found = []
    for job in jobs:
        known = store.load(Finished, job.name)
        file = store.run(job.name) / MANIFEST
        if known and known.cell.metrics and file.is_file():
            manifest = json.loads(file.read_text(encoding="utf-8"))
            names = [*(stage["key"] for stage in manifest["stages"]), job.name]
            costs = {name: cost for name in names if (cost := store.load(Cost, name))}
            cell = known.cell.model_copy(update={"folder": str(file.parent)})
            found.append(Done(job, cell, known.commit, manifest, costs))
    return found
