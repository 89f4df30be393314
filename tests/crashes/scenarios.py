"""What is crashed: commands in small worlds, and what must hold of each afterwards."""

import json
import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.crashes.server import What
from xner.comparing.record import RECORD, Comparison
from xner.store.cache import Cache
from xner.store.integrity.verifying import cache_damages
from xner.testing.tiny import tiny_encoder, tiny_folder

_FAST = {
    "teachers.recognizer.epochs": 1,
    "teachers.recognizer.batch_size": 8,
    "student.epochs": 1,
    "student.batch_size": 8,
    "precision": "fp32",
}
_ONE_STEP = ("teachers.similarity.epochs=1", "teachers.recognizer.batch_size=16", "student.batch_size=16")
"""So that most trainings of four methods have one step."""
_BUILDS = {"train": "prune", "compare": "report"}
"""What begins in the world that a scenario leaves."""
_CLOCK = ("finished", "seconds", "peak_memory_mb")
"""What two runs never have in common."""


@dataclass
class Scenario:
    """A command.

    Args:
        words: of it.
        units: patterns of the folders and files that it makes; each is there as a whole or not at all.
        before: the world that it begins in.
        graph: what an export takes as its graph.
        expected: what is there afterwards if nothing goes wrong: the content of each unit by its place.
        earlier: what was there before.
        calls: how many calls it then makes.
        seconds: how long it then takes.
        after: the world that it then leaves.
    """

    words: list
    units: tuple
    before: Path
    graph: Path | None = None
    expected: dict = field(default_factory=dict)
    earlier: dict = field(default_factory=dict)
    calls: int = 0
    seconds: float = 0.0
    after: Path | None = None

    def learn(self, server, folder, name):
        """Run the command without a crash, see what it makes, and return its world; all worlds have one place."""
        world = self.world(folder)
        self.earlier, began = self.made(world), time.monotonic()
        ended = server.run(self.words, world, graph=self.graph)
        self.seconds = time.monotonic() - began
        assert ended.code == 0, ended.told
        self.expected, self.calls = self.made(world), ended.calls
        assert self.expected and self.calls
        self.after = world.rename(folder.with_name(f"after-{name}"))
        return self.after

    def crash(self, server, folder, at, what):
        """Crash the command, look at what there is, run it again, and compare what it makes; return how it ended."""
        world = self.world(folder)
        ended = server.run(self.words, world, at, what, self.graph)
        where = f"{what.name} at call {at} of {self.calls}: {ended.told[-2000:]}"
        if what in (What.KILL, What.TEAR):
            assert ended.code in (-9, 0), where
        else:
            assert ended.code in (0, 1), where
            assert "Traceback" not in ended.told, where
            failed_cell = ": failed: " in ended.told  # of a comparison, which goes on with the others
            assert ended.code == 0 or failed_cell or ended.told.splitlines()[-1].startswith("xner: "), where
        self.look(world, where)
        if ended.code == 0:
            self.compare(world, where)
        again = server.run(self.words, world, graph=self.graph)
        assert again.code == 0, f"{where}\n--- again: {again.told}"
        self.compare(world, where)
        self.look(world, where)
        shutil.rmtree(world)
        return ended

    def made(self, world):
        """Return what the command made in a world: the content of each unit by its place."""
        places = [path for pattern in self.units for path in world.glob(pattern)]
        return {path.relative_to(world).as_posix(): _content(path) for path in places}

    def compare(self, world, where):
        """See that a world has what the command makes if nothing goes wrong."""
        found = self.made(world)
        others = [
            f"{place}/{name}"
            for place in found.keys() | self.expected.keys()
            for name in differing(found.get(place), self.expected.get(place))
        ]
        assert not others, f"{others}: not the same after {where}"

    def look(self, world, where):
        """Look at a world as any reader would: there is nothing of which only a part is there."""
        for place, content in self.made(world).items():
            whole = content in (self.expected.get(place), self.earlier.get(place))
            assert whole, f"{place}: is not whole after {where}"
        if (world / "cache").is_dir():
            assert list(cache_damages(world / "cache")) == [], where
        for record in world.glob(f"runs/*/{RECORD}"):
            for cell in Comparison.read(record.parent).scored:
                assert (world / cell.folder / "manifest.json").is_file(), where

    def world(self, folder):
        """Make the world that it begins in."""
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.before, folder, symlinks=True)
        return folder


def scenarios(server, folder, exports=None, only=("train", "compare", "report", "prune", "export")):
    """Return scenarios by name, each with what it makes if nothing goes wrong; crash them in `folder / "world"`.

    Args:
        server: runs them.
        folder: an empty one.
        exports: a folder with a student and its graph; None: export is left out.
        only: the names of those that are wanted.
    """
    made = {name: each for name, each in _trainings(folder).items() if name in only or _BUILDS.get(name) in only}
    worlds = {name: each.learn(server, folder / "world", name) for name, each in made.items()}
    if "report" in only:
        (place,) = (path.relative_to(worlds["compare"]) for path in worlds["compare"].glob("runs/compare-*"))
        made["report"] = Scenario(["report", str(place)], (f"{place}/comparison.html",), worlds["compare"])
    if "prune" in only:
        keep = f"{Cache.read(worlds['train'] / 'cache').size * 2 // 3}B"
        units = ("cache/" + "[0-9a-f]" * 20, "cache/shared/[0-9a-f]*")
        made["prune"] = Scenario(["cache", "prune", "--keep", keep], units, worlds["train"])
    if "export" in only and exports:
        world = folder / "students"
        shutil.copytree(exports / "student", world / "student")
        words = ["export", "student", "--out", "exported"]
        made["export"] = Scenario(words, ("exported",), world, exports / "onnx" / "model.onnx")
    for name in made.keys() - worlds.keys():
        made[name].learn(server, folder / "world", name)
    return {name: each for name, each in made.items() if name in only}


def _trainings(folder):
    """Return the scenarios that begin with an empty cache."""
    empty = folder / "empty"
    tiny_encoder(empty / "enc")
    tiny_folder(empty / "data")
    sets = [word for name, value in _FAST.items() for word in ("--set", f"{name}={value}")]
    limits = ["--limit-source", "16", "--limit-target", "16"]
    given = ["--src", "en", "--dataset", "data", "--encoder", "enc", *limits, *sets]
    one = ["--tgt", "xx", *given]
    four = ["compare", "--methods", "direct,tsl,mtmt,mtmt-no-weighting", "--tgt", "xx,zz"]
    return {
        "train": Scenario(["train", "--method", "tsl", *one], ("runs/tsl-en-xx-s0",), empty),
        "compare": Scenario(["compare", "--methods", "direct,tsl", *one], ("runs/compare-*/*-en-xx-s0",), empty),
        "grid": Scenario(
            [*four, *given, *(word for each in _ONE_STEP for word in ("--set", each))], ("runs/compare-*/*-s0",), empty
        ),
    }


def differing(one, other):
    """Return the names under which two folders' contents differ; of two files an empty one, if they do."""
    if isinstance(one, dict) and isinstance(other, dict):
        return [name for name in sorted(one.keys() | other.keys()) if one.get(name) != other.get(name)]
    return [""] if one != other else []


def _content(path):
    if path.is_file():
        return _bytes(path)
    files = (file for file in sorted(path.rglob("*")) if file.is_file())
    return {file.relative_to(path).as_posix(): _bytes(file) for file in files}


def _bytes(file):
    """Return what a file holds, without what the clock says."""
    if file.name == "manifest.json":
        known = json.loads(file.read_text())
        return {name: value for name, value in known.items() if name not in _CLOCK}
    return file.read_bytes()
