"""Row: how long the command line takes to answer."""

from statistics import median

from tests.benchmarks import prepared
from tests.benchmarks.bench import Bench
from tests.benchmarks.result import Line, Result

REPEATS = 5

ABOUT = """Commands from start to end, against a Python that only imports transformers and torch."""


def measure(bench: Bench) -> Result:
    """Run the commands in turns."""
    run = prepared.run_folder(bench)
    sides = {
        "imports": ["-c", "import transformers, torch"],
        "xner --help": ["-m", "xner", "--help"],
        "xner list": ["-m", "xner", "list"],
        'xner predict RUN "one sentence"': ["-m", "xner", "predict", str(run), "Angela Merkel besuchte Paris."],
    }
    seconds: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(REPEATS):
        for name, command in sides.items():
            seconds[name].append(bench.python(command, bench.prepared).seconds)
    found = {name: median(times) for name, times in seconds.items()}
    imports = found.pop("imports")
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
    )
