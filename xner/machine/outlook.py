"""The outlook of a command: which of its stages it is at, and how long all that are left may take."""

from collections import Counter
from collections.abc import Sequence

_USUAL = {"teacher": 240.0, "student": 150.0, "signals": 14.0, "scoring": 15.0}
"""Median seconds of stages by the first word of their titles, of examples/uner/records/cost; ratios alone count."""
_OTHER = 1.0
"""Of all other stages, of which nothing is known; so how long they took says nothing of the pace."""


class Outlook:
    """What a command has still to do.

    A stage that is still to come is expected to take as long as is usual for its kind, times the pace: how long those
    until now took, and the one that runs will take, by what is usual for them.

    Args:
        titles: of the stages to come; each may be there several times.
    """

    def __init__(self, titles: Sequence[str]) -> None:
        self._left, self.stages, self.number = Counter(titles), len(titles), 0
        self._took = self._usual = 0.0

    @property
    def over(self) -> bool:
        """Whether all stages are done or running."""
        return not self._left.total()

    def begin(self, title: str) -> bool:
        """Note that a stage begins; return whether it is one of those that were to come."""
        known = self._left[title] > 0
        if known:
            self._left[title] -= 1
            self.number += 1
        return known

    def end(self, title: str, seconds: float) -> None:
        """Note how long a stage took."""
        if _kind(title) in _USUAL:
            self._took += seconds
            self._usual += _usual(title)

    def left_from(self, title: str = "") -> float | None:
        """Return the seconds that are left of all; None: no stage was done, so nothing is known.

        Args:
            title: a stage that begins just now; "": none does.
        """
        usual = (_usual(title) if title else 0.0) + self._to_come
        return self._took / self._usual * usual if self._usual else None

    def left(self, title: str, past: float, to_come: float) -> float:
        """Return the seconds that are left of all.

        Args:
            title: the stage that runs.
            past: how long it has run.
            to_come: how long it will still run.
        """
        took, usual = self._took, self._usual
        if _kind(title) in _USUAL:
            took, usual = took + past + to_come, usual + _usual(title)
        return to_come + (took / usual if usual else 1.0) * self._to_come

    @property
    def _to_come(self) -> float:
        """How long what has not begun usually takes."""
        return sum(_usual(title) * count for title, count in self._left.items())


def _usual(title: str) -> float:
    return _USUAL.get(_kind(title), _OTHER)


def _kind(title: str) -> str:
    return title.partition(" ")[0]


def told_time(seconds: float) -> str:
    """Return a length of time for people: "40 s", "5 min" or "2 h 10 min"."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
