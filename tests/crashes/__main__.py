"""Crashes commands at every call that changes the disk: `make soak`, which takes hours; see docs/reliability.md."""

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.crashes.killing import kill
from tests.crashes.scenarios import scenarios
from tests.crashes.server import Server, What, compiler

_CRASHES = [what for what in What if what is not What.COUNT]


def main():
    """Crash what is asked for, print how often and what went wrong, and exit with 1 if something did."""
    parser = argparse.ArgumentParser(prog="python -m tests.crashes", description=__doc__)
    names = ["train", "compare", "report", "prune", "export"]
    parser.add_argument("--only", nargs="+", default=names, help=f"some of: {', '.join(names)}")
    parser.add_argument("--what", nargs="+", default=[what.name for what in _CRASHES], help="such as KILL FULL")
    parser.add_argument("--every", type=int, default=1, help="only every n-th call")
    parser.add_argument("--first", type=int, default=1, help="the first of these")
    parser.add_argument("--kills", type=int, default=0, help="so often kill a comparison of four methods, alone")
    parser.add_argument("--seed", type=int, default=random.randrange(2**32), help="of the moments of these kills")
    parser.add_argument("--exports", type=Path, default=None, help="a folder with student/ and onnx/, for export")
    asked = parser.parse_args()
    if not compiler():
        sys.exit("there is no C compiler here, or the system is not Linux, so no call can be made to fail")
    with tempfile.TemporaryDirectory(prefix="crashes-") as folder:
        server = Server(Path(folder, "server"))
        try:
            failed = (kills if asked.kills else soak)(server, Path(folder, "worlds"), asked)
        finally:
            server.close()
    sys.exit(bool(failed))


def kills(server, folder, asked):
    """Kill a comparison at random moments, and print how often; a failure is raised."""
    sys.stdout.write(f"seed {asked.seed}\n")
    sys.stdout.flush()
    grid = scenarios(server, folder, only=("grid",))["grid"]
    sys.stdout.write(f"{kill(server, grid, folder / 'world', asked.kills, asked.seed)}\n")
    return []


def soak(server, folder, asked):
    """Return the failures; each is printed when it is found, and the counts of each scenario at its end."""
    failed = []
    for name, scenario in scenarios(server, folder, asked.exports, asked.only).items():
        for what in (What[each] for each in asked.what):
            began, ends, bad = time.monotonic(), Counter(), 0
            for at in range(asked.first, scenario.calls + 1, asked.every):
                try:
                    ends[scenario.crash(server, folder / "world", at, what).code] += 1
                except AssertionError as error:
                    bad += 1
                    failed.append((name, what.name, at))
                    sys.stdout.write(f"{name}: {error}\n")
                    sys.stdout.flush()
            codes = ", ".join(f"{number} ended with {code}" for code, number in sorted(ends.items()))
            took = f"{time.monotonic() - began:.0f} s"
            crashed = f"{sum(ends.values()) + bad} of {scenario.calls} calls"
            sys.stdout.write(f"{name} {what.name}: {crashed} ({codes}), {bad} failed, {took}\n")
            sys.stdout.flush()
    return failed


if __name__ == "__main__":
    main()
