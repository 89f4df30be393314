"""The report of a comparison: one HTML page with pictures, tables and the origin of everything."""

import os
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

from xner.comparing import tables
from xner.comparing.record import Comparison
from xner.comparing.sections import compared
from xner.comparing.summary import summarized
from xner.errors import DataError, require
from xner.reporting.page import environment
from xner.runs.written.report import FILE as RUN_PAGE

FILE = "comparison.html"
"""Where the page is, in a comparison's folder, if it is not asked for elsewhere."""
_LIBRARIES = ("altair", "vl_convert")
"""What its pictures are drawn with."""


def can_draw() -> bool:
    """Whether the extra `report` is installed; nothing of it is imported."""
    return all(find_spec(name) for name in _LIBRARIES)


def render(folder: Path, place: Path) -> str:
    """Return the page of a folder; the same comparison gives the same bytes.

    Args:
        folder: the comparison's; one that has not ended is shown with the cells that have.
        place: the folder in which the page will lie, from which links lead to the pages of the cells.

    Raises:
        DataError: there is no comparison, or nothing has a score yet.
        XnerError: a library that draws is missing.
    """
    comparison = Comparison.read(folder)
    if not comparison.scored:
        raise DataError(f"{folder}: none of its cells has a score yet; `xner compare` goes on with it")
    return rendered(comparison if comparison.rows else summarized(comparison), place)


def rendered(made: Comparison, place: Path) -> str:
    """Return the page of a comparison.

    Args:
        made: one with a summary.
        place: the folder in which the page will lie.

    Raises:
        XnerError: a library that draws is missing.
    """
    for library in _LIBRARIES:
        require("report", library)
    from xner.comparing import pictures

    return (
        environment()
        .get_template("comparison.html")
        .render(
            _shown(made, place),
            pictures=pictures.draw(made),
            more_types=len({kind for row in made.rows for kind in row.by_type}) > pictures.TYPES,
        )
    )


def _shown(made: Comparison, place: Path) -> dict[str, Any]:
    """Return what the page says beside its pictures."""
    return {
        "title": tables.title(made),
        "passport": tables.passport(made),
        "remarks": tables.remarks(made),
        "explanations": tables.explanations(made),
        "interval": tables.INTERVAL,
        "corpora": made.corpora,
        "first": made.settings["methods"][0],
        "targets": len(made.settings["targets"]),
        "several": len(made.settings["seeds"]) > 1,
        "tables": {"scores": tables.scores(made), "types": tables.types(made), "cells": tables.cells(made)},
        "best": tables.F1,
        "links": [_link(Path(cell.folder), place) for cell in made.scored],
        "failed": made.failed,
        "missing": made.missing,
        "sections": compared(made),
        "asked": len(made.cells) + len(made.missing),
    }


def _link(run: Path, place: Path) -> str:
    """Return the way from a folder to a run's page; nothing if it has none."""
    page = run / RUN_PAGE
    return quote(Path(os.path.relpath(page, place)).as_posix()) if page.is_file() else ""
