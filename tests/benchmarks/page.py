"""docs/performance.md, from the results of all rows."""

import re
from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader

from tests.benchmarks.result import Aim, Line, Stored


def render(found: Sequence[Stored], missing: Sequence[str]) -> str:
    """Return the page.

    Args:
        found: the rows that were measured, in their order.
        missing: names of the rows that were not.
    """
    here = FileSystemLoader(Path(__file__).parent)
    environment = Environment(loader=here, trim_blocks=True, lstrip_blocks=True, autoescape=False)
    environment.filters |= {"number": number, "aim": aim, "f1": f1}
    machines = list({tuple(stored.machine.items()): stored.machine for stored in found}.values())
    return environment.get_template("page.md.jinja").render(found=found, missing=missing, machines=machines)


def rows(text: str) -> list[str]:
    """Return the names of the rows that a page shows."""
    return re.findall(r"^## (\w+)$", text, re.MULTILINE)


def table(found: Sequence[Stored]) -> str:
    """Return the lines of all rows for a terminal."""
    lines = [("row", "measured", "xner", "other side", "", "ratio", "aim", "F1")]
    for stored in found:
        for line in stored.result.lines:
            values = number(line.xner), line.against, number(line.other), number(line.ratio)
            lines.append((stored.row, line.measured, *values, aim(line), f1(line)))
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    padded = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in lines)
    return "\n".join(padded) + "\n"


def number(value: str | float | None) -> str:
    """Return three digits or all before the point; text as it is, nothing for None."""
    if value is None or isinstance(value, str):
        return value or ""
    if value != value:  # not a number
        return "-"
    if abs(value) >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 20 else f"{value:.2f}"


def aim(line: Line) -> str:
    """Return the aim of a line and whether it is reached."""
    if not line.aim:
        return ""
    words = _words(line.aim)
    return f"{words}: {'reached' if line.reached else 'missed'}"


def f1(line: Line) -> str:
    """Return F1 of xner and of the other side."""
    return f"{line.f1[0]:.2f} / {line.f1[1]:.2f}" if line.f1 else ""


def _words(aim: Aim) -> str:
    ratio = f"{'≤' if aim.at_most else '≥'} {aim.ratio:g}"
    if aim.f1_slack is None:
        return ratio
    return f"{ratio}, F1 not lower" + (f" by more than {aim.f1_slack:g}" if aim.f1_slack else "")
