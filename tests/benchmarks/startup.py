"""Row: how long the command line takes to answer."""

import json
import re
import subprocess
import sys
import time
from statistics import median
from typing import Any
from urllib.request import Request, urlopen

from tests.benchmarks import prepared
from tests.benchmarks.bench import Bench
from tests.benchmarks.result import Line, Result, Table

REPEATS = 5
TEXT = "Angela Merkel besuchte Paris."
IMPORTS = "imports"

ABOUT = """Commands from start to end, against a Python that only imports transformers and torch. `xner serve` ends with
the answer to its first request. The exports are of the same student; the trimmed one has the pieces that the Portuguese
train split needs."""


def measure(bench: Bench) -> Result:
    """Run the commands in turns."""
    run = prepared.run_folder(bench)
    corpus = bench.data / "pt" / "train.conll"
    bench.xner(["export", str(run), "--int8"])
    bench.xner(["export", str(run), "--int8", "--trim", str(corpus)])
    folders = {"RUN": run, "RUN/onnx-int8": run / "onnx-int8", "RUN/onnx-int8-trimmed": run / "onnx-int8-trimmed"}
    sides = {
        IMPORTS: ["-c", "import transformers, torch"],
        "xner --help": ["-m", "xner", "--help"],
        "xner list": ["-m", "xner", "list"],
        **{
            f'xner predict {name} "one sentence"': ["-m", "xner", "predict", str(place), TEXT]
            for name, place in folders.items()
        },
    }
    done = {name: list[Any]() for name in sides}
    served = {f"xner serve {name}": list[float]() for name in folders}
    for _ in range(REPEATS):
        for name, command in sides.items():
            done[name].append(bench.python(command, bench.prepared))
        for times, place in zip(served.values(), folders.values(), strict=True):
            times.append(bench.child("startup:first_answer", {"folder": str(place)})["seconds"])
    seconds = {name: median(one.seconds for one in found) for name, found in done.items()}
    cpu = {name: median(one.cpu for one in found) for name, found in done.items()}
    imports = seconds[IMPORTS]
    found = {name: value for name, value in seconds.items() if name != IMPORTS}
    found |= {name: median(times) for name, times in served.items()}
    return Result(
        title="Starting",
        about=ABOUT,
        passport={
            "command": "; ".join(found),
            "data": "a run of `direct` with the same encoder",
            "repeats": f"{REPEATS} in turns, medians; files are in the system's cache after the first",
        },
        lines=tuple(
            Line(measured=f"`{name}`, seconds", xner=value, against="importing transformers and torch", other=imports)
            for name, value in found.items()
        ),
        tables=(
            Table(
                title="Seconds of CPU, which other processes change less",
                header=("", "seconds of CPU", "ratio to the imports"),
                rows=tuple((name, value, value / cpu[IMPORTS]) for name, value in cpu.items()),
            ),
        ),
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
