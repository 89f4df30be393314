"""Row: a comparison of methods against a run of each by itself."""

import json
from pathlib import Path
from typing import Any

from tests.benchmarks.bench import EPOCHS, LABELS, Bench, epochs_of
from tests.benchmarks.result import Aim, Line, Result, Table

SOURCE, TARGET = 400, 200
METHODS = ("direct", "tsl", "mtmt")
JOBS = 2

ABOUT = """`xner compare` trains each stage once for all methods that need it. The other side is one `xner train` for
each method, each with an empty cache. Commands from start to end, imports and scoring on Portuguese test included."""


def measure(bench: Bench) -> Result:
    """Run the methods together, and one by one."""
    source, target = bench.size(SOURCE), bench.size(TARGET)
    options = ["--src", "en", "--tgt", "pt", "--dataset", str(bench.data), "--encoder", bench.encoder]
    options += ["--labels", ",".join(LABELS)]
    options += ["--limit-source", str(source), "--limit-target", str(target), "--json", *epochs_of(*EPOCHS).split()]
    with bench.scratch() as place:
        together, found = _compare(bench, options, place / "one")
        alone = {name: _train(bench, options, name, place / name) for name in METHODS}
        parallel = None
        if bench.knows("compare", "--jobs"):
            parallel, _ = _compare(bench, [*options, "--jobs", str(JOBS)], place / "jobs")
    separate = sum(seconds for seconds, _ in alone.values())
    f1 = {row["method"]: row["f1"] for row in found["rows"]}
    line = {"against": "three `xner train`", "other": separate, "aim": Aim(ratio=0.6, at_most=True)}
    lines = [Line(measured="comparing direct, tsl and mtmt, seconds", xner=together, **line)]
    if parallel is not None:
        lines.append(Line(measured=f"the same with `--jobs {JOBS}`, seconds", xner=parallel, **line))
    rows = tuple((name, seconds, score, f1[name]) for name, (seconds, score) in alone.items())
    return Result(
        title="Comparing methods",
        about=ABOUT,
        passport={
            "command": f"xner compare --methods {','.join(METHODS)} --src en --tgt pt --dataset FOLDER "
            f"--limit-source {source} --limit-target {target} {epochs_of(*EPOCHS)}",
            "data": f"UNER, {source:,} English and {target:,} Portuguese sentences of train; F1 on Portuguese test",
            "repeats": "seed 0; each side once",
        },
        lines=tuple(lines),
        tables=(Table(title="", header=("method", "alone, seconds", "F1 alone", "F1 in the comparison"), rows=rows),),
        notes=_notes(parallel is not None),
    )


def _notes(jobs: bool) -> tuple[str, ...]:
    share = (
        "What can be saved depends on the sizes: three recognizers become one, the trainings of the students and of "
        "the second teacher stay. An English sentence of UNER has 16 words, a Portuguese one 24."
    )
    return (share,) if jobs else (share, "Left out: this version's `xner compare` has no `--jobs`.")


def _compare(bench: Bench, options: list[str], out: Path) -> tuple[float, dict[str, Any]]:
    done = bench.xner(["compare", "--methods", ",".join(METHODS), *options, "--out", str(out)])
    return done.seconds, json.loads(done.output)


def _train(bench: Bench, options: list[str], method: str, out: Path) -> tuple[float, float]:
    done = bench.xner(["train", "--method", method, *options, "--out", str(out)])
    return done.seconds, json.loads(done.output)["metrics"]["overall"]["f1"]
