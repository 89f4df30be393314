"""Known vulnerabilities of the pinned libraries: `python tools/audit.py` asks PyPI, and fails if there are some.

Where no index is reachable, or it does not know a pin, one line says so, and nothing fails: a machine without a network
must be able to run `make check`.
"""

import json
import subprocess
import sys
from pathlib import Path

PINS = Path(__file__).parent.parent / "constraints.txt"
_SECONDS = 120
_COMMAND = (
    *(sys.executable, "-m", "pip_audit", "--requirement", str(PINS), "--no-deps", "--disable-pip"),
    *("--format", "json", "--progress-spinner", "off", "--timeout", "10"),
)


def verdict(report: str, errors: str) -> tuple[str, bool]:
    """Return what pip-audit found, for people, and whether it is bad.

    Args:
        report: its JSON; empty if it failed.
        errors: what it wrote to stderr.
    """
    try:
        libraries = json.loads(report)["dependencies"]
    except (ValueError, KeyError, TypeError):
        why = (errors.strip().splitlines() or ["no answer"])[-1]
        return f"pip-audit: no index was reachable, so known vulnerabilities were not looked up ({why:.120})\n", False
    unknown = [one["name"] for one in libraries if "skip_reason" in one]
    found = [
        f"{one['name']} {one['version']}: {flaw['id']}, corrected in {', '.join(flaw['fix_versions']) or 'none'}\n"
        for one in libraries
        for flaw in one.get("vulns", ())
    ]
    known = len(libraries) - len(unknown)
    looked = f"pip-audit: {known} of {len(libraries)} pins looked up, {len(found)} vulnerabilities\n"
    said = f"pip-audit: the index does not know {', '.join(unknown[:3])} and so on\n" if unknown else ""
    return "".join([*found, said, looked]), bool(found)


def main() -> None:
    """Print what there is, and exit with 1 if a pin has a known vulnerability."""
    try:
        done = subprocess.run(_COMMAND, capture_output=True, text=True, timeout=_SECONDS)
        said, bad = verdict(done.stdout, done.stderr)
    except subprocess.TimeoutExpired:
        said, bad = verdict("", f"no answer within {_SECONDS} s")
    sys.stdout.write(said)
    sys.exit(bad)


if __name__ == "__main__":
    main()
