"""Row: training the recognizer against the Trainer of Hugging Face."""

from statistics import median
from typing import Any

from tests.benchmarks.bench import Bench, stage_of
from tests.benchmarks.result import Aim, Line, Result, Table

SENTENCES = 1200
EPOCHS = 2
REPEATS = 1
"""Of the quick sides, in turns; the slow one, float32, runs once."""

ABOUT = """xner's stage `teacher recognizer`, from the sentences to the model on disk, against the `Trainer` of
transformers used as in its example `run_ner.py`: labels on first sub-words, cut at 128 sub-words, padding to the
longest of a batch, all else the default of `TrainingArguments`, except that no checkpoints are written. The same
sentences, weights, epochs and seed; loading the model is not counted on either side. The second opponent has
`bf16=True` and frozen word embeddings."""

NOTE = """With the defaults of `TrainingArguments` (batch 8, one rate of 5e-5) the fresh tag head of some encoders
learns next to nothing. The last opponent therefore has xner's rates for encoder and tag head, batch size 32 and
warm-up, beside bf16 and frozen word embeddings: what is left of the difference in F1 is not the rates'.
xner's tags are chosen by its default decoding, the Trainer's word by word."""


def measure(bench: Bench) -> Result:
    """Train on all sides."""
    size, epochs = bench.size(SENTENCES), 1 if bench.quick else EPOCHS
    settings = bench.settings(size, 1, "en") | {
        "method": "direct",
        "target.test_split": "dev",
        "teachers.recognizer.epochs": epochs,
    }
    words = bench.child("corpora:count", {"settings": settings})["source_words"]
    sides = _sides(bench, settings, epochs)
    speed = {name: words * epochs / median(one["seconds"] for one in found) for name, found in sides.items()}
    rows = tuple(
        (name, speed[name], median(one["seconds"] for one in found), found[0]["loading"], found[0]["f1"])
        for name, found in sides.items()
    )
    header = ("", "words/s", "seconds", "loading the model, seconds", "F1 on dev")
    return Result(
        title="Training a teacher",
        about=ABOUT,
        passport={
            "command": f"xner train --method direct --src en --tgt en --dataset FOLDER --limit-source {size} "
            f"--limit-target 1 --set target.test_split=dev --set teachers.recognizer.epochs={epochs}",
            "data": f"UNER English, {size:,} sentences of train, {words:,} words, {epochs} epochs; F1 on dev",
            "repeats": f"seed 0; {REPEATS} in turns, medians; float32 and the third opponent once",
        },
        lines=_lines(speed, {name: found[0]["f1"] for name, found in sides.items()}),
        tables=(Table(title="", header=header, rows=rows),),
        notes=(NOTE,),
    )


def _sides(bench: Bench, settings: dict[str, Any], epochs: int) -> dict[str, list[dict[str, float]]]:
    """Train with xner and all opponents, xner and the quick one in turns."""
    ours, full, half = [], [], []
    for number in range(REPEATS):
        ours.append(_ours(bench, settings))
        if not number:
            full.append(_theirs(bench, settings, epochs, {}))
        half.append(_theirs(bench, settings, epochs, {"bf16": True}))
    tuned = [_theirs(bench, settings, epochs, {"bf16": True, "tuned": True})]
    return {
        "xner": ours,
        "Trainer, float32": full,
        "Trainer, bf16, frozen": half,
        "Trainer, bf16, frozen, xner's rates": tuned,
    }


def _lines(speed: dict[str, float], f1: dict[str, float]) -> tuple[Line, ...]:
    aims = Aim(ratio=10, f1_slack=0.5), None, Aim(ratio=4.5, f1_slack=0.5)
    return tuple(
        Line(
            measured="training a recognizer, words/s",
            xner=speed["xner"],
            against=name,
            other=speed[name],
            aim=aim,
            f1=(f1["xner"], f1[name]),
        )
        for name, aim in zip(list(speed)[1:], aims, strict=True)
    )


def _ours(bench: Bench, settings: dict[str, Any]) -> dict[str, float]:
    with bench.scratch() as place:
        done = bench.child("stages:run", {"settings": settings, "out": str(place / "run")})
    stage = stage_of(done, "teacher recognizer")
    return {"seconds": stage["net"], "loading": stage["loading"], "f1": done["f1"]}


def _theirs(bench: Bench, settings: dict[str, Any], epochs: int, how: dict[str, bool]) -> dict[str, float]:
    return bench.child("huggingface:train", {"settings": settings, "epochs": epochs, **how})
