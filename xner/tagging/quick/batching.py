"""Batches of windows of about equal length, so that little of it is padding; too large ones are halved."""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from xner.errors import XnerError
from xner.machine.memory import give_back, out_of_memory
from xner.tagging.windows import Window

Item = TypeVar("Item")

_CHUNK = 2048
"""Windows that are sorted by length together; the bound on memory while a corpus streams through."""
_BATCH_TOKENS = 2048
"""Padded sub-words in one batch of inference."""
_ROWS = 4
"""A batch has a multiple of so many windows if it can, so that few shapes occur: torch keeps a plan for each."""


def _told(line: str) -> None:
    sys.stderr.write(f"{line}\n")


@dataclass
class Room:
    """How much of a corpus a tagger reads at once; where the memory is too short for that, it is halved, for good.

    What is said of a word is then what smaller batches say from the start. Of what was said before, the last bits may
    differ from that: they depend on how many rows a matrix product has.

    Args:
        tokens: padded sub-words in a batch; a window that is longer is a batch alone.
        say: is told when it is halved.
    """

    tokens: int = _BATCH_TOKENS
    say: Callable[[str], None] = _told

    def halve(self, batch: Sequence[Window], error: Exception) -> None:
        """Take in that the memory is too short for a batch.

        Args:
            batch: it; its last window is the longest.
            error: says so.

        Raises:
            XnerError: it has a single window.
        """
        longest = len(batch[-1].input_ids)
        if len(batch) == 1:
            raise XnerError(
                f"the memory is too short to tag a window of {longest} sub-words; "
                "end other programs, or train with a smaller max_length"
            ) from error
        size = longest * len(batch)
        self.tokens = size // 2
        self.say(f"the memory is too short to tag {size} sub-words at once; it goes on with half as many")


def run_in_batches(
    windows: Iterable[Window], run: Callable[[list[Window]], Iterable[Item]], room: Room
) -> Iterator[tuple[Window, Item]]:
    """Yield each window with what is said of it, in their order.

    Args:
        windows: in any order.
        run: says something of each window of a batch, in its order.
        room: of a batch.

    Raises:
        XnerError: the memory is too short even for a window alone.
    """
    stream = iter(windows)
    while chunk := list(islice(stream, _CHUNK)):
        results, begin = dict[int, Item](), 0
        order = sorted(range(len(chunk)), key=lambda place: len(chunk[place].input_ids))
        lengths = [len(chunk[place].input_ids) for place in order]
        while begin < len(order):
            places = order[begin : _end(lengths, begin, room.tokens)]
            said = _said([chunk[place] for place in places], run, room)
            if said is not None:
                results.update(zip(places, said, strict=True))
                begin += len(places)
        yield from ((window, results[place]) for place, window in enumerate(chunk))
        give_back()


def _end(lengths: Sequence[int], begin: int, tokens: int) -> int:
    """Return where a batch of a bounded number of padded sub-words ends.

    Args:
        lengths: of windows, short to long.
        begin: where the batch begins.
        tokens: the bound.
    """
    end = begin + 1
    while end < len(lengths) and lengths[end] * (end + 1 - begin) <= tokens:
        end += 1
    size = end - begin
    return begin + (size // _ROWS * _ROWS or size) if end < len(lengths) else end


def _said(batch: list[Window], run: Callable[[list[Window]], Iterable[Item]], room: Room) -> Iterable[Item] | None:
    """Return what is said of the windows of a batch; None if there must be smaller ones."""
    try:
        return run(batch)
    except Exception as error:  # that of ONNX Runtime is of no other class
        if not out_of_memory(error):
            raise
        room.halve(batch, error)
    return None  # by now nothing holds what was computed of the batch
