"""The service's page in a real browser, with runs that find names of a list; without chromium, these are skipped."""

import re
import threading
import time
from types import SimpleNamespace

import pytest
import uvicorn

from tests import browsers
from xner.errors import XnerError
from xner.using.predicting import Entity
from xner.using.serving import CHARACTERS, address, application, listen

pytestmark = browsers.needed
RTL = "ראיתי את Ada ב Rome, مرحبا Noor"
EMOJI = "🙂🙂 Ada 👩‍👩‍👧 Rome\n🇩🇪 Oslo"
MARKUP = '<b>Ada</b> & "Rome" \\ud83d <script>alert(1)</script>'
LONG = "Ada sees Rome near Acme Bayer, and Noor does not. " * 300
NAMES = {"Ada": "PER", "Noor": "PER", "Rome": "LOC", "Oslo": "LOC", "Acme Bayer": "ORG", "مرحبا": "MISC"}


def finds(names, label="LOC ORG PER MISC"):
    """A run that finds these names."""

    def entities(text):
        found = sorted((m.start(), m.end(), names[m[0]]) for m in re.finditer("|".join(names), text))
        return [Entity(type=t, text=text[a:b], start=a, end=b, score=0.875) for a, b, t in found]

    def predict(texts):
        if "break" in texts:
            raise XnerError("broken")
        return [entities(text) for text in texts]

    return SimpleNamespace(
        tagger=SimpleNamespace(labels=SimpleNamespace(types=tuple(sorted(label.split())))), predict=predict
    )


ONE = {"runs/mine": finds(NAMES)}
TWO = {
    **ONE,
    "runs/a-method+with-a-long-name-en+nl-de-s0": finds({"Ada": "PER", "Rome": "ORG", "Acme": "ORG", "Oslo": "LOC"}),
}


@pytest.fixture(scope="module")
def services():
    """The addresses of services of one run and of two."""
    running = []
    for runs in (ONE, TWO):
        server = uvicorn.Server(uvicorn.Config(application(runs), log_level="critical"))
        listener = listen("127.0.0.1", 0)
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        running.append((server, thread, address(listener)))
    while not all(server.started for server, *_ in running):
        time.sleep(0.01)
    yield [url for *_, url in running]
    for server, thread, _ in running:
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def browser():
    with browsers.launched() as browser:
        yield browser


@pytest.fixture
def quiet(browser, services):
    """Opens the page of a service of so many runs; at the end, it has asked this service alone."""
    with browsers.watched(browser) as (visit, said, asked):
        yield lambda runs, *width, **options: visit(services[runs - 1] + "/", *width, **options), said
    allowed = {f"{url}/{path}" for url in services for path in ("", "predict")}
    assert set(asked) - {"data:,"} <= allowed


@pytest.fixture
def visit(quiet):
    """The same, and at the end the console is empty."""
    visit, said = quiet
    yield visit
    assert said == []


def asked(page, text):
    """Paste a text, press the button and wait for the answers."""
    page.get_by_role("textbox").fill(text)
    page.get_by_role("button", name="Find").click()
    page.locator("form button[aria-disabled=false]").wait_for()
    return page


def marked(section):
    """The entities that are coloured in it, with their types."""
    return [tuple(text.rsplit(" ", 1)) for text in section.locator("mark").all_inner_texts()]


@pytest.mark.parametrize("text", [EMOJI, RTL, MARKUP, LONG])
def test_entities_are_coloured_where_they_are_in_the_text(visit, text):
    page = asked(visit(1), text)
    (said,) = ONE["runs/mine"].predict([text])
    assert marked(page) == [(one.text, one.type) for one in said]
    whole = page.locator(".text").evaluate(
        "one => [...one.childNodes].map(n => n.nodeName === 'MARK' ? n.firstChild.data : n.data).join('')"
    )
    assert whole == text
    rows = page.locator("tbody tr").evaluate_all("rows => rows.map(row => [...row.cells].map(one => one.textContent))")
    assert rows == [[one.text, one.type, str(one.start), str(one.end), "0.88"] for one in said]
    colours = page.locator("mark").evaluate_all("all => all.map(one => getComputedStyle(one).backgroundColor)")
    assert len(set(zip((one.type for one in said), colours, strict=True))) == len({one.type for one in said})
    assert len(set(colours)) == len({one.type for one in said}) and page.locator("mark.off").count() == 0


def test_text_that_runs_to_the_left_does_in_the_box_and_below_it(visit):
    page = asked(visit(1), RTL)
    for place in ("textarea", ".text"):
        assert page.locator(place).evaluate("one => getComputedStyle(one).direction") == "rtl"


def test_nothing_found_is_said(visit):
    page = asked(visit(1), "nobody")
    assert page.locator(".said").inner_text() == "No entity was found."
    assert page.locator("table").is_hidden() and page.locator(".text").inner_text() == "nobody"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a" * (CHARACTERS + 1), f"Failed: String should have at most {CHARACTERS} characters"),
        ("break", "Failed: the service answered 500 Internal Server Error"),
    ],
)
def test_errors_are_shown_and_the_next_text_is_answered(quiet, text, said):
    visit, console = quiet
    page = asked(visit(1), text)
    assert page.locator(".said").inner_text() == said
    assert page.locator("mark").count() == 0 and page.locator("table").is_hidden()
    assert asked(page, "Ada").locator(".said").is_hidden() and marked(page) == [("Ada", "PER")]
    (line,) = console  # chromium's own, of the answer
    assert "the server responded with a status of" in line


def test_a_service_that_has_gone_is_an_error_too(quiet):
    visit, _ = quiet
    page = visit(1)
    page.context.set_offline(True)
    assert asked(page, "Ada").locator(".said").inner_text().startswith("Failed: ")


def test_it_is_used_by_keyboard_alone(visit):
    page = visit(1)
    page.keyboard.type("Ada")  # the box has the focus
    page.keyboard.press("Control+Enter")
    page.locator("mark").wait_for()
    page.keyboard.type(" in Oslo")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.locator("mark").nth(1).wait_for()
    assert marked(page) == [("Ada", "PER"), ("Oslo", "LOC")]
    assert page.evaluate("document.activeElement.textContent") == "Find"


def test_an_empty_text_is_not_sent(visit):
    page = visit(1)
    page.get_by_role("button", name="Find").click()
    assert page.locator(".said").is_hidden() and page.locator("#status").inner_text() == ""


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("runs", [1, 2])
def test_everybody_can_use_it(visit, runs, scheme, width):
    page = visit(runs, width, color_scheme=scheme)
    assert browsers.violations(page) == {}
    asked(page, "\n".join([EMOJI, RTL, LONG[:500], "x" * 400]))
    assert browsers.violations(page) == {}
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for table in page.locator(".wide").all():  # nothing is cut off
        assert table.evaluate("one => one.scrollWidth <= one.clientWidth")


def test_every_line_runs_its_own_way(visit):
    page = asked(visit(1), f"Ada\n{RTL}")
    ada, noor = (mark.bounding_box()["x"] for mark in (page.locator("mark").first, page.locator("mark").last))
    assert ada < 200 and page.get_by_text("Ada").nth(1).bounding_box()["x"] > 800 and noor > 200


# several runs


def test_runs_stand_side_by_side_and_on_a_phone_below_each_other(visit):
    for width, beside in ((1280, True), (360, False)):
        one, two = (section.bounding_box() for section in visit(2, width).locator("section").all())
        assert (one["y"] == two["y"], one["x"] < two["x"]) == (beside, beside)


def test_where_runs_differ_is_seen(visit):
    page = asked(visit(2), "Ada sees Rome near Acme Bayer and Oslo")
    one, two = page.locator("section").all()
    assert marked(one) == [("Ada", "PER"), ("Rome", "LOC"), ("Acme Bayer", "ORG"), ("Oslo", "LOC")]
    assert marked(two) == [("Ada", "PER"), ("Rome", "ORG"), ("Acme", "ORG"), ("Oslo", "LOC")]
    for section, lone in ((one, ["Rome LOC", "Acme Bayer ORG"]), (two, ["Rome ORG", "Acme ORG"])):
        assert section.locator("mark.off").all_inner_texts() == lone
        assert section.locator("td:last-child").all_inner_texts() == ["yes", "no", "no", "yes"]
    said = "2 of 6 entities are found by all runs. A wavy line: not all runs have this entity."
    assert page.get_by_role("status").inner_text() == said
    asked(page, "Ada and Oslo")
    assert page.get_by_role("status").inner_text() == "2 of 2 entities are found by all runs."
    assert page.locator("mark.off").count() == 0


def test_a_run_that_fails_does_not_hide_the_others(quiet, services):
    visit, _ = quiet
    page = visit(2)
    page.route(
        "**/predict",
        lambda route: (
            route.fulfill(status=503, json={"detail": "32 requests wait already"})
            if '"run":"runs/mine"' in route.request.post_data
            else route.continue_()
        ),
    )
    one, two = asked(page, "Ada").locator("section").all()
    assert one.locator(".said").inner_text() == "Failed: 32 requests wait already"
    assert marked(two) == [("Ada", "PER")] and two.locator("mark.off").count() == 0
