"""Row: MTMT's student against a plain reading of the paper."""

from typing import Any

from tests.benchmarks import prepared
from tests.benchmarks.bench import TEACHERS, Bench, epochs_of, stage_of
from tests.benchmarks.result import Aim, Line, Result, Table

STEPS = 12
PAIRS = 32
"""Sentence pairs in a step of the plain reading."""

PRINTED = {
    "methods.mtmt.weighting": "reliability",
    "student.pairing": "uniform",
    "auxiliary_tasks.similarity.scale": 1,
    "auxiliary_tasks.similarity.coefficient": 1,
}
"""The loss as published, which the plain reading follows."""

ABOUT = """The plain reading of Li et al. (2022), in `tests/benchmarks/naive.py`: each step draws {pairs} pairs of
sentences and a word of each sentence, runs the student and both teachers on all of them, padded to 128 sub-words, in
float32, and follows `gamma (alpha_i l_i + alpha_j l_j + beta s)` with AdamW. xner labels the target once and pairs all
words of a batch. Both start from the same two teachers, their students from the recognizer, with the same tag loss,
rate, warm-up and decay, and see the same number of sentences."""


def measure(bench: Bench) -> Result:
    """Distill on both sides."""
    teachers = prepared.teachers(bench)
    steps = 3 if bench.quick else STEPS
    sentences = 2 * PAIRS * steps
    settings = teachers.settings | {
        "method": "mtmt",
        **PRINTED,
        "target.limit": sentences,
        "target.test_split": "dev",
        "student.epochs": 1,
    }
    with bench.known_stages() as cache, bench.scratch() as place:
        ours = bench.child("stages:run", {"settings": settings, "out": str(place / "run")}, cache)
    plain = {"recognizer": str(teachers.recognizer), "evaluator": str(teachers.evaluator)}
    theirs = bench.child("naive:distill", {"settings": settings, **plain, "steps": steps, "pairs": PAIRS})
    student = stage_of(ours, "student")["net"]
    labelling = sum(stage_of(ours, f"signals of {name}")["net"] for name in ("recognizer", "similarity"))
    rows = (
        ("xner", labelling, student, sentences, ours["pairs"], ours["f1"]),
        ("plain reading", None, theirs["seconds"], sentences, PAIRS * steps, theirs["f1"]),
        ("the teacher, before", None, None, None, None, theirs["f1_before"]),
    )
    header = ("", "labelling, seconds", "student, seconds", "sentences", "word pairs", "F1 on pt dev")
    return Result(
        title="Distilling a student",
        about=ABOUT.format(pairs=PAIRS),
        passport=_passport(settings, sentences, steps),
        lines=_lines(sentences, ours, theirs, student, labelling),
        tables=(Table(title="", header=header, rows=rows),),
        notes=("A word pair is counted once, not once in each order.",),
    )


def _passport(settings: dict[str, Any], sentences: int, steps: int) -> dict[str, str]:
    source = settings["source.limit"]
    return {
        "command": f"xner train --method mtmt --src en --tgt pt --dataset FOLDER --limit-source {source} "
        f"--limit-target {sentences} --set student.epochs=1 --set target.test_split=dev {epochs_of(*TEACHERS)} "
        + " ".join(f"--set {name}={value}" for name, value in PRINTED.items()),
        "data": f"UNER, teachers from {source:,} English sentences, students on {sentences:,} Portuguese ones of "
        "train, once; F1 on Portuguese dev",
        "repeats": f"seed 0; once; the plain side's rate is that of all its {steps} steps but the first",
    }


def _lines(
    sentences: int, ours: dict[str, Any], theirs: dict[str, Any], student: float, labelling: float
) -> tuple[Line, ...]:
    plain = "plain reading of the paper"
    f1 = ours["f1"], theirs["f1"]
    rate, pairs = theirs["sentences_per_second"], theirs["sentences_per_second"] / 2
    return (
        Line(
            measured="MTMT's student, sentences/s",
            xner=sentences / student,
            against=plain,
            other=rate,
            aim=Aim(ratio=6, f1_slack=0),
            f1=f1,
        ),
        Line(
            measured="the same, with the labelling before it",
            xner=sentences / (student + labelling),
            against=plain,
            other=rate,
            f1=f1,
        ),
        Line(
            measured="MTMT's student, word pairs/s",
            xner=ours["pairs"] / student,
            against=plain,
            other=pairs,
            aim=Aim(ratio=1000),
        ),
    )
