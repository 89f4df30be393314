"""Measurement: a run of xner, stage by stage, through its Python interface."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any
from unittest import mock

import psutil

from xner.machine.progress import Progress
from xner.plugin.manager import Plugins
from xner.runs import run as runs
from xner.runs.components import Components
from xner.runs.mixing import configure
from xner.students import batch as pairing
from xner.students import distillation
from xner.tagging.encoder import Encoder
from xner.tagging.tagger import Tagger

_LOOK_SECONDS = 0.05


def run(settings: Mapping[str, Any], out: str) -> dict[str, Any]:
    """Do a run and measure its stages.

    Args:
        settings: of the run, by dotted name.
        out: its run folder.

    Returns:
        "stages", in order: title, folder, seconds, the seconds of these that loading models took, peak_mb and
        peak_anonymous_mb (without mapped files) of the process's memory; "start": the same two before the run;
        "pairs": how many different word pairs the student saw; "f1" of the scored split, None if there is none.
    """
    plugins = Plugins.load()
    config = configure(plugins, settings)
    clock = Clock()
    with Peak() as start:
        pass
    with clock.watching(type(Components(plugins, config).encoder())):
        done = runs.train(config, plugins, Path(out), clock)
    found = {stage.title: str(stage.folder) for stage in done.stages}
    return {
        "stages": [{"folder": found.get(stage["title"], ""), **stage} for stage in clock.stages],
        "start": start.megabytes(),
        "pairs": clock.pairs,
        "f1": done.metrics.overall.f1 if done.metrics else None,
    }


class Clock(Progress):
    """Takes the time of stages, and of the loading of models inside them."""

    def __init__(self) -> None:
        super().__init__(quiet=True)
        self.stages: list[dict[str, Any]] = []
        self.loading = 0.0
        self.pairs = 0

    @contextmanager
    def stage(self, title: str) -> Iterator[None]:
        """Measure a stage."""
        loading, started = self.loading, time.perf_counter()
        with Peak() as peak:
            yield
        seconds = time.perf_counter() - started
        taken = {"title": title, "seconds": seconds, "loading": self.loading - loading}
        self.stages.append({**taken, **peak.megabytes()})

    @contextmanager
    def watching(self, encoder: type[Encoder]) -> Iterator[None]:
        """Take note of the time that models take to load, and of the pairs that are drawn."""
        with (
            mock.patch.object(encoder, "load", self._timed(encoder.load)),
            mock.patch.object(Tagger, "load", self._timed(Tagger.load)),
            mock.patch.object(distillation, "draw", self._counted(pairing.draw)),
        ):
            yield

    def _timed(self, load: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*arguments: Any, **options: Any) -> Any:
            started = time.perf_counter()
            try:
                return load(*arguments, **options)
            finally:
                self.loading += time.perf_counter() - started

        return timed

    def _counted(self, draw: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*arguments: Any, **options: Any) -> Any:
            pairs = draw(*arguments, **options)
            self.pairs += int(pairs.mask.sum()) // 2  # (i, j) and (j, i) are one pair
            return pairs

        return counted


class Peak(Thread):
    """Looks at the process's memory again and again; with and without mapped files."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.resident = self.anonymous = 0
        self._end = Event()

    def __enter__(self) -> "Peak":
        self.start()
        return self

    def __exit__(self, *unused: object) -> None:
        self._end.set()
        self.join()

    def megabytes(self) -> dict[str, int]:
        """Return the most that was seen."""
        return {"peak_mb": self.resident >> 20, "peak_anonymous_mb": self.anonymous >> 20}

    def run(self) -> None:
        """Look until told to end."""
        process = psutil.Process()
        while True:
            memory = process.memory_info()
            self.resident = max(self.resident, memory.rss)
            self.anonymous = max(self.anonymous, memory.rss - getattr(memory, "shared", 0))
            if self._end.wait(_LOOK_SECONDS):
                return
