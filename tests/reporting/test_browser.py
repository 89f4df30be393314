"""The pages in a real browser: Debian's chromium, by Playwright; where it is not installed, these are skipped."""

import pytest

from tests import browsers
from tests.scored import score
from xner.comparing.page import render as render_comparison
from xner.comparing.record import RECORD, Cell, Comparison
from xner.comparing.summary import summarized
from xner.reporting.parts import Heat, Lines, Points, Sentences, Table, Tagged, Text
from xner.reporting.shown import FILE, Page, Shown
from xner.runs.settings import RunConfig
from xner.runs.written.report import render as render_run
from xner.store.stages import Stage
from xner.testing import tiny_corpus

pytestmark = browsers.needed

GOLD, GUESS = [["B-PER", "O", "B-LOC"], ["B-LOC", "O"]], [["B-PER", "O", "B-ORG"], ["B-LOC", "O"]]
SENTENCES = tuple(
    Tagged(tokens=tokens, sides={"gold": gold, "predicted": said}, groups=groups)
    for tokens, gold, said, groups in (
        (("Ada", "saw", "Rome"), ("B-PER", "O", "B-LOC"), ("B-PER", "O", "B-ORG"), ("wrong type", "LOC", "ORG")),
        (("Oslo", "is", "old"), ("B-LOC", "O", "O"), ("O", "O", "O"), ("missed", "LOC")),
        (("محمد", "في", "روما"), ("B-PER", "O", "B-LOC"), ("B-PER", "O", "O"), ("missed", "LOC")),
    )
)
TABLE = Table(
    caption="By length.",
    heads=("sentence", "precision", "recall", "F1", "entities", "predicted"),
    rows=(("short", 50.0, 60.0, 54.5, 1200, 7), ("long", 9.5, 100.0, 17.4, 30, 8), ("none", None, None, None, 0, 0)),
    bar="F1",
    compared="F1",
)
PARTS = (
    TABLE,
    Heat(
        caption="Types.", down="gold", across="predicted", rows=("A", "B"), columns=("A", "B"), counts=((9, 1), (0, 4))
    ),
    Lines(caption="Loss", x="step", y="loss", lines={"one": ((0, 3.0), (10, 1.0)), "two": ((0, 2.0), (10, 2.5))}),
    Lines(caption="Scores", x="mean", y="right", lines={"all": ((0.2, 0.1), (0.9, 0.8))}, diagonal=True, compared=True),
    Points(caption="Words", points={"O": ((0, 0), (1, 2)), "B-PER": ((2, 1),)}),
    Sentences(caption="3 of 3.", sentences=SENTENCES, groups=("wrong type", "missed", "LOC", "ORG")),
    Text(text="And that is all."),
)
SHOWN = Page(sections=(Shown(name="all", title="All there is", labels=True, parts=PARTS),), left=("A map",))


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """The files of a run's and of a comparison's page."""
    folder = tmp_path_factory.mktemp("pages")
    metrics, stages = score(GOLD, GUESS, "own de/test"), [Stage("teacher recognizer on en", "0123abcd", folder)]
    run = render_run(RunConfig(), metrics, [tiny_corpus()], stages, SHOWN, ("a note",))
    (folder / "run.html").write_text(run, encoding="utf-8")
    settings = RunConfig().model_dump(mode="json") | {"methods": ["direct", "tsl"], "targets": ["de"], "seeds": [0, 1]}
    cells = []
    for method in ("direct", "tsl"):
        (cell := folder / method).mkdir()
        (cell / FILE).write_text(SHOWN.model_dump_json())
        cells.append(Cell(method=method, target="de", seed=0, folder=str(cell), metrics=metrics, seconds=1234.5))
    made = summarized(Comparison(settings=settings, cells=tuple(cells), command=("xner", "compare", "--seeds", "2")))
    (folder / RECORD).write_text(made.model_dump_json())
    (folder / "comparison.html").write_text(render_comparison(folder, folder), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def browser():
    with browsers.launched() as browser:
        yield browser


@pytest.fixture
def visit(browser, pages):
    """Opens a page; at the end, nothing was asked for but the page, and the console is empty."""
    with browsers.watched(browser) as (visit, said, asked):
        yield lambda name, *width, **options: visit((pages / name).as_uri(), *width, **options)
    assert said == []
    assert all(url.startswith((pages.as_uri(), "data:,")) and url.endswith((".html", "data:,")) for url in asked)


NAMES = ["run.html", "comparison.html"]


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", NAMES)
def test_everybody_can_use_it(visit, name, scheme, width):
    page = visit(name, width, color_scheme=scheme)
    for details in page.locator("details").all():
        details.evaluate("details => details.open = true")
    assert browsers.violations(page) == {}
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("name", NAMES)
def test_pictures_are_drawn_and_fill_their_place(visit, name):
    page = visit(name)
    for picture in page.locator("figure > svg, figure.picture svg").all():
        box = picture.bounding_box()
        assert box["width"] > 150 and box["height"] > 40
    assert page.locator("figure.chart polyline").count() == (3 if name == "run.html" else 2)
    colours = page.locator("figure.chart polyline").evaluate_all("all => all.map(one => getComputedStyle(one).stroke)")
    assert "none" not in colours


def test_a_chart_that_is_alone_is_not_squeezed_into_a_column(visit):
    boxes = [one.bounding_box()["width"] for one in visit("comparison.html").locator(".figures > figure.chart").all()]
    assert boxes and min(boxes) > 330
    (alone,) = visit("run.html").locator(".figures > figure.map").all()
    assert alone.bounding_box()["width"] > 700


def test_tables_are_sorted_by_their_heads_also_by_keyboard(visit):
    page = visit("run.html")
    table = page.locator("#all table.sortable")

    def first():
        return table.locator("tbody tr td:first-child").all_inner_texts()

    head = table.get_by_role("columnheader", name="entities")
    head.get_by_role("button").focus()
    page.keyboard.press("Enter")
    assert first() == ["none", "long", "short"] and head.get_attribute("aria-sort") == "ascending"
    page.keyboard.press("Enter")
    assert first() == ["short", "long", "none"] and head.get_attribute("aria-sort") == "descending"
    table.get_by_role("columnheader", name="precision").get_by_role("button").click()
    assert first() == ["long", "short", "none"] and head.get_attribute("aria-sort") is None
    table.get_by_role("columnheader", name="precision").get_by_role("button").click()
    assert first() == ["short", "long", "none"]  # what has no value stays at the end


def test_sentences_are_filtered_by_groups_and_words(visit):
    page = visit("run.html")
    seen, status = page.locator(".pair:visible"), page.get_by_role("status")
    assert seen.count() == 3 and status.inner_text() == "3 of 3 shown"
    buttons = page.locator(".filters button").all_inner_texts()
    assert buttons == ["wrong type (1)", "missed (2)", "LOC (3)", "ORG (1)"]
    missed = page.get_by_role("button", name="missed (2)")
    missed.click()
    assert seen.count() == 2 and missed.get_attribute("aria-pressed") == "true"
    page.get_by_role("searchbox").fill("OSLO")
    assert seen.count() == 1 and "Oslo" in seen.inner_text() and status.inner_text() == "1 of 3 shown"
    missed.click()
    page.get_by_role("searchbox").fill("")
    assert seen.count() == 3


def test_text_that_runs_to_the_left_does(visit):
    page = visit("run.html")
    arabic = page.locator(".pair", has_text="محمد").locator("div[dir=auto]").first
    assert arabic.evaluate("one => getComputedStyle(one).direction") == "rtl"


def test_dark_and_light_differ(visit):
    colours = {
        scheme: visit("run.html", color_scheme=scheme).evaluate("getComputedStyle(document.body).backgroundColor")
        for scheme in ("light", "dark")
    }
    assert colours["light"] == "rgb(255, 255, 255)" != colours["dark"]


@pytest.mark.parametrize("name", NAMES)
def test_without_its_script_all_is_there(visit, name):
    page = visit(name, java_script_enabled=False)
    assert page.locator("table.sortable").first.is_visible() and page.locator(".filters").count() == 0
    assert page.locator(".pair:visible").count() == (3 if name == "run.html" else 0)


@pytest.mark.parametrize("name", NAMES)
def test_it_is_printed_light_and_whole(visit, name):
    page = visit(name, color_scheme="dark")
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.locator(".filters:visible, nav:visible").count() == 0
    if name == "run.html":
        assert page.locator(".pairs").evaluate("one => one.scrollHeight <= one.clientHeight + 1")
    assert page.pdf().startswith(b"%PDF")


def test_no_table_of_a_run_is_cut_on_a_phone(visit):
    tables = visit("run.html", 360).locator("main > .wide, section > .wide").all()
    assert len(tables) > 3
    for table in tables:
        assert table.evaluate("one => one.scrollWidth <= one.clientWidth"), table.inner_text()


def test_every_cell_of_a_comparison_is_seen_on_a_phone(visit):
    page = visit("comparison.html", 360)
    for cell in page.locator("table.cards").first.locator("td:visible").all():
        box = cell.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= 360, cell.inner_text()
