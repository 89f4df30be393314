"""What several rows start from and none measures: two teachers, and a run with a tagger in it."""

import json
import shutil
from pathlib import Path
from typing import Any, NamedTuple

from tests.benchmarks.bench import Bench

SENTENCES = 600
_STRAY = 16
"""Target sentences of the preparing run of MTMT, whose student nobody needs."""


class Teachers(NamedTuple):
    """The folders of two fitted teachers' models, and the settings with which xner finds them done."""

    recognizer: Path
    evaluator: Path
    settings: dict[str, Any]


def teachers(bench: Bench) -> Teachers:
    """Train MTMT's teachers, unless they are there."""
    settings = _source(bench)
    with bench.scratch() as place:
        stray = settings | {"target.limit": _STRAY, "method": "mtmt"}
        bench.child("stages:run", {"settings": stray, "out": str(place / "run")}, bench.prepared)
        stages = json.loads((place / "run/manifest.json").read_text(encoding="utf-8"))["stages"]
    folders = {stage["title"].split()[1]: bench.prepared / stage["key"] for stage in stages[:2]}
    return Teachers(folders["recognizer"] / "tagger", folders["similarity"] / "evaluator", settings)


def run_folder(bench: Bench) -> Path:
    """Train a run of the method `direct`, scored on Portuguese dev, and return its folder."""
    folder = bench.work / "run"
    shutil.rmtree(folder, ignore_errors=True)
    settings = _source(bench) | {"method": "direct", "target.test_split": "dev"}
    bench.child("stages:run", {"settings": settings, "out": str(folder)}, bench.prepared)
    return folder


def _source(bench: Bench) -> dict[str, Any]:
    return bench.settings(bench.size(SENTENCES), 1)
