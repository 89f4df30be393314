"""Row: a student exported to ONNX with int8 weights against the same student in torch."""

from pathlib import Path
from statistics import median

from tests.benchmarks import entities, prediction, prepared
from tests.benchmarks.bench import Bench
from tests.benchmarks.result import Line, Result, Stored, Table

REPEATS = 1
SAMPLE = 2_000

ABOUT = """`xner predict` on a student that `xner export --to onnx --int8` wrote, against `xner predict` on the student
itself: the sentences of the row `prediction`, start included, and F1 of both on Portuguese test."""


def measure(bench: Bench) -> Result:
    """Export and tag; without the command, only say so."""
    size = bench.size(prediction.SENTENCES)
    passport = {
        "command": "xner export RUN --to onnx --int8 && xner predict RUN/onnx-int8 --file mixed.jsonl --format jsonl",
        "data": f"UNER, {size:,} sentences as in `prediction`; F1 on Portuguese test",
        "repeats": f"{REPEATS} in turns, medians",
    }
    if not bench.knows("export", "--int8"):
        note = "Left out: this version of xner has no `xner export --int8`."
        return Result(title="int8", about=ABOUT, passport=passport, notes=(note,))
    run, path = prepared.run_folder(bench), prediction.sentences(bench)
    bench.xner(["export", str(run), "--to", "onnx", "--int8"])
    sides = {"int8": run / "onnx-int8", "torch": run}
    seconds: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(REPEATS):
        for name, folder in sides.items():
            seconds[name].append(prediction.predict(bench, folder, path, bench.work / f"{name}.jsonl"))
    speed = {name: size / median(found) for name, found in seconds.items()}
    f1 = {name: _f1(bench, folder) for name, folder in sides.items()}
    lines = [
        Line(
            measured="tagging with int8 ONNX, sentences/s",
            xner=speed["int8"],
            against="`xner predict` with torch",
            other=speed["torch"],
            f1=(f1["int8"], f1["torch"]),
        )
    ]
    return Result(
        title="int8",
        about=ABOUT,
        passport=passport,
        lines=(*lines, *_against_pipeline(bench, speed["int8"])),
        tables=(_tried(bench, run, path),),
    )


def _tried(bench: Bench, run: Path, path: Path) -> Table:
    """Compare the types that products may have, from Python; int8 is torch's own, without ONNX."""
    size = bench.size(SAMPLE)
    common = {"model": str(run / "student"), "path": str(path), "size": size}
    sides = {
        "float32": bench.child("pipeline:xner", common | {"precision": "fp32"}),
        "bfloat16": bench.child("pipeline:xner", common | {"precision": "bf16"}),
        "int8, dynamic quantization": bench.child("pipeline:quantized", common),
    }
    exact, onnx = sides["float32"]["entities"], entities.printed(bench.work / "int8.jsonl")[:size]
    rows = [(n, size / side["seconds"], entities.compare(side["entities"], exact).share) for n, side in sides.items()]
    rows.append(("int8, ONNX export", None, entities.compare(onnx, exact).share))
    return Table(
        title=f"Types of the matrix products, from Python, the first {size:,} sentences; ONNX as above",
        header=("products", "sentences/s", "entities as in float32, per cent of all"),
        rows=tuple(rows),
    )


def _f1(bench: Bench, folder: Path) -> float:
    gold = bench.data / "pt" / "test.conll"
    with bench.scratch() as place:
        arguments = ["predict", str(folder), "--file", str(gold), "--format", "conll"]
        bench.xner(arguments, output=place / "predicted.conll")
        found = bench.child("corpora:rate", {"gold": str(gold), "predicted": str(place / "predicted.conll")})
    return float(found["f1"])


def _against_pipeline(bench: Bench, speed: float) -> list[Line]:
    """Return a line against the pipeline, where the row `prediction` has measured it."""
    file = bench.folder / "prediction.json"
    if not file.is_file():
        return []
    first = Stored.read(file).result.lines[0]
    return [Line(measured="tagging with int8 ONNX, sentences/s", xner=speed, against=first.against, other=first.other)]
