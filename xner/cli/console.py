"""How results are printed on stdout, for people or as JSON."""

import json
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

_STYLES = ("black on cyan", "black on yellow", "black on green", "black on magenta", "white on blue", "white on red")


def terminal() -> Console:
    """Return where results for people go; nothing in them is taken for markup."""
    return Console(highlight=False, markup=False, emoji=False)


def print_json(value: Any) -> None:
    """Print one JSON document on stdout."""
    Console().out(json.dumps(value, ensure_ascii=False, indent=2), highlight=False)


def table(heads: Sequence[str], words: int | None = None) -> Table:
    """Return a table without lines.

    Args:
        heads: what its columns are called.
        words: so many columns, from the left, hold words, and the others numbers; None: all hold words.
    """
    made = Table(box=None, pad_edge=False, header_style="bold")
    for place, head in enumerate(heads):
        made.add_column(head, justify="left" if words is None or place < words else "right", overflow="fold")
    return made


def style(kind: str, types: Sequence[str]) -> str:
    """Return the colours of an entity type.

    Args:
        kind: the type.
        types: all of them, in their order.
    """
    return _STYLES[types.index(kind) % len(_STYLES)]
