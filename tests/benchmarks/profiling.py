"""Measurement: where the time of training steps goes."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch.profiler import ProfilerActivity
from torch.profiler import profile as torch_profile

from xner.machine.progress import Progress
from xner.plugin.manager import Plugins
from xner.runs import run as runs
from xner.runs.mixing import configure

_WARM = 3
_TOP = 8


def profile(settings: Mapping[str, Any], steps: int) -> dict[str, Any]:
    """Return the operators that take most of some training steps of the recognizer.

    Args:
        settings: of a run, by dotted name.
        steps: how many, after a few that warm up.

    Returns:
        "steps"; "operators": name, per cent of all self time, calls a step.
    """
    plugins = Plugins.load()
    size = {"method": "direct", "source.limit": 32 * (steps + _WARM + 3), "target.limit": 1}
    config = configure(plugins, {**settings, **size, "target.test_dataset": settings["source.dataset"]})
    watch = _Steps(steps)
    with tempfile.TemporaryDirectory() as folder:
        runs.train(config, plugins, Path(folder) / "run", watch)
    rows = sorted(watch.profiler.key_averages(), key=lambda row: row.self_cpu_time_total, reverse=True)
    total = sum(row.self_cpu_time_total for row in rows)
    top = [(row.key, 100 * row.self_cpu_time_total / total, row.count / steps) for row in rows[:_TOP]]
    return {"steps": steps, "operators": top}


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
