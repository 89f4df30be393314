"""Row: how near the stages come to what the machine can multiply."""

from typing import Any

from tests.benchmarks.bench import Bench, stage_of
from tests.benchmarks.result import Aim, Line, Result, Table

SOURCE, TARGET = 12_543, 2_000
PROFILED = 5
"""Steps of the profile."""

ABOUT = """Floating-point operations that a stage cannot do without, a second, over those of a product of two square
matrices of width {width:,} in the same type, best of several. Training: 6 for each of the encoder's weights without
embeddings and each sub-word that is no padding; labelling and tagging: 2. Attention's own products and the frozen word
embeddings are not counted. Loading models does not count as time, everything else of a stage does. The second
denominator has the model's own shapes instead: the products of one layer on {tokens:,} sub-words, for training with
those of both gradients."""

STAGES = (
    ("teacher recognizer", "source", 6),
    ("teacher similarity", "source", 6),
    ("student", "target", 6),
    ("signals of recognizer", "target", 2),
    ("signals of similarity", "target", 2),
)
"""Title, corpus, and operations for a weight and a sub-word."""


def measure(bench: Bench) -> Result:
    """Measure stages, then the machine, then where the time of a training step goes."""
    source, target = bench.size(SOURCE), bench.size(TARGET)
    settings = bench.settings(source, target) | {
        "method": "mtmt",
        "student.epochs": 1,
        "teachers.recognizer.epochs": 1,
        "teachers.similarity.epochs": 1,
        "teachers.similarity.sentences": "all",  # so that its work can be counted
    }
    with bench.scratch() as place:
        cache = place / "cache"
        done = bench.child("stages:run", {"settings": settings, "out": str(place / "run")}, cache)
        model = {"tagger": f"{stage_of(done, 'teacher recognizer')['folder']}/tagger"}
        counts = bench.child("corpora:count", {"settings": settings, **model})
        tagging = bench.child("peak:tagging", {"settings": settings, **model})
        peak = bench.child("peak:peaks", model)
        labelling = bench.child("profiling:tagging", {"settings": settings, **model})
    steps = 2 if bench.quick else PROFILED
    training = bench.child("profiling:training", {"settings": settings, "steps": steps})
    work = {title: peak["weights"] * counts[f"{corpus}_tokens"] * per for title, corpus, per in STAGES}
    rates = {title: (work[title] / stage_of(done, title)["net"] / 1e9, per) for title, _, per in STAGES}
    rates["tagging, from Python"] = (peak["weights"] * counts["target_tokens"] * 2 / tagging["seconds"] / 1e9, 2)
    return Result(
        title="How near to the machine's limit",
        about=ABOUT.format(width=peak["width"], tokens=peak["tokens"]),
        passport={
            "command": f"xner train --method mtmt --src en --tgt pt --dataset FOLDER --limit-source {source} "
            f"--limit-target {target} --set student.epochs=1 --set teachers.recognizer.epochs=1 "
            "--set teachers.similarity.epochs=1 --set teachers.similarity.sentences=all",
            "data": f"UNER, {source:,} English and {target:,} Portuguese sentences of train",
            "repeats": "seed 0; once; peaks are the best of several",
        },
        lines=_lines(rates, peak),
        tables=(
            _table(rates, peak),
            _profile(training, f"{steps} steps of the recognizer's training", "step"),
            _profile(labelling, f"tagging {target:,} sentences", "batch"),
        ),
    )


def _lines(rates: dict[str, tuple[float, int]], peak: dict[str, Any]) -> tuple[Line, ...]:
    against = f"a square product, {peak['type']}"
    return tuple(
        Line(
            measured=f"{title}, GFLOP/s",
            xner=rate,
            against=against,
            other=peak["square"],
            aim=Aim(ratio=0.6) if per == 6 else None,
        )
        for title, (rate, per) in rates.items()
    )


def _table(rates: dict[str, tuple[float, int]], peak: dict[str, Any]) -> Table:
    rows = []
    for title, (rate, per) in rates.items():
        shapes = peak["shapes_training" if per == 6 else "shapes_forward"]
        rows.append((title, rate, peak["square"], 100 * rate / peak["square"], shapes, 100 * rate / shapes))
    header = ("stage", "GFLOP/s", "square product", "per cent", "the model's shapes", "per cent")
    return Table(title="", header=header, rows=tuple(rows))


def _profile(found: dict[str, Any], what: str, unit: str) -> Table:
    rows = tuple((name, share, calls) for name, share, calls in found["operators"])
    title = f"Where the time of {what} goes, by operator (torch.profiler)"
    return Table(title=title, header=("operator", "per cent of self time", f"calls a {unit}"), rows=rows)
