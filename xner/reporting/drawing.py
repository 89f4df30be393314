"""Where the marks of curves and maps lie in their pictures; the templates draw them, so their colours are the page's.

A run writes its page each time, so nothing here may take long: a library that draws takes seconds to start.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from xner.reporting.parts import Lines, Point, Points

COLOURS = 8
"""So many colours the page has for series."""
_TICKS = 5
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 14, 10, 40
"""The margins of a picture with axes, in its own units."""
_WIDE, _SQUARE, _MAP = (420, 220), (340, 330), (560, 420)
"""Width and height of a picture of curves, of one with a diagonal, and of a map."""
_DOTS = 40
"""Up to so many points of a curve have a dot each."""


@dataclass(frozen=True)
class Tick:
    """A number at an axis: where, and what it says."""

    place: float
    text: str


@dataclass(frozen=True)
class Series:
    """A curve, or a group of points.

    Args:
        name: what it is.
        colour: the number of its colour.
        path: the points of a line, as SVG has them; "": none is drawn.
        dots: where dots are, and what each says.
    """

    name: str
    colour: int
    path: str
    dots: tuple[tuple[float, float, str], ...]


@dataclass(frozen=True)
class Drawn:
    """A picture.

    Args:
        size: its width and height.
        box: the left, top, right and bottom end of what is inside its axes.
        across: the numbers at the axis to the right.
        up: those at the axis upwards.
        series: what it shows.
        diagonal: the ends of the line y = x: left, top, right, bottom; None: there is none.
    """

    size: tuple[int, int]
    box: tuple[int, int, int, int]
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]
    series: tuple[Series, ...]
    diagonal: tuple[float, float, float, float] | None = None


@dataclass(frozen=True)
class _Axis:
    """From values to places: `low` and `high` are the values at `start` and `end`."""

    low: float
    high: float
    start: float
    end: float

    def place(self, value: float) -> float:
        return round(self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start), 1)

    def ticks(self) -> tuple[Tick, ...]:
        return tuple(Tick(self.place(value), f"{value:g}") for value in round_numbers(self.low, self.high))


def lines(part: Lines) -> Drawn:
    """Return the picture of curves; with a diagonal, both axes go from 0 to 1."""
    width, height = _SQUARE if part.diagonal else _WIDE
    box = _LEFT, _TOP, width - _RIGHT, height - _BOTTOM
    points = [point for curve in part.lines.values() for point in curve]
    spans = [(0.0, 1.0)] * 2 if part.diagonal else [_span([point[axis] for point in points]) for axis in (0, 1)]
    x, y = _Axis(*spans[0], box[0], box[2]), _Axis(*spans[1], box[3], box[1])
    few = len(points) <= _DOTS * len(part.lines)
    series = tuple(
        Series(
            name,
            number % COLOURS,
            " ".join(f"{x.place(a):g},{y.place(b):g}" for a, b in curve) if len(curve) > 1 else "",
            tuple((x.place(a), y.place(b), f"{part.x} {a:g}: {b:.4g}") for a, b in curve if few),
        )
        for number, (name, curve) in enumerate(part.lines.items())
    )
    diagonal = (x.place(0), y.place(0), x.place(1), y.place(1)) if part.diagonal else None
    return Drawn((width, height), box, x.ticks(), y.ticks(), series, diagonal)


def points(part: Points) -> Drawn:
    """Return a map; its axes mean nothing, so they have no numbers, and are as long as each other."""
    width, height = _MAP
    box = 8, 8, width - 8, height - 8
    every = [point for group in part.points.values() for point in group]
    spans = [_span([point[axis] for point in every]) for axis in (0, 1)]
    long = max((high - low) / (end - start) for (low, high), start, end in zip(spans, box[:2], box[2:], strict=True))
    x, y = (
        _Axis((low + high - long * (end - start)) / 2, (low + high + long * (end - start)) / 2, start, end)
        for (low, high), start, end in zip(spans, box[:2], box[2:], strict=True)
    )
    series = tuple(
        Series(name, number % COLOURS, "", _placed(group, x, y))
        for number, (name, group) in enumerate(part.points.items())
    )
    return Drawn((width, height), box, (), (), series)


def round_numbers(low: float, high: float) -> list[float]:
    """Return some multiples of 1, 2 or 5 times a power of ten that lie between two numbers."""
    rough = (high - low) / _TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * 0.999)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [float(f"{number * step:.10g}") for number in range(first, last + 1)]


def _placed(group: Sequence[Point], x: _Axis, y: _Axis) -> tuple[tuple[float, float, str], ...]:
    return tuple((x.place(a), y.place(b), "") for a, b in group)


def _span(values: Sequence[float]) -> tuple[float, float]:
    """Return the ends of an axis with all values on it; never of no length."""
    low, high = min(values, default=0.0), max(values, default=1.0)
    room = (high - low) * 0.04 or abs(high) * 0.5 or 0.5
    return low - room, high + room
