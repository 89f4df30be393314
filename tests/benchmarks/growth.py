"""Row: how time, memory and disk grow with the target."""

from math import log
from pathlib import Path
from typing import Any, NamedTuple

from tests.benchmarks import prepared
from tests.benchmarks.bench import TEACHERS, Bench, epochs_of, stage_of
from tests.benchmarks.result import Line, Result, Table

SIZES = (1_000, 10_000, 100_000)
LANGUAGE = "sk"
"""Its sentences are short, 9.5 words, which keeps the largest size within half an hour."""
FAR = 10_000_000
EPOCHS = 0.25
"""Of the student: it learns from a random quarter, with all the windows and signals at hand."""

ABOUT = """One run of `mtmt` for each size, teachers ready, a quarter of an epoch of the student, which draws from all
sentences: the time of the stages `signals of ...` (both teachers) and `student on ...`, and the peak of the process's
memory in them, less that of the process with its libraries before the run and less a model's weights. Pages of mapped
files are part of the peak; without them it is the anonymous memory."""

OUTLOOK = """By the slope: what a further sentence adds, times all of them. By the power: as if every tenfold of text
multiplied the memory as the last one did. The slope was the rule from the start; the power was added after the first
measurement. Two sizes cannot tell which is right, so plan with the higher."""


class Found(NamedTuple):
    """What one size needed: seconds, MB of memory, and MB of signals on disk; pairs are labelling and student."""

    sentences: int
    words: int
    seconds: tuple[float, float]
    peak: tuple[float, float]
    anonymous: tuple[float, float]
    disk: float


def measure(bench: Bench) -> Result:
    """Label and distill with ever more sentences."""
    teachers = prepared.teachers(bench)
    sizes = [bench.size(size) for size in SIZES]
    found = [_run(bench, teachers, size) for size in sizes]
    source = teachers.settings["source.limit"]
    return Result(
        title="More text",
        about=ABOUT,
        passport={
            "command": f"xner train --method mtmt --src en --tgt {LANGUAGE} --src-dataset FOLDER "
            f"--tgt-dataset REPEATED --limit-source {source} --set student.epochs={EPOCHS} {epochs_of(*TEACHERS)}",
            "data": f"UNER, {', '.join(f'{size:,}' for size in sizes)} Slovak sentences: train, again and again",
            "repeats": "seed 0; once",
        },
        lines=_lines(found),
        tables=(_table(found), outlook(found[-2], found[-1])),
        notes=(OUTLOOK, _exponents(found[-2], found[-1])),
    )


def _run(bench: Bench, teachers: prepared.Teachers, size: int) -> Found:
    with bench.known_stages() as cache, bench.scratch() as place:
        file = place / "data" / LANGUAGE / "train.jsonl"
        repeat = {"data": str(bench.data), "language": LANGUAGE, "size": size, "path": str(file)}
        made = bench.child("corpora:repeat", repeat)
        settings = teachers.settings | {
            "method": "mtmt",
            "target.language": LANGUAGE,
            "target.dataset": str(place / "data"),
            "target.limit": None,
            "student.epochs": EPOCHS,
        }
        done = bench.child("stages:run", {"settings": settings, "out": str(place / "run")}, cache)
        labelling = [stage_of(done, f"signals of {teacher}") for teacher in ("recognizer", "similarity")]
        student = stage_of(done, "student")
        disk = sum(file.stat().st_size for stage in labelling for file in Path(stage["folder"]).glob("*.arrow"))
    weights = sum(file.stat().st_size for file in teachers.recognizer.glob("*.safetensors")) / 2**20
    return Found(
        made["sentences"],
        made["words"],
        (sum(stage["net"] for stage in labelling), student["net"]),
        _above("peak_mb", done["start"], weights, labelling, student),
        _above("peak_anonymous_mb", done["start"], weights, labelling, student),
        disk / 2**20,
    )


def _above(
    key: str, start: dict[str, int], weights: float, labelling: list[dict[str, Any]], student: dict[str, Any]
) -> tuple[float, float]:
    """Return the peaks of labelling and student above the libraries and a model, in MB."""
    base = start[key] + weights
    return max(stage[key] for stage in labelling) - base, student[key] - base


def _lines(found: list[Found]) -> tuple[Line, ...]:
    """Compare the largest size with the one before; time is linear where the ratio of milliseconds is 1."""
    small, large = found[-2:]
    lines = []
    for number, (what, passes) in enumerate((("labelling", 1), ("distilling", EPOCHS))):
        for unit, values in (
            ("ms a sentence", [1000 * one.seconds[number] / one.sentences / passes for one in (large, small)]),
            ("MB of memory", [one.peak[number] for one in (large, small)]),
        ):
            measured = f"{what} {large.sentences:,} sentences, {unit}"
            lines.append(
                Line(measured=measured, xner=values[0], against=f"{small.sentences:,} sentences", other=values[1])
            )
    return tuple(lines)


def _table(found: list[Found]) -> Table:
    header = (
        "sentences",
        "words",
        "labelling, s",
        "student, s",
        "labelling, MB",
        "anonymous",
        "student, MB",
        "anonymous",
        "signals, MB",
    )
    rows = tuple(
        (
            f"{one.sentences:,}",
            one.words,
            *one.seconds,
            one.peak[0],
            one.anonymous[0],
            one.peak[1],
            one.anonymous[1],
            one.disk,
        )
        for one in found
    )
    return Table(title="", header=header, rows=rows)


def outlook(small: Found, large: Found) -> Table:
    """Go on to `FAR` sentences: all by what a further one adds from `small` to `large`, memory by its power too."""

    def by_slope(first: float, last: float) -> float:
        return (last - first) / (large.sentences - small.sentences) * FAR

    hours = [by_slope(small.seconds[number], large.seconds[number]) / 3600 for number in range(2)]
    memory = [by_slope(small.anonymous[number], large.anonymous[number]) / 1024 for number in range(2)]
    powers = [_power(small, large, "anonymous", number) for number in range(2)]
    times = FAR / large.sentences
    other = [large.anonymous[number] * times**power / 1024 for number, power in enumerate(powers)]
    rows = (
        ("signals on disk, GB", by_slope(small.disk, large.disk) / 1024, None),
        ("labelling, hours", hours[0], None),
        ("student, one epoch, hours", hours[1] / EPOCHS, None),
        ("labelling, anonymous memory, GB", memory[0], other[0]),
        ("student, anonymous memory, GB", memory[1], other[1]),
    )
    title = f"What {FAR:,} sentences would need, from the last two sizes"
    return Table(title=title, header=("", "by the slope", "by the power"), rows=rows)


def _power(small: Found, large: Found, what: str, number: int) -> float:
    """Return p if `what` of labelling (0) or student (1) grows with the sentences to the power of p."""
    first, last = (getattr(one, what)[number] for one in (small, large))
    return log(last / first) / log(large.sentences / small.sentences)


def _exponents(small: Found, large: Found) -> str:
    each = large.disk * 2**20 / large.words
    time, memory = ([_power(small, large, what, number) for number in range(2)] for what in ("seconds", "anonymous"))
    return (
        f"Time grows with the sentences to the power of {time[0]:.2f} (labelling), {time[1]:.2f} (student); anonymous "
        f"memory to that of {memory[0]:.2f}, {memory[1]:.2f}. The signals of a word take {each:.0f} bytes."
    )
