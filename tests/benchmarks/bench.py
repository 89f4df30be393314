"""What a row works with: sizes, data, and measurements in processes of their own."""

import json
import os
import resource
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
_QUICK = 50
"""--quick divides all sizes by this."""
LABELS = ("LOC", "ORG", "PER")
"""The entity types of UNER; few sentences do not have all of them, and the test split must fit."""


EPOCHS = {"teachers.recognizer.epochs": 3, "teachers.similarity.epochs": 8, "student.epochs": 4}
"""So many, whatever the defaults are, so that figures can be compared with those of before."""
TEACHERS = ("teachers.recognizer.epochs", "teachers.similarity.epochs")


def epochs_of(*names: str) -> str:
    """Return the options of a command that set some of these epochs."""
    return " ".join(f"--set {name}={EPOCHS[name]}" for name in names)


class BenchError(Exception):
    """A measurement cannot be taken; its text is for people."""


@dataclass(frozen=True)
class Done:
    """A finished command: how long it took, in seconds from start to end, what it printed, and its seconds of CPU."""

    seconds: float
    output: str
    cpu: float = 0.0


@dataclass(frozen=True)
class Bench:
    """One run of the benchmarks.

    Args:
        folder: where results and what they were made of are kept.
        data: a folder with LANGUAGE/SPLIT.conll.
        encoder: name or folder of the encoder.
        threads: for both sides.
        quick: tiny sizes, only to see that everything works; the numbers mean nothing.
    """

    folder: Path
    data: Path
    encoder: str
    threads: int
    quick: bool = False

    @property
    def work(self) -> Path:
        """The folder of what is measured: caches, runs, input files."""
        (self.folder / "work").mkdir(parents=True, exist_ok=True)
        return self.folder / "work"

    @property
    def prepared(self) -> Path:
        """The cache of stages that are not measured, such as the teachers that both students start from."""
        return self.work / "stages"

    def size(self, full: int) -> int:
        """Return a size as it is, or tiny."""
        return max(12, full // _QUICK) if self.quick else full

    def settings(self, source: int, target: int, language: str = "pt") -> dict[str, Any]:
        """Return settings of a run from English, by dotted name.

        Args:
            source: how many labelled sentences.
            target: how many unlabelled sentences.
            language: of the target.
        """
        data = str(self.data)
        return {
            "encoder": self.encoder,
            "labels.types": LABELS,
            "source.dataset": data,
            "source.limit": source,
            "target.language": language,
            "target.dataset": data,
            "target.limit": target,
            **EPOCHS,
        }

    def child(self, function: str, arguments: Mapping[str, Any], cache: Path | None = None) -> dict[str, Any]:
        """Call a function of this package in a new process.

        Args:
            function: "module:function"; what it takes and returns must be JSON.
            arguments: its arguments by name.
            cache: the folder of finished stages; None: an empty one, removed afterwards.

        Returns:
            what the function returned, and in "process_seconds" how long the process took.
        """
        with self.scratch() as place:
            result = place / "result.json"
            command = ["-m", "tests.benchmarks.child", function, json.dumps(arguments), str(result)]
            done = self.python(command, cache or place / "cache")
            found: dict[str, Any] = json.loads(result.read_text(encoding="utf-8"))
            return found | {"process_seconds": done.seconds}

    def xner(self, arguments: Sequence[str], cache: Path | None = None, output: Path | None = None) -> Done:
        """Run the command line; see `child` for the cache, `python` for the output."""
        with self.scratch() as place:
            return self.python(["-m", "xner", *arguments], cache or place / "cache", output)

    def knows(self, *words: str) -> bool:
        """Return whether the command line has a command and its options, as in ("compare", "--jobs")."""
        try:
            shown = self.python(["-m", "xner", words[0], "--help"], self.prepared).output
        except BenchError:
            return False
        return all(word in shown for word in words[1:])

    def python(self, arguments: Sequence[str], cache: Path, output: Path | None = None) -> Done:
        """Run Python and wait for it.

        Args:
            arguments: what follows the interpreter.
            cache: the folder of finished stages.
            output: the file that stdout goes to; None: it is returned.

        Raises:
            BenchError: it failed; the message ends with what it said last.
        """
        command = [sys.executable, *arguments]
        with tempfile.TemporaryFile("w+", encoding="utf-8") as said, (output or Path(os.devnull)).open("w") as printed:
            started, busy = time.perf_counter(), _children()
            done = subprocess.run(
                command,
                cwd=ROOT,
                env=self._environment(cache),
                stdout=printed if output else subprocess.PIPE,
                stderr=said,
                text=True,
                check=False,
            )
            seconds, busy = time.perf_counter() - started, _children() - busy
            said.seek(0)
            last = said.read().strip()[-1500:]
        if done.returncode:
            raise BenchError(f"{shlex.join(command)[:300]} ended with {done.returncode}:\n{last}")
        return Done(seconds, done.stdout or "", busy)

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """Yield a new folder, and remove it."""
        place = Path(tempfile.mkdtemp(dir=self.work))
        try:
            yield place
        finally:
            shutil.rmtree(place, ignore_errors=True)

    @contextmanager
    def known_stages(self) -> Iterator[Path]:
        """Yield a cache in which only the prepared stages are done."""
        with self.scratch() as place:
            for stage in self.prepared.iterdir():
                if stage.is_dir():
                    (place / stage.name).symlink_to(stage.resolve())
            yield place

    def _environment(self, cache: Path) -> dict[str, str]:
        threads = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS"), str(self.threads))
        quiet = {"TRANSFORMERS_VERBOSITY": "error", "HF_HUB_DISABLE_PROGRESS_BARS": "1", "COLUMNS": "200"}
        left_out = ("XNER_PLUGINS", "XNER_DEBUG")
        inherited = {name: value for name, value in os.environ.items() if name not in left_out}
        return {**inherited, **threads, **quiet, "HF_HUB_OFFLINE": "1", "XNER_CACHE": str(cache)}


def _children() -> float:
    """Return the seconds of CPU that finished child processes took, those of the system for them included."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def stage_of(run: Mapping[str, Any], title: str) -> dict[str, Any]:
    """Return a stage that `stages:run` measured, by how its title starts; "net": its seconds without loading models."""
    stage = next(stage for stage in run["stages"] if stage["title"].startswith(title))
    return {**stage, "net": stage["seconds"] - stage["loading"]}
