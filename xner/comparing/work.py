"""What a cell of a comparison is made of: planning, computing a stage, scoring; in this process or in another."""

import platform
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from uuid import uuid4

from xner.comparing.record import Cell
from xner.errors import DataError, XnerError
from xner.machine.memory import forget_peak, peak_memory
from xner.machine.progress import Progress
from xner.plugin.manager import Plugins
from xner.runs.loading import Library
from xner.runs.prepared import Prepared, prepare, scoring
from xner.runs.run import claimed, complete, finished
from xner.runs.settings import RunConfig


@dataclass(frozen=True)
class Request:
    """A cell that is wanted.

    Args:
        config: its settings.
        folder: its run folder.
        before: what an earlier start of the same comparison made of it.
    """

    config: RunConfig
    folder: Path
    before: Cell | None = None

    @property
    def cell(self) -> Cell:
        """The cell, still without scores."""
        config = self.config
        return Cell(method=config.title, target=config.target.language, seed=config.seed, folder=str(self.folder))

    def failed(self, problem: str) -> Cell:
        """Return the cell with the reason why it has no scores."""
        return self.cell.model_copy(update={"problem": problem})

    @property
    def title(self) -> str:
        """What it is, for people."""
        return f"{self.config.title} on {self.config.target.language}, seed {self.config.seed}"


@dataclass(frozen=True)
class MissingStage:
    """A stage that a cell needs and that is not done: its title, its key, and the keys of the stages it builds on."""

    title: str
    key: str
    needs: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """What is to be done for a cell: nothing if it is `finished`, else these of its stages (`keys`) and the scoring.

    Args:
        finished: whether its run folder is there.
        scoring: what the scoring is called.
        steps: the stages that are not done.
        keys: all stages.
        told: what was found damaged, a line for each.
        unused: what was set without any effect on the cell, a line for each.
    """

    finished: bool = False
    scoring: str = ""
    steps: tuple[MissingStage, ...] = ()
    keys: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()


class CellWork:
    """The jobs that cells are made of; another process loads plugins and corpora anew, once for all of them, silently.

    Args:
        plugins: the loaded plugins.
        progress: reports progress.
        library: corpora that were read before.
    """

    def __init__(self, plugins: Plugins, progress: Progress, library: Library) -> None:
        self._plugins, self._progress, self._library = plugins, progress, library
        self._comparison = uuid4().hex

    def __reduce__(self) -> tuple[Callable[[str], "CellWork"], tuple[str]]:
        return _elsewhere, (self._comparison,)

    def plan(self, request: Request) -> Plan:
        """Return what is to be done for a cell; nothing is computed, but what is damaged is set aside.

        Raises:
            XnerError: the run cannot be done, or there is nothing to score it on.
        """
        prepared = self._prepared(request)
        if prepared.corpora.test is None:
            target = request.config.target
            raise DataError(
                f"{target.test_dataset or target.dataset} {target.language}: no labelled split '{target.test_split}', "
                "so there is nothing to compare by; name a corpus or a split that has labels with target.test_dataset "
                "or target.test_split, or train without scores: xner train"
            )
        if request.before and finished(request.folder, prepared):
            return Plan(finished=True, unused=prepared.unused)
        told = list[str]()
        store = replace(prepared.context.store, tell=told.append)
        to_do = {stage.key: stage for stage in prepared.plan.stages if not store.ready(stage)}
        return Plan(
            scoring=scoring(prepared.corpora.test),
            steps=tuple(
                MissingStage(stage.title, key, tuple(needed.key for needed in stage.inputs if needed.key in to_do))
                for key, stage in to_do.items()
            ),
            keys=tuple(stage.key for stage in prepared.plan.stages),
            told=tuple(told),
            unused=prepared.unused,
        )

    def compute(self, request: Request, key: str) -> int:
        """Do a stage, and return the peak memory of that.

        Raises:
            XnerError: something that the user can mend; among it that this machine's run has no such stage.
        """
        forget_peak()
        prepared = self._prepared(request)
        if key not in [stage.key for stage in prepared.plan.stages]:
            raise XnerError(
                f"{platform.node()}: this run has no stage {key} here; corpora, code and versions must be the same for "
                "all workers, and the precision too: --set precision=fp32"
            )
        with prepared.context.store.in_use(prepared.plan.stages):
            prepared.run(only=key)
        return peak_memory()

    def score(self, request: Request) -> Cell:
        """Do a cell's run, with whatever of its stages is not done yet.

        Raises:
            XnerError: something that the user can mend.
        """
        started = time.monotonic()
        forget_peak()
        folder = claimed(request.config, request.folder)
        run = complete(self._prepared(request), folder, started, keep_student=False)
        took = {"seconds": run.seconds, "peak_memory_mb": run.peak_memory_mb}
        return request.cell.model_copy(update={"metrics": run.metrics, "notes": run.notes, **took})

    def _prepared(self, request: Request) -> Prepared:
        return prepare(request.config, self._plugins, self._progress, request.folder, self._library)


@lru_cache(maxsize=1)
def _elsewhere(comparison: str) -> CellWork:
    """Return the work of another process; all of its calls for one comparison share it, and what it has read."""
    return CellWork(Plugins.load(), Progress(quiet=True), Library())
