"""`make fuzz`: each target is fed by atheris, which looks at which lines are run, for some time; crashes are kept.

A crash is a file in fuzz/TARGET; its bytes belong into `FOUND` in tests/fuzz/test_targets.py once it is mended.
"""

import argparse
import subprocess
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.fuzz.targets import TARGETS

WATCHED = ("xner.corpora", "xner.runs.config", "xner.runs.settings", "xner_demo.q4")
"""The code whose lines are looked at."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Fuzz targets one after the other, and exit with 1 if one of them crashed."""
    parser = argparse.ArgumentParser(prog="make fuzz")
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"some of {', '.join(TARGETS)}; all if none")
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument("--out", type=Path, default=Path("fuzz"), help="where crashes and what was learned are kept")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args(arguments)
    if unknown := [name for name in asked.targets if name not in TARGETS]:
        parser.error(f"there is no target {unknown[0]}; there are {', '.join(TARGETS)}")
    try:
        import_module("atheris")
    except ImportError:
        sys.stderr.write('make fuzz needs atheris; install it with: pip install -e ".[fuzz]" (Linux)\n')
        sys.exit(1)
    if asked.child:
        _fuzz(asked.targets[0], asked.seconds, asked.out)
    failed = [name for name in asked.targets or TARGETS if not _done(name, asked.seconds, asked.out / name)]
    for name in failed:
        sys.stderr.write(f"{name}: crashed; its input is in {asked.out / name}, beginning with crash-\n")
    sys.exit(bool(failed))


def _done(name: str, seconds: int, folder: Path) -> bool:
    """Fuzz one target in a process of its own, which atheris ends; return whether it stood."""
    from tests.fuzz.seeds import SEEDS

    folder.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(SEEDS[name]):
        (folder / f"seed-{number}").write_bytes(seed)
    command = [sys.executable, "-m", "tests.fuzz", name, "--child", "--seconds", str(seconds), "--out", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True)
    ended = next((line for line in done.stderr.splitlines()[::-1] if line.startswith(("Done", "SUMMARY"))), "no end")
    sys.stdout.write(f"{name}: {ended}\n")
    sys.stdout.flush()
    if done.returncode:
        lines = (line for line in done.stderr.splitlines() if not line.startswith(("#", "INFO", "WARNING", "0x")))
        sys.stderr.write("\n".join(lines) + "\n")
    return done.returncode == 0


def _fuzz(name: str, seconds: int, folder: Path) -> None:
    import atheris

    watched = [module for start in WATCHED for module in sys.modules.values() if module.__name__.startswith(start)]
    for module in watched:
        for value in list(vars(module).values()):
            if callable(value) and getattr(value, "__module__", "") == module.__name__ and not isinstance(value, type):
                setattr(module, value.__name__, atheris.instrument_func(value))
    with TemporaryDirectory() as place:
        options = [f"-max_total_time={seconds}", f"-artifact_prefix={folder}/", "-rss_limit_mb=4096", str(folder)]
        atheris.Setup([name, *options], lambda data: TARGETS[name](data, Path(place)))
        atheris.Fuzz()


if __name__ == "__main__":
    main()
