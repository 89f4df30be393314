import re
import sys
from html.parser import HTMLParser

import pytest

from tests.harmless import EVIL, Skeleton, assert_harmless
from xner.comparing.page import can_draw, render
from xner.comparing.record import RECORD, Cell, Comparison
from xner.comparing.summary import summarized
from xner.errors import DataError, XnerError
from xner.scoring.scores import RULES, Metrics, Score

SETTINGS = {
    "methods": ["direct", "a<b>&c"],
    "targets": ["de", "fr"],
    "seeds": [0, 1],
    "source": {"languages": ["en"]},
    "encoder": "e5-small",
}


def metrics(f1):
    score = Score(precision=f1, recall=f1, f1=f1, entities=1234)
    return Metrics(overall=score, by_type={"PER": score}, rule=RULES["strict"], corpus="c", sentences=5)


def cells(folder):
    """One of each kind: scored with a page of its own, scored without, failed; five are missing."""
    made = [
        Cell(method="direct", target="de", seed=0, folder=str(folder / "direct+x-de"), metrics=metrics(50.0)),
        Cell(
            method="a<b>&c", target="de", seed=0, folder=str(folder / "b"), metrics=metrics(61.25), notes=("a <note>",)
        ),
        Cell(method="direct", target="fr", seed=1, folder=str(folder / "f"), problem="it <broke>"),
    ]
    page = folder / "direct+x-de" / "report.html"
    page.parent.mkdir(parents=True)
    page.write_text("a run")
    return tuple(made)


@pytest.fixture
def folder(tmp_path):
    """A comparison's folder."""
    made = Comparison(settings=SETTINGS, cells=cells(tmp_path / "x"), command=("/bin/xner", "compare", "a<b>"))
    made = summarized(made).model_copy(update={"corpora": ("x en/train: 3",), "versions": ("xner 9, torch 8",)})
    (tmp_path / "x" / RECORD).write_text(made.model_dump_json())
    return tmp_path / "x"


class Page(HTMLParser):
    """What a browser would make of a page: tags with attributes, and text."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.words = [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_data(self, data):
        if not self.tags or self.tags[-1][0] not in ("style", "script"):
            self.words.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())

    def all(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


def page(folder, place=None):
    return Page(render(folder, place or folder))


def rows(text):
    """The cells of all rows of tables in the page."""
    found = re.findall(r"<tr.*?>(.*?)</tr>", text, re.DOTALL)
    return [[Page(cell).text for cell in re.findall(r"<t[dh].*?>(.*?)</t[dh]>", row, re.DOTALL)] for row in found]


def test_the_passport(folder):
    found = dict(row for row in rows(render(folder, folder)) if len(row) == 2)
    assert found == {
        "command": "xner compare 'a<b>'",
        "encoder": "e5-small",
        "seeds": "0, 1 (n = 2)",
        "scoring rule": RULES["strict"],
        "decoding": "argmax",  # of before it was noted
        "checkpoint": "last step",
        "versions": "xner 9, torch 8",
        "data": "x en/train: 3",
    }


def test_the_tables(folder):
    found = rows(render(folder, folder))
    assert ["a<b>&c", "de", "61.25", "61.25", "61.25", "1", "+11.25", "0.0"] in found
    assert ["direct", "de", "PER", "50.00", "50.00", "50.00", "1,234"] in found
    assert ["direct", "de", "0", "50.00", "50.00", "50.00", "0.0", ""] in found
    assert "<b>61.25</b>" in render(folder, folder) and "<b>50.00</b>" not in render(folder, folder)


def test_three_pictures_with_a_caption_each(folder):
    found = page(folder)
    assert len(found.all("svg")) == len(found.all("figcaption")) == 3
    assert "Differences to direct" in found.text and "circles: the seeds" in found.text


def test_one_method_has_no_differences_and_one_seed_no_circles(tmp_path):
    settings = SETTINGS | {"methods": ["direct"], "targets": ["de"], "seeds": [0]}
    made = summarized(Comparison(settings=settings, cells=cells(tmp_path / "x")[:1]))
    (tmp_path / "x" / RECORD).write_text(made.model_dump_json())
    found = page(tmp_path / "x")
    assert len(found.all("svg")) == 2
    assert "Differences" not in found.text and "circles" not in found.text and "failed" not in found.text


def test_what_cells_say_stands_above_and_what_failed_or_is_missing_is_counted_and_listed(folder):
    text = page(folder).text
    assert text.index("a <note>") < text.index("command")
    assert "1 failed, 5 not done yet of 8 cells" in text
    assert "direct on fr, seed 1: it <broke>" in text
    assert text.count("not done yet") == 6 and "a<b>&c on fr, seed 0: not done yet" in text


def test_names_are_text_and_never_markup(folder):
    found = page(folder)
    assert not [tag for tag, _ in found.tags if tag in ("note", "broke")]
    assert len(found.all("b")) == 1  # the best score


def test_nothing_runs_on_the_page_whatever_is_said_on_it(tmp_path):
    def page_with(name):
        settings = SETTINGS | {"methods": ["direct", name], "targets": ["de"], "encoder": name}
        folder = tmp_path / str(len(name))
        folder.mkdir()
        scored = [("direct", 50.0), (name, 60.0)]
        made = [
            Cell(method=m, target="de", seed=0, folder=f"{n}", metrics=metrics(f), notes=(name,))
            for n, (m, f) in enumerate(scored)
        ]
        failed = Cell(method=name, target="de", seed=1, folder="2", problem=name)
        comparison = summarized(Comparison(settings=settings, cells=(*made, failed), command=("xner", name)))
        comparison = comparison.model_copy(update={"corpora": (name,), "versions": (name,), "machines": (name,)})
        (folder / RECORD).write_text(comparison.model_dump_json())
        return re.sub("<svg.*?</svg>", "", render(folder, folder), flags=re.DOTALL)

    assert_harmless(page_with)


def test_no_picture_has_markup_of_a_name(tmp_path):
    settings = SETTINGS | {"methods": ["direct", EVIL], "targets": ["de"]}
    made = [
        Cell(method=m, target="de", seed=0, folder=f"{n}", metrics=metrics(50.0))
        for n, m in enumerate(settings["methods"])
    ]
    (tmp_path / RECORD).write_text(summarized(Comparison(settings=settings, cells=tuple(made))).model_dump_json())
    pictures = re.findall("<svg.*?</svg>", render(tmp_path, tmp_path), flags=re.DOTALL)
    assert len(pictures) == 3 and "&lt;script&gt;" in pictures[0]
    for picture in pictures:
        assert not [tag for tag in Skeleton(picture).tags if tag[0] in ("script", "img", "foreignobject")]
        assert not [name for tag in Skeleton(picture).tags for name in tag[1:] if name.startswith("on")]


def test_the_page_stands_alone(folder):
    found = page(folder)
    assert not [tag for tag, _ in found.tags if tag in ("img", "iframe")]
    assert [at["href"] for at in found.all("link")] == ["data:,"]  # no icon is asked for
    assert not re.search(r"url\(|@import|\bsrc=", render(folder, folder))
    assert [at["href"] for at in found.all("a")] == ["#failed", "direct%2Bx-de/report.html"]


def test_links_lead_from_where_the_page_lies(folder, tmp_path):
    assert page(folder, tmp_path / "y" / "z").all("a")[1]["href"] == "../../x/direct%2Bx-de/report.html"


def test_the_same_comparison_gives_the_same_bytes(folder):
    assert render(folder, folder) == render(folder, folder)


def test_a_comparison_that_has_not_ended_is_summarized(folder):
    record = Comparison.read(folder).model_copy(update={"rows": ()})
    (folder / RECORD).write_text(record.model_dump_json())
    assert "+11.25" in page(folder).text


def test_without_a_score_it_says_so(folder):
    record = Comparison.read(folder)
    (folder / RECORD).write_text(record.model_copy(update={"cells": record.cells[2:]}).model_dump_json())
    with pytest.raises(DataError, match=r"/x: none of its cells has a score yet; `xner compare` goes on with it$"):
        render(folder, folder)


@pytest.mark.parametrize("module", ["altair", "vl_convert"])
def test_without_the_extra_it_says_what_to_install(folder, monkeypatch, module):
    assert can_draw()
    monkeypatch.setitem(sys.modules, module, None)
    assert not can_draw()
    with pytest.raises(XnerError) as error:
        render(folder, folder)
    assert str(error.value) == f'this needs the package {module}; install it with: pip install "xner[report]"'
