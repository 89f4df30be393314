"""Batches of windows of about equal length, so that little of what is computed is padding."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import TypeVar

from xner.machine.memory import give_back
from xner.tagging.windows import Window

Item = TypeVar("Item")

_CHUNK = 2048
"""Windows that are sorted by length together; the bound on memory while a corpus streams through."""
_BATCH_TOKENS = 2048
"""Padded sub-words in one batch of inference."""
_ROWS = 4
"""A batch has a multiple of so many windows if it can, so that few shapes occur: torch keeps a plan for each."""


def run_in_batches(
    windows: Iterable[Window], run: Callable[[list[Window]], Iterable[Item]]
) -> Iterator[tuple[Window, Item]]:
    """Yield each window with what is said of it, in their order.

    Args:
        windows: in any order.
        run: says something of each window of a batch, in its order.
    """
    stream = iter(windows)
    while chunk := list(islice(stream, _CHUNK)):
        results = dict[int, Item]()
        order = sorted(range(len(chunk)), key=lambda place: len(chunk[place].input_ids))
        for places in _batches(order, [len(window.input_ids) for window in chunk]):
            results.update(zip(places, run([chunk[place] for place in places]), strict=True))
        yield from ((window, results[place]) for place, window in enumerate(chunk))
        give_back()


def _batches(order: list[int], lengths: list[int]) -> Iterator[list[int]]:
    """Cut an order of windows, short to long, into batches of a bounded number of padded sub-words."""
    batch: list[int] = []
    for place in order:
        while batch and lengths[place] * (len(batch) + 1) > _BATCH_TOKENS:
            whole = len(batch) // _ROWS * _ROWS or len(batch)
            yield batch[:whole]
            batch = batch[whole:]
        batch.append(place)
    if batch:
        yield batch
