"""Commands whose calls to the system fail, or kill, where one wants, forked from a process that has imported all.

The calls are those of whatever library of the process: a shim in C is preloaded, which stands between all of them and
the system. Python alone would not see what safetensors, Arrow and torch write.
"""

import ctypes
import importlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

from xner.machine.jobs import quiet

ROOT = Path(__file__).parents[2]
_HEAVY = (
    "xner.cli.main",
    "xner.cli.results",
    "xner.comparing.comparison",
    "xner.comparing.page",
    "xner.runs.run",
    "xner.store.integrity.verifying",
    "xner.testing.contracts.method",
    "xner.testing.distilling",
    "xner.using.onnx",
    "transformers.models.bert.modeling_bert",
)


class What(IntEnum):
    """What becomes of a call, as the shim has it."""

    COUNT = 0  # nothing
    KILL = 1  # the process is killed before it
    TEAR = 2  # of a write, half is written, and then the process is killed
    FULL = 3  # the disk is full, if it is one that needs room, and then no more
    FULL_FROM = 4  # the disk is full from here on
    BROKEN = 5  # it fails with an input or output error


@dataclass(frozen=True)
class Ended:
    """How a command ended.

    Args:
        code: the exit code, or minus the signal that killed it.
        calls: how many there were below the folder, if it lived to count them.
        told: what it wrote to stderr.
    """

    code: int
    calls: int
    told: str


def compiler():
    """Return the compiler for the shim, if there is one on a system that preloads."""
    return (shutil.which("cc") or shutil.which("gcc")) if sys.platform == "linux" else None


class Server:
    """The process that the others are forked from.

    Args:
        folder: where the shim is compiled to, and what the commands say is kept.
    """

    def __init__(self, folder):
        self.said = folder / "said"
        self.said.mkdir(parents=True)
        shim = folder / "shim.so"
        source = Path(__file__).with_name("shim.c")
        subprocess.run([compiler(), "-O1", "-shared", "-fPIC", "-o", shim, source, "-ldl"], check=True)
        environment = {**os.environ, "LD_PRELOAD": str(shim), "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1", **quiet()}
        environment["PYTHONPATH"] = os.pathsep.join([str(ROOT), *filter(None, sys.path)])
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.crashes.server", shim],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )

    def run(self, words, root, at=0, what=What.COUNT, graph=None, trace=False, seconds=None):
        """Run `xner WORDS` in a folder, with the cache in its `cache`.

        Args:
            words: of the command.
            root: the folder; calls that change something in it count.
            at: the number of the call, from 1, of which something becomes.
            what: becomes of it.
            graph: a file that an export takes as its graph, since to trace one takes long.
            trace: write each call to `trace` beside what the command says.
            seconds: after so many it is killed; None: it is not.
        """
        return self._run([[list(map(str, words)), str(root), at, int(what), str(graph or ""), trace]], seconds)[0]

    def run_at_once(self, commands, root):
        """Run several commands at once in a folder, and return how each ended."""
        return self._run([[list(map(str, words)), str(root), 0, int(What.COUNT), "", False] for words in commands])

    def _run(self, asked, seconds=None):
        shutil.rmtree(self.said)
        places = [self.said / str(number) for number in range(len(asked))]
        for place in places:
            place.mkdir(parents=True)
        commands = [[*each, str(place)] for each, place in zip(asked, places, strict=True)]
        self.process.stdin.write(json.dumps([commands, seconds]) + "\n")
        self.process.stdin.flush()
        codes = json.loads(self.process.stdout.readline())
        return [
            Ended(code, int(_read(place / "calls") or 0), _read(place / "err"))
            for code, place in zip(codes, places, strict=True)
        ]

    def close(self):
        """End it."""
        self.process.stdin.close()
        self.process.wait(60)


def serve(shim):
    """Fork a process for each command of a line of stdin, and write how they ended to stdout."""
    for name in _HEAVY:
        importlib.import_module(name)
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        commands, seconds = json.loads(line)
        children = []
        for asked in commands:
            if (child := os.fork()) == 0:
                _command(shim, *asked)
            children.append(child)
        if seconds is not None:
            time.sleep(seconds)
            for child in children:  # if one has ended, nobody has asked how yet, so its number is still its own
                os.kill(child, signal.SIGKILL)
        codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
        answers.write(f"{json.dumps(codes)}\n")
        answers.flush()


def _read(file):
    return file.read_text() if file.exists() else ""


def _command(shim, words, root, at, what, graph, trace, said):
    import torch

    from xner.cli import main as cli
    from xner.training import loop
    from xner.using import onnx

    code = 99
    try:
        torch.set_num_threads(1)
        os.chdir(root)
        os.environ.update(CRASH_ROOT=root, XNER_CACHE=f"{root}/cache", COLUMNS="200")
        for number, name in ((0, os.devnull), (1, f"{said}/out"), (2, f"{said}/err")):
            os.dup2(os.open(name, os.O_RDWR | os.O_CREAT, 0o600), number)
        loop._CHECKPOINT_SECONDS = -1  # after every step
        if graph:
            onnx._write = lambda model, folder, int8: shutil.copy(graph, folder / onnx.MODEL)
        log = os.open(f"{said}/trace", os.O_WRONLY | os.O_CREAT, 0o600) if trace else -1
        library = ctypes.CDLL(shim)
        library.crash_arm(ctypes.c_long(at), what, log)
        sys.argv = ["xner", *words]
        try:
            cli.main()
        except SystemExit as stop:
            code = stop.code or 0
        Path(said, "calls").write_text(str(library.crash_disarm()))
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    serve(sys.argv[1])
