import re
import xml.etree.ElementTree as ET

import pytest

from xner.comparing import pictures
from xner.comparing.record import MEAN, Cell, Comparison, Difference, Row
from xner.scoring.scores import Metrics, Score

GREEN, RED, GREY = "#1a7f5a", "#c0392b", "#8a8a8a"


def score(f1, entities=5):
    return Score(precision=f1, recall=f1, f1=f1, entities=entities)


def row(method, target="de", f1=50.0, spread=None, difference=None, **by_type):
    rates = {"precision": f1, "recall": f1, "f1": f1, "spread": spread, "seeds": 1, "seconds": 1, "peak_memory_mb": 0}
    return Row(method=method, target=target, difference=difference, by_type=by_type, **rates)


def cell(method, target, seed, f1):
    metrics = Metrics(overall=score(f1), by_type={}, rule="r", corpus="c", sentences=1)
    return Cell(method=method, target=target, seed=seed, folder="x", metrics=metrics)


def comparison(*rows, methods=(), seeds=(0,), **fields):
    settings = {"methods": list(methods or dict.fromkeys(row.method for row in rows)), "seeds": list(seeds)}
    return Comparison(settings=settings, rows=rows, **fields)


def tree(svg):
    """The SVG without its name space."""
    return ET.fromstring(re.sub(r' xmlns(:\w+)?="[^"]*"', "", svg))


def texts(svg, **attributes):
    found = tree(svg).iter("text")
    return [text.text for text in found if all(text.get(name.replace("_", "-")) == v for name, v in attributes.items())]


def marks(svg, kind):
    """The marks of a kind in the order drawn, "symbol" or "rule", as (x, y) with their attributes."""
    groups = [group for group in tree(svg).iter("g") if (group.get("class") or "").startswith(f"mark-{kind} role-mark")]
    return [
        (*map(float, re.search(r"\(([\d.-]+),([\d.-]+)\)", mark.get("transform")).groups()), mark)
        for group in groups
        for mark in group
    ]


def width(svg):
    return float(tree(svg).get("width"))


TWO = [row("zeta", f1=50.0), row("alpha", f1=52.5)]


# scores


def test_scores_name_methods_in_the_order_asked_for_and_have_their_numbers():
    svg = pictures.scores(comparison(*TWO))
    shown = texts(svg)
    assert [text for text in shown if text in ("zeta", "alpha")] == ["zeta", "alpha"]
    assert shown.count("50.00") == shown.count("52.50") == shown.count("de") == 1
    assert set(texts(svg, font_weight="bold")) == {"52.50", "de"}


def test_the_better_lies_further_right_and_on_its_own_line():
    (low_x, low_y, _), (high_x, high_y, _) = marks(pictures.scores(comparison(*TWO)), "symbol")
    assert low_x < high_x and low_y < high_y


def test_one_seed_has_neither_circles_nor_bars():
    cells = [cell("zeta", "de", 0, 50.0), cell("alpha", "de", 0, 52.5)]
    svg = pictures.scores(comparison(*TWO, cells=cells))
    assert len(marks(svg, "symbol")) == 2 and not marks(svg, "rule")


def test_several_seeds_are_circles_and_a_bar_of_a_deviation_to_either_side():
    cells = [cell("zeta", "de", seed, f1) for seed, f1 in enumerate((46.0, 48, 50, 52, 54))]
    svg = pictures.scores(comparison(row("zeta", spread=3.0), cells=cells, seeds=range(5)))
    *circles, mean = [x for x, _, _ in marks(svg, "symbol")]
    assert len(circles) == 5 and circles == sorted(circles) and mean == pytest.approx(circles[2], abs=0.01)
    ((left, _, bar),) = marks(svg, "rule")
    point = (circles[4] - circles[0]) / 8
    assert sorted([left, left + float(bar.get("x2"))]) == pytest.approx([mean - 3 * point, mean + 3 * point], abs=0.1)


def test_a_method_without_a_score_keeps_its_line():
    svg = pictures.scores(comparison(*TWO, methods=["zeta", "lost", "alpha"]))
    shown = texts(svg)
    assert [text for text in shown if text in ("zeta", "lost", "alpha")] == ["zeta", "lost", "alpha"]
    assert shown.count("no score") == 1
    ys = [y for _, y, _ in marks(svg, "symbol")]
    assert ys[1] - ys[0] == pytest.approx(
        4 * ys[0]
    )  # the first lies half a line below the top, the other two lines further


def test_a_point_is_as_wide_in_all_panels():
    rows = [row("a", "de", 10.0), row("b", "de", 14.0), row("a", "fr", 80.0), row("b", "fr", 81.0)]
    svg = pictures.scores(comparison(*rows))
    assert texts(svg).count("a") == texts(svg).count("b") == 1  # named at the left panel alone
    xs = [x for x, _, _ in marks(svg, "symbol")]
    assert xs[1] - xs[0] == pytest.approx(4 * (xs[3] - xs[2]), rel=0.01)


def test_a_panel_has_its_scores_in_the_middle_but_does_not_reach_below_zero():
    ((middle, _, _),) = marks(pictures.scores(comparison(row("a"))), "symbol")
    ((left, _, _),) = marks(pictures.scores(comparison(row("a", f1=0.0))), "symbol")
    assert (middle, left) == (240, 0)


def test_scores_at_both_ends_of_the_scale_are_on_the_axis():
    svg = pictures.scores(comparison(row("a", f1=0.0, spread=0.5), row("b", f1=100.0)))
    assert all(0 <= x <= 480 for x, _, _ in marks(svg, "symbol") + marks(svg, "rule"))


@pytest.mark.parametrize("names", [["a", "b"], ["tsl+" + "entropy" * 8, "b"]])
def test_seven_targets_and_their_mean_have_a_panel_each_and_fit_the_page(names):
    targets = ["pt", "sv", "zh", "hr", "qaf", "de", "tl"]
    means = [row(name, MEAN) for name in names]
    svg = pictures.scores(comparison(*[row(name, target) for target in targets for name in names], means=means))
    assert [text for text in texts(svg) if text in (*targets, MEAN)] == [*targets, MEAN]
    assert width(svg) < 1060


def test_panels_are_as_wide_as_there_is_room_for_but_not_wider_than_is_read_well():
    found = {}
    for number in (1, 2, 3, 9):
        rows = [row(name, f"t{n}") for n in range(number) for name in ("a", "b")]
        found[number] = width(pictures.scores(comparison(*rows)))
    assert 480 < found[1] < 620
    assert all(900 < found[number] < 1060 for number in (2, 3, 9))


def test_names_are_text_and_never_markup():
    name = "a<b>&\"c'"
    rows = [row(name, name, 50.0, PER=score(5)), row("d", name, difference=Difference(f1=1, seeds=1))]
    made = comparison(*rows)
    for svg in (pictures.scores(made), pictures.types(made)):
        assert texts(svg).count(name) == 2 and "<b>" not in svg
    assert texts(pictures.differences(made)).count(name) == 1


def test_the_same_comparison_gives_the_same_bytes_and_nothing_to_fetch_or_to_clash():
    made = comparison(row("a", PER=score(1)), row("b", PER=score(2), difference=Difference(f1=2, seeds=1)))
    for draw in (pictures.scores, pictures.differences, pictures.types):
        svg = draw(made)
        assert draw(made) == svg
        assert "href" not in svg and "url(" not in svg and ' id="' not in svg


# differences


def test_gains_that_leave_zero_out_are_coloured_and_others_are_grey():
    found = [(3, 1, 5), (-3, -5, -1), (1, -1, 3), (2, None, None)]
    gains = [Difference(f1=f1, low=low, high=high, p=low and 0.5, seeds=1) for f1, low, high in found]
    svg = pictures.differences(comparison(row("a"), *(row(f"m{n}", difference=one) for n, one in enumerate(gains))))
    dots = marks(svg, "symbol")
    assert [dot.get("fill") for *_, dot in dots] == [GREEN, RED, GREY, GREY]
    zero, *bars = marks(svg, "rule")
    assert [bar.get("stroke") for *_, bar in bars] == [GREEN, RED, GREY]
    assert dots[1][0] < zero[0] < dots[0][0]
    assert set(texts(svg)) >= {"+3.00", "-3.00", "+1.00", "+2.00"}
    assert set(texts(svg, font_weight="bold")) == {"+3.00", "-3.00", "de"}


def test_zero_is_on_the_axis_of_gains_that_are_all_far_from_it():
    gain = Difference(f1=20, low=19, high=21, p=0.001, seeds=1)
    zero, _ = marks(pictures.differences(comparison(row("a"), row("b", difference=gain))), "rule")
    assert 0 < zero[0] < 30


def test_only_targets_with_differences_have_a_panel_and_a_method_without_one_a_dash():
    gain = Difference(f1=1, seeds=1)
    rows = [row("b", "fr"), row("a"), row("b", difference=gain)]
    shown = texts(pictures.differences(comparison(*rows, methods=["a", "b", "c"])))
    assert "fr" not in shown and "a" not in shown and shown.count("–") == 1


def test_without_differences_there_is_no_picture_of_them():
    assert pictures.differences(comparison(row("a"))) == ""


# types


def test_types_are_numbers_by_method():
    svg = pictures.types(comparison(row("a", PER=score(31.26), LOC=score(90)), row("b", PER=score(7))))
    assert {"PER", "LOC", "31.3", "90.0", "7.0", "a", "b"} <= set(texts(svg))
    assert texts(svg, fill="white") == ["90.0"]


def test_of_many_types_those_with_the_most_entities_are_drawn():
    many = {f"T{number:02}": score(50, entities=number) for number in range(20)}
    svg = pictures.types(comparison(row("a", **many)))
    assert [text for text in texts(svg) if text.startswith("T")] == [f"T{number:02}" for number in range(8, 20)]
    assert width(svg) < 960


def test_without_types_there_is_no_picture_of_them():
    assert pictures.types(comparison(row("a"))) == ""
