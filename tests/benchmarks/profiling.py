"""Measurement: where the time of training steps and of tagging goes."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch.profiler import ProfilerActivity
from torch.profiler import profile as torch_profile

from xner.machine.progress import Progress
from xner.plugin.manager import Plugins
from xner.runs import run as runs
from xner.runs.components import Components
from xner.runs.loading import load_corpora
from xner.runs.mixing import configure
from xner.tagging.tagger import Tagger

_WARM = 3
_TOP = 14


def training(settings: Mapping[str, Any], steps: int) -> dict[str, Any]:
    """Return the operators that take most of some training steps of the recognizer.

    Args:
        settings: of a run, by dotted name.
        steps: how many, after a few that warm up.

    Returns:
        "operators": name, per cent of all self time, calls a step.
    """
    plugins = Plugins.load()
    size = {"method": "direct", "source.limit": 32 * (steps + _WARM + 3), "target.limit": 1}
    config = configure(plugins, {**settings, **size, "target.test_dataset": settings["source.dataset"]})
    watch = _Steps(steps)
    with tempfile.TemporaryDirectory() as folder:
        runs.train(config, plugins, Path(folder) / "run", watch)
    return {"operators": _top(watch.profiler, steps)}


def tagging(settings: Mapping[str, Any], tagger: str) -> dict[str, Any]:
    """Return the operators that take most of tagging a run's target.

    Args:
        settings: of a run, by dotted name.
        tagger: a folder with a tagger.

    Returns:
        "operators": name, per cent of all self time, calls a batch.
    """
    plugins = Plugins.load()
    config = configure(plugins, settings)
    target, loaded = load_corpora(config, Components(plugins, config)).target, Tagger.load(Path(tagger))
    list(loaded.tag(target))
    batches: list[object] = []
    loaded.model.register_forward_hook(lambda *seen: batches.append(None))
    with torch_profile(activities=[ProfilerActivity.CPU]) as profiler:
        list(loaded.tag(target))
    return {"operators": _top(profiler, len(batches))}


def _top(profiler: torch_profile, calls: int) -> list[tuple[str, float, float]]:
    rows = sorted(profiler.key_averages(), key=lambda row: row.self_cpu_time_total, reverse=True)
    total = sum(row.self_cpu_time_total for row in rows)
    return [(row.key, 100 * row.self_cpu_time_total / total, row.count / calls) for row in rows[:_TOP]]


class _Steps(Progress):
    """Profiles the steps between two reports of the training loop, which reports after each."""

    def __init__(self, steps: int) -> None:
        super().__init__(quiet=True)
        self.profiler = torch_profile(activities=[ProfilerActivity.CPU])
        self.steps, self.seen = steps, 0

    def advance(self, share: float, words: int) -> None:
        """Start after the steps that warm up, stop after those that count."""
        self.seen += 1
        if self.seen == _WARM:
            self.profiler.start()
        elif self.seen == _WARM + self.steps:
            self.profiler.stop()
