"""Comparing the entities that two sides found."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple


class Agreement(NamedTuple):
    """How many entities both sides found, how many each, and the share in per cent that both found of all."""

    both: int
    first: int
    second: int
    share: float


def span(kind: str, start: int, end: int, text: str) -> tuple[str, int, int]:
    """Return an entity without the blanks that a sentencepiece tokenizer counts to the word after them."""
    piece = text[start:end]
    return kind, start + len(piece) - len(piece.lstrip()), end - (len(piece) - len(piece.rstrip()))


def printed(path: Path) -> list[list[tuple[str, int, int]]]:
    """Read what `xner predict --format jsonl` printed: the entities of each sentence."""
    with path.open(encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    return [[span(one["type"], one["start"], one["end"], row["text"]) for one in row["entities"]] for row in rows]


def compare(first: Iterable[Sequence[Any]], second: Iterable[Sequence[Any]]) -> Agreement:
    """Compare entities, sentence by sentence, by type and characters."""
    one, other = ({(row, *found) for row, all_ in enumerate(side) for found in all_} for side in (first, second))
    both = len(one & other)
    return Agreement(both, len(one), len(other), 100 * both / max(1, len(one | other)))
