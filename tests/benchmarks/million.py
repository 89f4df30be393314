"""Row: whether memory stays the same when there is a hundred times as much target text."""

from pathlib import Path
from typing import Any

from tests.benchmarks import prepared
from tests.benchmarks.bench import TEACHERS, Bench, epochs_of, stage_of
from tests.benchmarks.growth import LANGUAGE
from tests.benchmarks.result import Aim, Line, Result, Table

SIZES = (10_000, 1_000_000)
STEPS, BATCH = 100, 32
"""Of the student, which draws its sentences from all."""

ABOUT = """One run of `tsl` for each size, the teacher ready: the stages `signals of recognizer` and `student on ...`,
with {steps} steps of the student, which draws from all sentences. Memory is the peak of the process in a stage without
the pages of mapped files (anonymous memory), models and libraries included; with them, it grows with the files as long
as nobody else needs the room."""


def measure(bench: Bench) -> Result:
    """Label and distill with two sizes of text."""
    sizes = [bench.size(size) for size in SIZES]
    found = [_run(bench, prepared.teachers(bench), size) for size in sizes]
    parts = ("labelling, s", "labelling, MB", "student, s", "student, MB", "signals, MB", "cache, MB")
    return Result(
        title="A million sentences",
        about=ABOUT.format(steps=STEPS),
        passport={
            "command": f"xner train --method tsl --src en --tgt {LANGUAGE} --src-dataset FOLDER --tgt-dataset REPEATED "
            f"--set student.epochs={STEPS * BATCH / sizes[1]} {epochs_of(*TEACHERS)}",
            "data": f"UNER, {' and '.join(f'{size:,}' for size in sizes)} Slovak sentences: train, again and again",
            "repeats": "seed 0; once",
        },
        lines=tuple(
            Line(
                measured=f"{what} {sizes[1]:,} sentences, MB of memory",
                xner=found[1][key],
                against=f"{sizes[0]:,} sentences",
                other=found[0][key],
                aim=Aim(ratio=1.1, at_most=True),
            )
            for what, key in (("labelling", "labelling"), ("a student's steps with", "student"))
        ),
        tables=(Table(title="", header=("sentences", "words", *parts), rows=tuple(map(_row, sizes, found))),),
    )


def _run(bench: Bench, teachers: prepared.Teachers, size: int) -> dict[str, float]:
    with bench.known_stages() as cache, bench.scratch() as place:
        repeat = {"data": str(bench.data), "language": LANGUAGE, "size": size}
        made = bench.child("corpora:repeat", repeat | {"path": str(place / "data" / LANGUAGE / "train.jsonl")})
        settings = teachers.settings | {
            "method": "tsl",
            "target.language": LANGUAGE,
            "target.dataset": str(place / "data"),
            "target.limit": None,
            "student.epochs": STEPS * BATCH / size,
        }
        done = bench.child("stages:run", {"settings": settings, "out": str(place / "run")}, cache)
        labelling, student = stage_of(done, "signals of recognizer"), stage_of(done, "student")
        return {
            "words": made["words"],
            "labelling_seconds": labelling["net"],
            "labelling": labelling["peak_anonymous_mb"],
            "student_seconds": student["net"],
            "student": student["peak_anonymous_mb"],
            "signals": _megabytes(Path(labelling["folder"]).glob("*.arrow")),
            "all": _megabytes(file for file in cache.rglob("*") if file.is_file() and not file.is_symlink()),
        }


def _megabytes(files: Any) -> float:
    return float(sum(file.stat().st_size for file in files)) / 2**20


def _row(size: int, found: dict[str, float]) -> tuple[str | float | None, ...]:
    keys = ("words", "labelling_seconds", "labelling", "student_seconds", "student", "signals", "all")
    return (f"{size:,}", *(found[key] for key in keys))
