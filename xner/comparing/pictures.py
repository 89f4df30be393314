"""Pictures of a comparison, as SVG to put into a page; drawing them needs the extra `report`."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import vl_convert

from xner.comparing.record import Comparison, Row

TYPES = 12
"""How many types are drawn, those with the most entities; the tables have all."""
_WIDTH = 1040
"""Of the page, in pixels."""
_PANEL, _WIDEST = 200, 480
"""The width of a panel: the least, and the most, which it has where there is room for all panels side by side."""
_STEP = 22
"""The height of a method's line."""
_LETTER = 6.8
"""About the width of a letter of 12 pixels."""
_MARGIN, _SPACE = 70, 14
"""Beside a panel, for the numbers, and between two."""
_MAIN, _GOOD, _BAD, _PALE = "#2b7bba", "#1a7f5a", "#c0392b", "#8a8a8a"
_NARROWEST = 2.0
"""The fewest points of F1 that an axis spans, so that tiny differences do not look large."""
Values = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Pictures:
    """What a comparison's page shows, each as SVG; empty where there is nothing to draw."""

    scores: str
    differences: str
    types: str


@dataclass(frozen=True)
class _Frame:
    """What the panels of a picture share.

    Args:
        methods: the lines, from above.
        panels: how many there are.
        width: of one, in pixels.
        margin: the space next to one, in pixels.
    """

    methods: Sequence[str]
    panels: int
    width: int = 0
    margin: int = _MARGIN

    @classmethod
    def roomy(cls, methods: Sequence[str], panels: int) -> "_Frame":
        """Return a frame whose panels are as wide as there is room for."""
        narrow = cls(methods, panels, _PANEL)
        room = (_WIDTH - narrow.names) // max(1, narrow.columns) - _MARGIN - _SPACE
        return cls(methods, panels, int(min(_WIDEST, max(_PANEL, room))))

    @property
    def names(self) -> float:
        """The width of the methods' names."""
        return _LETTER * max((len(method) for method in self.methods), default=0)

    @property
    def columns(self) -> int:
        """How many panels stand beside each other."""
        return max(1, min(self.panels, int((_WIDTH - self.names) // (self.width + self.margin + _SPACE))))

    def lines(self, panel: int, grid: bool = True) -> alt.Y:
        """Return the axis of the methods, which are named at the left panel alone."""
        named = panel % self.columns == 0
        axis = alt.Axis(title=None, domain=False, ticks=False, grid=grid, labels=named, labelLimit=0, labelPadding=8)
        return alt.Y("method:N", scale=alt.Scale(domain=list(self.methods)), axis=axis)

    def picture(self, panels: Mapping[str, Iterable[alt.Chart]]) -> str:
        """Put panels beside and below each other, marks over each other; return the SVG, or nothing without panels."""
        if not panels:
            return ""
        size = {"width": self.width, "height": _STEP * len(self.methods)}
        drawn = [
            alt.layer(*(layer for layer in layers if layer.data.values)).properties(title=title, **size)
            for title, layers in panels.items()
        ]
        chart = alt.concat(*drawn, columns=self.columns, align="each", spacing={"row": 22, "column": _SPACE})
        chart = chart.configure(font="sans-serif", background="transparent", aria=False, padding=4)
        chart = chart.configure_view(stroke=None).configure_axis(
            labelFontSize=12, titleFontSize=12, titleFontWeight="normal", gridColor="#e6e6e6", tickColor="#bbb"
        )
        chart = chart.configure_title(anchor="start", frame="group", fontSize=13, offset=6)
        return vl_convert.vegalite_to_svg(chart.to_dict(), allowed_base_urls=[])  # nothing may be fetched


def draw(comparison: Comparison) -> Pictures:
    """Draw all pictures of a comparison."""
    return Pictures(scores(comparison), differences(comparison), types(comparison))


def scores(comparison: Comparison) -> str:
    """Return F1 of each method, a panel a target: the mean, the standard deviation over the seeds, and each seed."""
    panels = _by_target(comparison)
    several = len(comparison.settings["seeds"]) > 1
    seeds: dict[str, list[tuple[str, float]]] = {target: [] for target in panels}
    for cell in comparison.cells if several else ():
        if cell.metrics:
            seeds[cell.target].append((cell.method, cell.metrics.overall.f1))
    ends = {
        target: [*(f1 for _, f1 in seeds[target]), *(end for row in rows for end in _spread(row))]
        for target, rows in panels.items()
    }
    span = max([_NARROWEST, *(1.15 * (max(found) - min(found)) for found in ends.values())])
    frame = _Frame.roomy(comparison.settings["methods"], len(panels))
    return frame.picture(
        {
            target: _score_layers(frame, place, rows, seeds[target], _domain(ends[target], span))
            for place, (target, rows) in enumerate(panels.items())
        }
    )


def differences(comparison: Comparison) -> str:
    """Return each method's gain in F1 over the first, a panel a target, with its interval; nothing if there is none."""
    panels = {
        target: rows
        for target, rows in _by_target(comparison).items()
        if any(row.difference is not None for row in rows)
    }
    found = [row.difference for rows in panels.values() for row in rows if row.difference]
    ends = [end for one in found for end in (one.f1, one.low, one.high) if end is not None]
    room = 0.06 * max([_NARROWEST, max(ends, default=0) - min(ends, default=0)])
    domain = min([0, *ends]) - room, max([0, *ends]) + room
    frame = _Frame.roomy(comparison.settings["methods"][1:], len(panels))
    return frame.picture(
        {target: _gain_layers(frame, place, rows, domain) for place, (target, rows) in enumerate(panels.items())}
    )


def types(comparison: Comparison) -> str:
    """Return F1 of each method by type, a panel a target, as numbers; the darker their ground, the higher."""
    panels = {target: rows for target, rows in _by_target(comparison).items() if any(row.by_type for row in rows)}
    entities: dict[str, int] = {}
    for row in comparison.rows:
        for kind, score in row.by_type.items():
            entities[kind] = max(entities.get(kind, 0), score.entities)
    kinds = sorted(sorted(entities, key=lambda kind: (-entities[kind], kind))[:TYPES])
    room = _Frame.roomy(comparison.settings["methods"], len(panels)).width // max(1, len(kinds))
    cell = min(96.0, max(46.0, room, 10 + _LETTER * max(map(len, kinds), default=0)))
    frame = _Frame(comparison.settings["methods"], len(panels), width=round(cell * len(kinds)), margin=24)
    return frame.picture(
        {target: _type_layers(frame, place, rows, kinds, cell) for place, (target, rows) in enumerate(panels.items())}
    )


def _by_target(comparison: Comparison) -> dict[str, list[Row]]:
    """Return the rows of each target, and at the end those over all."""
    rows = [*comparison.rows, *comparison.means]
    return {target: [row for row in rows if row.target == target] for target in dict.fromkeys(r.target for r in rows)}


def _spread(row: Row) -> tuple[float, float]:
    spread = row.spread or 0.0
    return row.f1 - spread, row.f1 + spread


def _domain(ends: Sequence[float], span: float) -> tuple[float, float]:
    """Return an axis as long as those of the other panels, with all ends on it."""
    middle = (min(ends) + max(ends)) / 2
    low = max(0.0, min(middle - span / 2, 100 - span))
    return min(low, *ends), max(low + span, *ends)


def _score_layers(
    frame: _Frame, place: int, rows: Sequence[Row], seeds: Sequence[tuple[str, float]], domain: tuple[float, float]
) -> Iterator[alt.Chart]:
    """Yield the marks of a panel, those below first."""
    y = frame.lines(place)
    best = max(row.f1 for row in rows)
    spread = [{"method": r.method, "low": _spread(r)[0], "high": _spread(r)[1]} for r in rows if r.spread is not None]
    means = [{"method": row.method, "f1": row.f1} for row in rows]
    yield _chart(spread).mark_rule(size=3, color=_MAIN, opacity=0.35).encode(x=_x("low", domain), x2="high:Q", y=y)
    yield (
        _chart([{"method": method, "f1": f1} for method, f1 in seeds])
        .mark_point(size=22, color=_MAIN, strokeWidth=1, opacity=0.8)
        .encode(x=_x("f1", domain), y=y)
    )
    yield _chart(means).mark_point(size=80, color=_MAIN, filled=True, opacity=1).encode(x=_x("f1", domain), y=y)
    numbers = {row.method: (f"{row.f1:.2f}", row.f1 == best) for row in rows}
    yield from _numbers(frame, y, numbers, "no score")


def _gain_layers(frame: _Frame, place: int, rows: Sequence[Row], domain: tuple[float, float]) -> Iterator[alt.Chart]:
    """Yield the marks of a panel, those below first; what leaves zero out has a colour."""
    y = frame.lines(place)
    found = [(row.method, row.difference) for row in rows if row.difference]
    values = [
        {"method": method, "f1": one.f1, "low": one.low, "high": one.high, "colour": _colour(one.low, one.high)}
        for method, one in found
    ]
    bars = [value for value in values if value["low"] is not None]
    colour = alt.Color("colour:N", scale=None)
    yield _chart([{"zero": 0}]).mark_rule(color="#777", strokeDash=[3, 3]).encode(x=_x("zero", domain))
    yield _chart(bars).mark_rule(size=3, opacity=0.55).encode(x=_x("low", domain), x2="high:Q", y=y, color=colour)
    yield _chart(values).mark_point(size=70, filled=True, opacity=1).encode(x=_x("f1", domain), y=y, color=colour)
    numbers = {method: (f"{one.f1:+.2f}", _colour(one.low, one.high) != _PALE) for method, one in found}
    yield from _numbers(frame, y, numbers, "–")


def _type_layers(
    frame: _Frame, place: int, rows: Sequence[Row], kinds: Sequence[str], cell: float
) -> Iterator[alt.Chart]:
    y = frame.lines(place, grid=False)
    axis = alt.Axis(title=None, orient="top", domain=False, ticks=False, labelAngle=0, labelLimit=cell - 4)
    x = alt.X("type:N", scale=alt.Scale(domain=list(kinds)), axis=axis)
    values = [
        {"method": row.method, "type": kind, "f1": row.by_type[kind].f1, "number": f"{row.by_type[kind].f1:.1f}"}
        for row in rows
        for kind in kinds
        if kind in row.by_type
    ]
    ground = alt.Color("f1:Q", scale=alt.Scale(scheme="blues", domain=[0, 100]), legend=None)
    yield _chart(values).mark_rect(stroke="white").encode(x=x, y=y, color=ground)
    ink = alt.condition("datum.f1 > 60", alt.value("white"), alt.value("#222"))
    yield _chart(values).mark_text(fontSize=12).encode(x=x, y=y, text="number:N", color=ink)


def _numbers(frame: _Frame, y: alt.Y, numbers: Mapping[str, tuple[str, bool]], none: str) -> Iterator[alt.Chart]:
    """Yield what stands at the right of each line: a number, in bold if it stands out, or that there is none."""
    texts = {method: numbers.get(method, (none, False)) for method in frame.methods}
    for bold in (False, True):
        values = [
            {"method": method, "number": text} for method, (text, stands_out) in texts.items() if stands_out == bold
        ]
        mark = _chart(values).mark_text(
            align="left", fontSize=12, color="#222", fontWeight="bold" if bold else "normal"
        )
        yield mark.encode(x=alt.value(frame.width + 8), y=y, text="number:N")


def _x(field: str, domain: tuple[float, float]) -> alt.X:
    """Return a place on the axis of F1 that a panel's marks share."""
    axis = alt.Axis(title=None, tickCount=4, domain=False, labelColor="#666")
    return alt.X(f"{field}:Q", scale=alt.Scale(domain=list(domain), nice=False), axis=axis)


def _chart(values: Values) -> alt.Chart:
    return alt.Chart(alt.InlineData(values=[dict(value) for value in values]))


def _colour(low: float | None, high: float | None) -> str:
    """Return the colour of a gain with this interval: pale if zero is in it, or there is none."""
    if low is None or high is None or low <= 0 <= high:
        return _PALE
    return _GOOD if low > 0 else _BAD
