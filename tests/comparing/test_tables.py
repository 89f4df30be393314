import re

import pytest

from xner.comparing import tables
from xner.comparing.record import Cell, Comparison, Difference, Row
from xner.comparing.tables import Grid, markdown, notes, scores
from xner.scoring.scores import RULES, Metrics, Score


def score(f1, entities=0):
    return Score(precision=f1 + 1, recall=f1 - 1, f1=f1, entities=entities)


def metrics(f1):
    return Metrics(overall=score(f1, 9), by_type={}, rule=RULES["strict"], corpus="c", sentences=5, decoding="legal")


def row(method, target, f1, difference=None, **fields):
    given = score(f1).model_dump(exclude={"entities"}) | {"spread": 1.234, "seeds": 3, "by_type": {}}
    given |= {"seconds": 7.25, "peak_memory_mb": 1234} | fields
    return Row(method=method, target=target, difference=difference, **given)


def comparison(rows, means=(), cells=None, **fields):
    settings = {
        "methods": list(dict.fromkeys(row.method for row in rows)),
        "targets": list(dict.fromkeys(row.target for row in rows)),
        "seeds": [0, 4, 7],
        "source": {"languages": ["en", "nl"]},
        "encoder": "e5-small",
    }
    cells = cells or [Cell(method="a", target="de", seed=4, folder="x", metrics=metrics(50.0), seconds=12345.6)]
    return Comparison(settings=settings, rows=rows, means=means, cells=cells, command=("/bin/xner", "x"), **fields)


GAIN = Difference(f1=2.5, low=-0.251, high=5, p=0.0456, seeds=3)
PAIR = [row("a", "de", 50.0), row("b", "de", 52.5, GAIN)]


def test_the_main_table():
    grid = scores(comparison(PAIR))
    heads = "method|target|P|R|F1|± sd|n|Δ F1|95 % interval|p|s|MiB"
    assert grid.heads == tuple(heads.split("|"))
    assert grid.rows == (
        ("a", "de", "51.00", "49.00", "50.00", "1.23", "3", "", "", "", "7.2", "1,234"),
        ("b", "de", "53.50", "51.50", "52.50", "1.23", "3", "+2.50", "[-0.25, +5.00]", "0.046", "7.2", "1,234"),
    )
    assert (grid.words, grid.best) == (2, {1})


def test_the_best_is_that_of_its_target():
    rows = [row("a", "de", 50.0), row("b", "de", 50.0), row("a", "fr", 60.0), row("b", "fr", 40.0)]
    grid = scores(comparison(rows, means=[row("a", "mean", 55.0), row("b", "mean", 45.0)]))
    assert (grid.groups, grid.best) == ((0, 0, 1, 1, 2, 2), {0, 1, 2, 4})
    assert [line[1] for line in grid.rows] == ["de", "de", "fr", "fr", "mean", "mean"]


def test_columns_in_which_nothing_would_stand_are_left_out():
    grid = scores(comparison([row("a", "de", 50.0, spread=None, peak_memory_mb=0)]))
    assert grid.heads == ("method", "target", "P", "R", "F1", "n", "s")


@pytest.mark.parametrize(("p", "shown"), [(0.0002, "<0.001"), (0.00099, "<0.001"), (0.001, "0.001"), (1.0, "1.000")])
def test_a_small_p(p, shown):
    grid = scores(comparison([PAIR[0], row("b", "de", 52.5, GAIN.model_copy(update={"p": p}))]))
    assert grid.rows[1][grid.heads.index("p")] == shown


@pytest.mark.parametrize(("seconds", "shown"), [(0.04, "0.0"), (9.94, "9.9"), (12.4, "12"), (4321.0, "4,321")])
def test_seconds(seconds, shown):
    assert scores(comparison([row("a", "de", 50.0, seconds=seconds)])).rows[0][-2] == shown


def test_types_and_cells():
    rows = [row("a", "de", 50.0, by_type={"LOC": score(30.0, 1200), "PER": score(60.0, 7)})]
    failed = Cell(method="a", target="de", seed=0, folder="x", problem="no")
    done = Cell(method="a", target="de", seed=4, folder="x", metrics=metrics(50.0), seconds=3, peak_memory_mb=5)
    made = comparison(rows, cells=[failed, done])
    assert tables.types(made).rows == (
        ("a", "de", "LOC", "31.00", "29.00", "30.00", "1,200"),
        ("a", "de", "PER", "61.00", "59.00", "60.00", "7"),
    )
    assert tables.cells(made).rows == (("a", "de", "4", "51.00", "49.00", "50.00", "3.0", "5"),)


def test_without_some_columns():
    grid = Grid(("a", "b", "c"), (("1", "2", "3"), ("4", "5", "6")), words=1, best=frozenset({1}))
    assert grid.without(["b", "z"]) == Grid(("a", "c"), (("1", "3"), ("4", "6")), words=1, best=frozenset({1}))


def test_notes_name_rule_checkpoint_and_what_the_interval_is_of():
    assert notes(comparison([row("a", "de", 50.0)])) == [
        "entity scores in per cent, means over n seeds; "
        "strict IOB2: exact words and type; an I- that continues nothing is no entity; decoding: legal; "
        "checkpoint: last step"
    ]
    (line,) = notes(comparison(PAIR))[1:]
    assert line.startswith("Δ F1: against a; interval and p: 10,000 paired resamples of the tested sentences; ")
    assert "spread over seeds" in line


def test_notes_say_why_there_is_no_interval_and_end_with_those_of_the_corpora():
    bare = row("b", "de", 52.5, Difference(f1=2.5, seeds=3))
    cells = [Cell(method="a", target="de", seed=0, folder="x", metrics=metrics(50.0), notes=("synthetic",))] * 2
    made = comparison([PAIR[0], bare], cells=cells)
    assert notes(made)[2].startswith("no interval: counts by sentence are missing") and notes(made)[3:] == ["synthetic"]
    assert scores(made).rows[1][7] == "+2.50"


def test_several_rules_of_decoding_are_told():
    cells = [
        Cell(method=name, target="de", seed=0, folder="x", metrics=metrics(50.0).model_copy(update={"decoding": rule}))
        for name, rule in (("a", "legal"), ("b", "argmax"), ("a", "legal"))
    ]
    made = comparison(PAIR, cells=cells)
    assert "decoding: legal; argmax; checkpoint" in notes(made)[0]
    told = "decoding: legal and argmax; scores by different rules are not comparable"
    assert tables.remarks(made) == [told]
    assert f"\n{told}\n" in markdown(made)


def cells_of(page, title):
    (table,) = re.findall(rf"## {title}\n\n((?:\|.*\n)+)", page)
    return [[text.strip() for text in line.strip("|\n").split(" |")] for line in table.splitlines()]


def test_the_page_has_its_passport_and_all_tables():
    cells = [
        Cell(method="a", target="de", seed=4, folder="x", metrics=metrics(50.0), seconds=3, notes=("one | note",)),
        Cell(method="b", target="de", seed=4, folder="x", problem="it broke"),
    ]
    rows = [PAIR[0], row("b", "de", 52.5, GAIN, by_type={"LOC": score(30.0, 12)})]
    page = markdown(comparison(rows, cells=cells, corpora=["x en/train: 3 sentences"], machines=["Linux, 2 cores"]))
    assert page.startswith("# a, b: en, nl to de\n\n| | |\n|---|---|\n| command | `xner x` |\n| encoder | e5-small |\n")
    assert "| seeds | 0, 4, 7 (n = 3) |\n" in page
    assert f"| scoring rule | {RULES['strict']} |\n| decoding | legal |\n| checkpoint | last step |\n" in page
    assert "\n| checkpoint | last step |\n| machine | Linux, 2 cores |\n" in page
    assert "\n\none | note\n" in page and "Δ F1: against a; " in page
    assert cells_of(page, "Scores")[1] == ["---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:"]
    assert [len(line) for line in cells_of(page, "Scores")] == [12, 1, 12, 12]
    assert cells_of(page, "Scores")[3][:5] == ["b", "de", "53.50", "51.50", "**52.50**"]
    assert cells_of(page, "By type")[2] == ["b", "de", "LOC", "31.00", "29.00", "30.00", "12"]
    assert cells_of(page, "Cells")[2][:3] == ["a", "de", "4"]
    assert page.endswith("\n## Corpora\n\n- x en/train: 3 sentences\n\n## Failed\n\n- b on de, seed 4: it broke\n")
    assert "\n\n\n" not in page


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        (("/a/b/xner", "compare", "--map", "*=O"), "xner compare --map '*=O'"),
        (("/a/xner/__main__.py", "compare"), "xner compare"),
        (("script.py", "a|b"), r"script.py 'a\|b'"),
    ],
)
def test_the_command_of_the_page(command, shown):
    page = markdown(comparison(PAIR).model_copy(update={"command": command}))
    assert f"| command | `{shown}` |\n" in page


def test_what_is_not_known_is_not_in_the_passport():
    known = comparison(PAIR, versions=["xner 1, torch 2"]).model_copy(update={"command": ()})
    rule = RULES["strict"]
    assert list(tables.passport(known).items()) == [
        ("encoder", "e5-small"),
        ("seeds", "0, 4, 7 (n = 3)"),
        ("scoring rule", rule),
        ("decoding", "legal"),
        ("checkpoint", "last step"),
        ("versions", "xner 1, torch 2"),
    ]
    assert "| command |" not in markdown(known) and "| versions | xner 1, torch 2 |" in markdown(known)
