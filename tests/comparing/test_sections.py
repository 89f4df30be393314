import json

import pytest

from xner.comparing.record import Cell, Comparison
from xner.comparing.sections import compared
from xner.reporting.parts import Lines, Table, Text
from xner.reporting.shown import FILE, Page, Shown
from xner.scoring.scores import Metrics, Score

SCORE = Score(precision=1, recall=1, f1=1, entities=1)
METRICS = Metrics(overall=SCORE, by_type={}, rule="r", corpus="c", sentences=1)


def table(*rows, head="sentence", compared="F1"):
    return Table(caption="c", heads=(head, "other", "F1"), rows=rows, compared=compared)


def curve(*points):
    return Lines(caption="c", x="step", y="loss", lines={"loss": points}, compared=True)


@pytest.fixture
def comparison(tmp_path):
    """Makes a comparison of cells: (method, target, seed) and the parts of their section."""

    def make(cells, section="groups"):
        made = []
        for (method, target, seed), parts in cells.items():
            folder = tmp_path / f"{method}-{target}-{seed}"
            folder.mkdir()
            page = Page(sections=(Shown(name=section, title="Groups", labels=True, parts=tuple(parts)),))
            (folder / FILE).write_text(page.model_dump_json())
            made.append(Cell(method=method, target=target, seed=seed, folder=str(folder), metrics=METRICS))
        names = [list(dict.fromkeys(key[place] for key in cells)) for place in range(3)]
        return Comparison(settings=dict(zip(("methods", "targets", "seeds"), names, strict=True)), cells=tuple(made))

    return make


def test_each_method_has_a_column_of_means_over_its_seeds(comparison):
    made = comparison(
        {
            ("tsl", "de", 0): [table(("short", 1, 50.0), ("long", 1, 10.0))],
            ("tsl", "de", 1): [table(("short", 1, 60.0))],
            ("mtmt", "de", 0): [table(("long", 1, None), ("odd", 1, 5))],
        }
    )
    (shown,) = compared(made)
    assert (shown.name, shown.title, shown.labels) == ("groups", "Groups", True)
    (found,) = shown.parts
    assert found.heads == ("sentence", "tsl", "mtmt")
    assert found.rows == (("short", 55.0, None), ("long", 10.0, None), ("odd", None, 5))
    assert found.caption == "de: F1 of each method, means over the seeds."


def test_targets_and_tables_stay_apart_and_of_equal_ones_the_last_counts(comparison):
    parts = [table(("a", 1, 1.0)), table(("b", 1, 2.0), head="script"), table(("a", 1, 3.0))]
    made = comparison({("tsl", "de", 0): parts, ("tsl", "fr", 0): parts[:1]})
    (shown,) = compared(made)
    assert [(part.caption.partition(":")[0], part.heads, part.rows) for part in shown.parts] == [
        ("de", ("sentence", "tsl"), (("a", 3.0),)),
        ("de", ("script", "tsl"), (("b", 2.0),)),
        ("fr", ("sentence", "tsl"), (("a", 1.0),)),
    ]


def test_curves_of_all_methods_are_drawn_together_for_the_first_seed(comparison):
    cells = {
        ("tsl", "de", 1): [curve((0, 9.0))],
        ("tsl", "de", 0): [curve((0, 1.0), (1, 2.0))],
        ("mtmt", "de", 0): [curve((0, 3.0))],
    }
    ((part,),) = (shown.parts for shown in compared(comparison(cells)))
    assert part.lines == {"tsl": ((0, 1.0), (1, 2.0)), "mtmt": ((0, 3.0),)}
    assert (part.x, part.y) == ("step", "loss")


def test_what_names_no_column_is_not_compared(comparison):
    assert not compared(comparison({("tsl", "de", 0): [table(("a", 1, 1.0), compared=""), Text(text="x")]}))


def test_cells_without_sections_and_damaged_ones_are_left_out(comparison, tmp_path):
    made = comparison({("tsl", "de", 0): [table(("a", 1, 1.0))], ("mtmt", "de", 0): [table(("a", 1, 2.0))]})
    (tmp_path / "tsl-de-0" / FILE).unlink()
    assert compared(made)[0].parts[0].heads == ("sentence", "mtmt")
    (tmp_path / "mtmt-de-0" / FILE).write_text(json.dumps({"sections": 3}))
    assert compared(made) == []


def test_sections_stand_in_the_order_of_the_fullest_page(comparison, tmp_path):
    made = comparison({("direct", "de", 0): [], ("tsl", "de", 0): []})
    for method, names in (("direct", "ac"), ("tsl", "abc")):
        page = Page(sections=tuple(Shown(name=n, title=n, parts=(table((n, 1, 1.0)),)) for n in names))
        (tmp_path / f"{method}-de-0" / FILE).write_text(page.model_dump_json())
    assert [shown.name for shown in compared(made)] == ["a", "b", "c"]
