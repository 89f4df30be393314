"""Row: how long the command line takes to answer."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from urllib.request import Request, urlopen

from tests.benchmarks import prepared
from tests.benchmarks.bench import Bench, Done
from tests.benchmarks.result import Line, Result, Table

REPEATS = 5
TEXT = "Angela Merkel besuchte Paris."
IMPORTS = "importing transformers and torch"

ABOUT = """Commands from start to end, against a Python that only imports transformers and torch. `xner serve` ends with
the answer to its first request. The exports are of the same student; the trimmed one has the pieces that the Portuguese
train split needs."""


def measure(bench: Bench) -> Result:
    """Run the commands in turns."""
    run, load = prepared.run_folder(bench), os.getloadavg()[0]
    bench.xner(["export", str(run), "--int8"])
    bench.xner(["export", str(run), "--int8", "--trim", str(bench.data / "pt" / "train.conll")])
    folders = {"RUN": run} | {f"RUN/{name}": run / name for name in ("onnx-int8", "onnx-int8-trimmed")}
    done, served = _repeated(bench, _commands(folders), folders)
    seconds = {name: median(one.seconds for one in found) for name, found in done.items()}
    imports = seconds.pop(IMPORTS)
    seconds |= {name: median(times) for name, times in served.items()}
    return Result(
        title="Starting",
        about=ABOUT,
        passport={
            "command": "; ".join(seconds),
            "data": "a run of `direct` with the same encoder",
            "repeats": f"{REPEATS} in turns, medians; files are in the system's cache after the first",
            "load": f"{load:.1f} programs wanted a core when the row began, which draws out seconds on both sides",
        },
        lines=tuple(
            Line(measured=f"`{name}`, seconds", xner=value, against=IMPORTS, other=imports)
            for name, value in seconds.items()
        ),
        tables=(_cpu(done),),
    )


def _commands(folders: Mapping[str, Path]) -> dict[str, list[str]]:
    """Return what follows the interpreter, by what it is called."""
    predict = {f'xner predict {name} "one sentence"': ["predict", str(place), TEXT] for name, place in folders.items()}
    ours = {"xner --help": ["--help"], "xner list": ["list"], **predict}
    return {IMPORTS: ["-c", "import transformers, torch"]} | {
        name: ["-m", "xner", *rest] for name, rest in ours.items()
    }


def _repeated(
    bench: Bench, commands: Mapping[str, list[str]], folders: Mapping[str, Path]
) -> tuple[dict[str, list[Done]], dict[str, list[float]]]:
    """Run all in turns, and return each command's runs and each service's seconds."""
    done = {name: list[Done]() for name in commands}
    served = {f"xner serve {name}": list[float]() for name in folders}
    for _ in range(REPEATS):
        for name, command in commands.items():
            done[name].append(bench.python(command, bench.prepared))
        for times, place in zip(served.values(), folders.values(), strict=True):
            times.append(bench.child("startup:first_answer", {"folder": str(place)})["seconds"])
    return done, served


def _cpu(done: Mapping[str, Sequence[Done]]) -> Table:
    cpu = {name: median(one.cpu for one in found) for name, found in done.items()}
    return Table(
        title="Seconds of CPU, which other programs change less",
        header=("", "seconds of CPU", "ratio to the imports"),
        rows=tuple((name, value, value / cpu[IMPORTS]) for name, value in cpu.items()),
    )


def first_answer(folder: str) -> dict[str, float]:
    """Start `xner serve` and return the seconds until it has answered its first request."""
    started = time.perf_counter()
    command = [sys.executable, "-m", "xner", "serve", folder, "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as service:
        try:
            if service.stdout is None or not (found := re.match(r"http://\S+", service.stdout.readline())):
                raise RuntimeError("xner serve did not start")
            body = json.dumps({"texts": [TEXT]}).encode()
            request = Request(f"{found[0]}/predict", body, {"Content-Type": "application/json"})
            with urlopen(request) as answer:
                json.load(answer)
            return {"seconds": time.perf_counter() - started}
        finally:
            service.terminate()
