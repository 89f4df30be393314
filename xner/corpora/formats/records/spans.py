"""From entities that are given as spans to one tag a word."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from xner.corpora.formats.notes import Notes
from xner.corpora.labels import OUTSIDE
from xner.errors import DataError

_START = ("start", "start_offset", "begin")
_END = ("end", "end_offset")
_TYPE = ("label", "labels", "type", "entity", "entity_group", "tag")


class Marked(NamedTuple):
    """A span: its type, and its characters or words from `start` up to, not including, `end`."""

    type: str
    start: int
    end: int


def parsed(item: object, where: str, notes: Notes) -> Marked:
    """Read one span as some tool writes it: [start, end, type], or an object with keys for these.

    Args:
        item: the span.
        where: the file and line.
        notes: what was left out.

    Raises:
        DataError: it is neither.
    """
    if isinstance(item, dict):
        inner = item.get("value")
        fields = inner if isinstance(inner, dict) else item  # Label Studio's are one step further in
        start, end, kind = (
            next((fields[key] for key in keys if key in fields), None) for keys in (_START, _END, _TYPE)
        )
    else:
        start, end, kind = item if isinstance(item, list | tuple) and len(item) == 3 else (None, None, None)
    if isinstance(kind, list | tuple) and kind:
        if len(kind) > 1:
            notes.add(where, f"a span has the types {', '.join(map(str, kind))}, of which the first is taken", "types")
        kind = kind[0]
    if not (isinstance(start, int) and isinstance(end, int) and isinstance(kind, str) and kind.strip()):
        raise DataError(f"{where}: {str(item)!r:.80} is no span; expected [start, end, type], or an object with these")
    return Marked(kind.strip(), start, end)


def tags_of(words: Sequence[tuple[int, int]], spans: Sequence[Marked], where: str, notes: Notes) -> list[str]:
    """Return a tag for each word, in IOB2.

    Of spans that overlap the longest is kept. One that begins or ends inside of a word is widened to whole words.
    Both are noted.

    Args:
        words: where each starts and ends.
        spans: in any order, counted in the same way.
        where: the file and line.
        notes: what was left out or changed.
    """
    starts, ends = [start for start, _ in words], [end for _, end in words]
    tags, taken = [OUTSIDE] * len(words), [False] * len(words)
    for span in sorted(dict.fromkeys(spans), key=lambda one: (one.start - one.end, one.start)):
        first, last = bisect_right(ends, span.start), bisect_left(starts, span.end)
        if first >= last:
            notes.add(where, f"the span {span.start}-{span.end} ({span.type}) has no word, and is left out", "empty")
        elif any(taken[first:last]):
            notes.add(
                where,
                f"the span {span.start}-{span.end} ({span.type}) overlaps a longer one, and is left out",
                "overlapping",
            )
        else:
            if starts[first] < span.start or ends[last - 1] > span.end:
                what = f"the span {span.start}-{span.end} ({span.type}) cuts a word, and is widened to whole words"
                notes.add(where, what, "misaligned")
            taken[first:last] = [True] * (last - first)
            tags[first:last] = [f"B-{span.type}", *[f"I-{span.type}"] * (last - first - 1)]
    return tags
