"""make bench: python -m tests.benchmarks [ROW ...] runs rows, prints one table and writes the page."""

import argparse
import os
import sys
import time
import traceback
from importlib import import_module
from pathlib import Path

from tests.benchmarks import page
from tests.benchmarks.bench import ROOT, Bench
from tests.benchmarks.result import Result, Stored

ROWS = ("teacher", "distillation", "compare", "prediction", "int8", "startup", "limit", "beside", "growth", "million")
"""Each is a module with a function `measure`; the longest come last."""


def main() -> int:
    """Run the rows asked for, each into a file of its own, so that a killed run keeps what it has."""
    asked = _arguments()
    folder = (asked.out or ROOT / "build/bench").resolve()
    if asked.quick:  # apart, so that no page is ever written from quick numbers
        folder = folder.with_name(f"{folder.name}-quick")
    folder.mkdir(parents=True, exist_ok=True)
    bench = Bench(folder, _data(), _encoder(folder, asked.quick), asked.threads, asked.quick)
    machine = bench.child("machine:describe", {"encoder": bench.encoder}, bench.prepared)
    described = {name: value for name, value in machine.items() if isinstance(value, str)}
    failed = 0
    for row in asked.rows or ROWS:
        started = time.perf_counter()
        _say(f"{row} ...")
        try:
            result: Result = import_module(f"tests.benchmarks.{row}").measure(bench)
        except Exception:  # the other rows must not be lost with it
            traceback.print_exc()
            _say(f"{row}: failed")
            failed += 1
            continue
        seconds = time.perf_counter() - started
        Stored(row=row, machine=described, seconds=seconds, result=result).write(folder)
        written = write_page(folder, folder if asked.quick else ROOT / "docs")
        _say(f"{row}: {seconds:.0f} s, {written}")
    found = [Stored.read(folder / f"{row}.json") for row in asked.rows or ROWS if (folder / f"{row}.json").is_file()]
    sys.stdout.write(page.table(found))
    return 1 if failed else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description="Measure xner against the usual ways.")
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"of {', '.join(ROWS)}; none: all")
    parser.add_argument("--quick", action="store_true", help="tiny sizes and encoder: does it work? No real numbers")
    parser.add_argument("--out", type=Path, help="folder of the results (default: build/bench); --quick adds -quick")
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    parser.add_argument("--threads", type=int, default=cores, help=f"for both sides (default: {cores})")
    asked = parser.parse_args()
    if unknown := set(asked.rows) - set(ROWS):
        parser.error(f"no row {', '.join(sorted(unknown))}; there are {', '.join(ROWS)}")
    return asked


def _data() -> Path:
    """Return the folder with UNER's languages: XNER_TEST_DATA, or `uner` in it."""
    named = os.environ.get("XNER_TEST_DATA")
    if not named:
        raise SystemExit(
            "make bench needs real text: set XNER_TEST_DATA to a folder with Universal NER, docs/corpora.md"
        )
    for folder in (Path(named) / "uner", Path(named)):
        if (folder / "en" / "train.conll").is_file():
            return folder.resolve()
    raise SystemExit(f"XNER_TEST_DATA={named}: expected en/train.conll, pt/train.conll and so on here, or below uner/")


def _encoder(folder: Path, quick: bool) -> str:
    """Return the name of the embedded encoder, or for --quick the folder of a tiny one."""
    if not quick:
        return "e5-small"
    from xner.testing import tiny_encoder

    place = folder / "work" / "tiny"
    return str(place if place.is_dir() else tiny_encoder(place))


def write_page(folder: Path, docs: Path) -> str:
    """Write performance.md, into the results' folder if rows that docs has now would be lost.

    Args:
        folder: of the results.
        docs: where the page belongs.

    Returns:
        where the page is and why.
    """
    files = {row: folder / f"{row}.json" for row in ROWS}
    found = [Stored.read(file) for file in files.values() if file.is_file()]
    missing = [row for row, file in files.items() if not file.is_file()]
    proper = docs / "performance.md"
    shown = page.rows(proper.read_text(encoding="utf-8")) if proper.is_file() else []
    lost = [row for row in missing if row in shown]
    target = folder / "performance.md" if lost else proper
    target.write_text(page.render(found, missing), encoding="utf-8")
    return f"{target}" + (f"; {proper} stays, it has rows not measured in {folder}: {', '.join(lost)}" if lost else "")


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
