import math

import pytest

from xner.reporting.drawing import lines, points, round_numbers
from xner.reporting.parts import Lines, Points


def curve(*points, **more):
    return Lines(caption="c", x="step", y="loss", lines={"one": points}, **more)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (0, 100, [0, 20, 40, 60, 80, 100]),
        (9.6, 10.4, [9.6, 9.8, 10, 10.2, 10.4]),
        (-3, 7, [-2, 0, 2, 4, 6]),
        (0.0001, 0.0003, [0.0001, 0.00015, 0.0002, 0.00025, 0.0003]),
    ],
)
def test_round_numbers(low, high, expected):
    assert round_numbers(low, high) == pytest.approx(expected)


def test_all_points_are_inside_and_in_proportion():
    drawn = lines(curve((0, 5), (10, 1), (20, 3)))
    left, top, right, bottom = drawn.box
    (one,) = drawn.series
    xs, ys = zip(*((x, y) for x, y, _ in one.dots), strict=True)
    assert all(left <= x <= right for x in xs) and all(top <= y <= bottom for y in ys)
    assert xs[1] - xs[0] == pytest.approx(xs[2] - xs[1], abs=0.2)
    assert (ys[1] - ys[0]) == pytest.approx(2 * (ys[1] - ys[2]), abs=0.3)  # down by 4, up by 2
    assert one.path == " ".join(f"{x:g},{y:g}" for x, y, _ in one.dots)


def test_numbers_stand_where_their_points_would():
    drawn = lines(curve((0, 0), (10, 100)))
    ends = [dot[:2] for dot in drawn.series[0].dots]
    found = {tick.text: tick.place for tick in drawn.across}
    assert (found["0"], found["10"]) == (ends[0][0], ends[1][0])
    found = {tick.text: tick.place for tick in drawn.up}
    assert (found["0"], found["100"]) == (ends[0][1], ends[1][1])


def test_with_a_diagonal_both_axes_go_from_zero_to_one():
    drawn = lines(curve((0.4, 0.5), (0.5, 0.6), diagonal=True))
    left, top, right, bottom = drawn.box
    assert drawn.diagonal == (left, bottom, right, top)
    assert (
        [tick.text for tick in drawn.across]
        == [tick.text for tick in drawn.up]
        == ["0", "0.2", "0.4", "0.6", "0.8", "1"]
    )
    assert lines(curve((0, 1))).diagonal is None


@pytest.mark.parametrize("points_", [(), ((3, 7),), ((3, 7), (3, 7)), ((0, 0),), ((1, -5), (2, -5))])
def test_a_curve_of_no_length_is_drawn_too(points_):
    drawn = lines(curve(*points_))
    assert all(math.isfinite(number) for one in drawn.series for x, y, _ in one.dots for number in (x, y))
    assert bool(drawn.series[0].path) == (len(points_) > 1)


def test_a_long_curve_has_no_dots():
    assert not lines(curve(*((n, n) for n in range(100)))).series[0].dots
    assert len(lines(curve(*((n, n) for n in range(40)))).series[0].dots) == 40


def test_a_map_keeps_distances():
    drawn = points(Points(caption="c", points={"a": ((0, 0), (3, 0)), "b": ((0, 4),)}))
    (one, two), (three,) = ([dot[:2] for dot in series.dots] for series in drawn.series)
    assert math.dist(two, three) / math.dist(one, two) == pytest.approx(5 / 3, abs=0.02)
    assert [series.colour for series in drawn.series] == [0, 1]
    left, top, right, bottom = drawn.box
    assert all(left <= x <= right and top <= y <= bottom for x, y in (one, two, three))
