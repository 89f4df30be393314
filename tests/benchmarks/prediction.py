"""Row: `xner predict` against `transformers.pipeline`."""

from pathlib import Path
from statistics import median
from typing import Any

from tests.benchmarks import entities, prepared
from tests.benchmarks.bench import Bench
from tests.benchmarks.entities import Agreement
from tests.benchmarks.result import Aim, Line, Result, Table

SENTENCES = 10_000
SAMPLE = 500
TRIAL = 128
BATCHES = (1, 8, 32, 128)
REPEATS = 1
LANGUAGES = ("en", "pt", "sv", "da", "hr", "sk", "sr")
"""Of UNER, those that put blanks between words."""

ABOUT = """`xner predict RUN --file F --format jsonl` on {all:,} sentences against `pipeline("token-classification",
aggregation_strategy="first")` on the first {some:,} of them, at the best batch size of {batches} for {trial}
sentences. The same model, the same words with a blank between them. The pipeline cuts a sentence at the model's
longest input, xner reads all of it."""


def measure(bench: Bench) -> Result:
    """Tag on both sides."""
    run = prepared.run_folder(bench)
    size, sample = bench.size(SENTENCES), bench.size(SAMPLE)
    path = sentences(bench)
    model, file = {"model": str(run / "student")}, {"path": str(path)}
    found = bench.child("pipeline:rates", model | file | {"size": bench.size(TRIAL), "batches": BATCHES})
    trial = {batch: found[str(batch)] for batch in BATCHES}
    best = max(BATCHES, key=trial.__getitem__)
    start, printed = starting(bench, run), bench.work / "predicted.jsonl"
    common, ours, theirs = model | file | {"size": sample}, [], []
    for _ in range(REPEATS):
        ours.append(predict(bench, run, path, printed))
        theirs.append(bench.child("pipeline:run", common | {"batch": best}))
    half = bench.child("pipeline:run", common | {"batch": best, "bf16": True})
    exact = bench.child("pipeline:xner", common | {"precision": "fp32"})
    parts = bench.child("pipeline:decoding", common)
    pipe = theirs[0]["entities"]
    agreement = {
        "`xner predict`": entities.compare(entities.printed(printed)[:sample], pipe),
        "xner in float32": entities.compare(exact["entities"], pipe),
        "pipeline in bf16": entities.compare(half["entities"], pipe),
    }
    same = entities.compare(entities.printed(printed)[:sample], exact["entities"])
    speed = _speed(size, sample, median(ours), start, theirs, half, exact)
    limit = _limit(bench, run, path, size)
    return Result(
        title="Tagging text",
        about=ABOUT.format(all=size, some=sample, batches=", ".join(map(str, BATCHES)), trial=bench.size(TRIAL)),
        passport=_passport(size, bench.size(prepared.SENTENCES)),
        lines=(*_lines(speed, best), _decoding(parts, sample), _equal(same, exact)),
        tables=_tables(size, speed, trial, agreement),
        notes=(
            _ceiling(limit, speed),
            "float32 was asked for through the Python interface.",
        ),
    )


def sentences(bench: Bench) -> Path:
    """Write the sentences that everything is measured on."""
    path = bench.work / "mixed.jsonl"
    mix = {"data": str(bench.data), "languages": LANGUAGES, "size": bench.size(SENTENCES), "path": str(path)}
    bench.child("corpora:mix", mix)
    return path


def predict(bench: Bench, run: Path, file: Path, printed: Path) -> float:
    """Return the seconds of `xner predict` from start to end."""
    return bench.xner(["predict", str(run), "--file", str(file), "--format", "jsonl"], output=printed).seconds


def starting(bench: Bench, run: Path) -> float:
    """Return the seconds of `xner predict` with a single sentence."""
    return median(bench.xner(["predict", str(run), "One sentence .", "--format", "jsonl"]).seconds for _ in range(3))


def _limit(bench: Bench, run: Path, file: Path, size: int) -> float:
    """Return the sentences a second if the model's products, each at the machine's peak, were all there is to do."""
    model = {"tagger": str(run / "student")}
    peak = bench.child("peak:peaks", model)
    tokens = bench.child("corpora:pieces", model | {"path": str(file)})["pieces"]
    return size * 1e9 * float(peak["square"]) / (2 * peak["weights"] * tokens)


def _ceiling(limit: float, speed: dict[str, tuple[float, float]]) -> str:
    (ours, _), (theirs, _) = speed["xner predict"], speed["pipeline"]
    return (
        "The ceiling: if the model's matrix products were all there is to do, and each ran as fast as a square one (as "
        f"in `limit`; measured anew), this machine would tag {limit:,.0f} sentences a second in the type that xner "
        f"uses, {limit / theirs:,.1f} times the pipeline's rate. xner is at {100 * ours / limit:.0f} % of that."
    )


def _speed(
    size: int,
    sample: int,
    seconds: float,
    start: float,
    theirs: list[dict[str, Any]],
    half: dict[str, Any],
    exact: dict[str, Any],
) -> dict[str, tuple[float, float]]:
    """Return each side's sentences a second without its start, and for all sentences with it."""
    alone = {
        "xner predict": ((size - 1) / (seconds - start), start),
        "pipeline": (
            sample / median(one["seconds"] for one in theirs),
            median(one["process_seconds"] - one["seconds"] for one in theirs),
        ),
        "pipeline in bf16": (sample / half["seconds"], half["process_seconds"] - half["seconds"]),
        "xner in float32, from Python": (sample / exact["seconds"], exact["process_seconds"] - exact["seconds"]),
    }
    return {name: (rate, size / (size / rate + begin)) for name, (rate, begin) in alone.items()}


def _passport(size: int, source: int) -> dict[str, str]:
    return {
        "command": "xner predict RUN --file mixed.jsonl --format jsonl",
        "data": f"UNER, {size:,} sentences of {', '.join(LANGUAGES)}, test splits first, shuffled; the run is "
        f"`direct`, {source:,} English sentences",
        "repeats": f"{REPEATS} in turns, medians; the pipeline's time for all sentences is its start plus the rate on "
        "the sample; bf16 and float32 variants once",
    }


def _lines(speed: dict[str, tuple[float, float]], best: int) -> tuple[Line, ...]:
    aim, opponent, alone = Aim(ratio=8), f"pipeline, batch {best}", "the same without the start"
    (ours, ours_all), (theirs, theirs_all) = speed["xner predict"], speed["pipeline"]
    half, _ = speed["pipeline in bf16"]
    return (
        Line(measured="tagging, sentences/s", xner=ours_all, against=opponent, other=theirs_all, aim=aim),
        Line(measured=alone, xner=ours, against=opponent, other=theirs, aim=aim),
        Line(measured=alone, xner=ours, against=f"{opponent}, bf16", other=half),
    )


def _decoding(parts: dict[str, float], size: int) -> Line:
    ours, whole = (1000 * seconds / size for seconds in (parts["decoding"], sum(parts.values())))
    aim = Aim(ratio=0.05, at_most=True)
    return Line(measured="decoding, ms a sentence", xner=ours, against="tagging", other=whole, aim=aim)


def _equal(same: Agreement, exact: dict[str, Any]) -> Line:
    count, aim = sum(map(len, exact["entities"])), Aim(ratio=0.99)
    measured, against = "entities that float32 finds, too, per cent of all", f"float32, {count:,} entities"
    return Line(measured=measured, xner=same.share, against=against, other=100, aim=aim)


def _tables(
    size: int, speed: dict[str, tuple[float, float]], trial: dict[int, float], agreement: dict[str, Agreement]
) -> tuple[Table, ...]:
    return (
        Table(
            title="Sentences per second",
            header=("", "without the start", f"{size:,} sentences, with it"),
            rows=tuple((name, *pair) for name, pair in speed.items()),
        ),
        Table(
            title="The pipeline's batch sizes",
            header=("batch", "sentences/s"),
            rows=tuple((str(batch), rate) for batch, rate in trial.items()),
        ),
        Table(
            title="Entities that are the same (sentence, type and characters), against the pipeline",
            header=("", "by both", "by this one", "by the pipeline", "per cent of all"),
            rows=tuple((name, *found) for name, found in agreement.items()),
        ),
    )
