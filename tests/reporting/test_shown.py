from dataclasses import replace

import pytest

from xner.errors import DataError
from xner.reporting.parts import Table, Text
from xner.reporting.section import Section, Unmade
from xner.reporting.shown import FILE, Page, Shown, look, merged, read


class Plain(Section):
    title = "Plain"

    def look(self, view):
        return [Text(text="here")]


class Labels(Plain):
    title, labels = "Labels", True


class Costly(Plain):
    title, costly = "Costly", True


class Needy(Plain):
    title, needs = "Needy", ("vectors",)


class Empty(Plain):
    title = "Empty"

    def look(self, view):
        return ()


class Broken(Plain):
    title = "Broken"

    def look(self, view):
        raise ValueError("no good")


class Odd(Plain):
    title = "Odd"

    def look(self, view):
        return ["not a part"]


def looked(view, *kinds, costly=False):
    return look(view, {kind.title.lower(): kind() for kind in kinds}, costly)


def test_sections_stand_in_their_order_and_empty_ones_are_left_out(made):
    page = looked(made(("a", "O", "O")), Labels, Empty, Plain)
    assert [(one.name, one.title, one.labels) for one in page.sections] == [
        ("labels", "Labels", True),
        ("plain", "Plain", False),
    ]
    assert page.sections[0].parts == (Text(text="here"),) and not page.left


def test_those_that_take_long_are_left_to_be_asked_for(made):
    view = made(("a", "O", "O"))
    page = looked(view, Costly, Plain)
    assert ([one.name for one in page.sections], page.left) == (["plain"], ("Costly",))
    page = looked(view, Costly, Plain, costly=True)
    assert ([one.name for one in page.sections], page.left) == (["costly", "plain"], ())


def test_without_labels_or_signals_those_that_need_them_are_left_out(made):
    view = replace(made(("a", "O", "O")), test=None, tags=None)
    page = looked(view, Labels, Needy, Plain, costly=True)
    assert [one.name for one in page.sections] == ["plain"]


@pytest.mark.parametrize(("kind", "problem"), [(Broken, "ValueError: no good"), (Odd, "ValidationError")])
def test_one_that_fails_does_not_lose_the_others(made, kind, problem, monkeypatch):
    view = made(("a", "O", "O"))
    page = looked(view, kind, Plain)
    assert page.sections[0].problem.startswith(problem) and not page.sections[0].parts and page.sections[1].parts
    monkeypatch.setenv("XNER_DEBUG", "1")
    with pytest.raises(ValueError, match="no good" if kind is Broken else "parts"):
        looked(view, kind, Plain)


def test_one_whose_plugin_is_broken_stands_there_with_its_name(made):
    page = look(made(("a", "O", "O")), {"mine": Unmade("mine", DataError("no module"))}, costly=False)
    assert (page.sections[0].title, page.sections[0].problem) == ("mine", "DataError: no module")


def test_a_page_goes_there_and_back(tmp_path):
    table = Table(caption="c", heads=("a", "b"), rows=(("x", 1), ("y", 0.5), ("z", None)), compared="b")
    page = Page(sections=(Shown(name="a", title="A", parts=(table, Text(text="t"))),), left=("B",))
    assert read(tmp_path) == Page()
    (tmp_path / FILE).write_text(page.model_dump_json())
    assert read(tmp_path) == page
    assert [type(value) for row in read(tmp_path).sections[0].parts[0].rows for value in row[1:]] == [
        int,
        float,
        type(None),
    ]


def test_a_damaged_one_is_told(tmp_path):
    (tmp_path / FILE).write_text("{")
    with pytest.raises(DataError, match=r"sections\.json: not as xner writes it: .*; `xner report` makes it anew$"):
        read(tmp_path)


def test_what_cannot_be_made_any_more_is_kept():
    old = Page(sections=(shown("a", "old"), shown("b", "old"), shown("c", "old")), left=("X",))
    failed = Shown(name="c", title="C", problem="gone")
    new = Page(sections=(failed, shown("a", "new"), Shown(name="d", title="D", problem="gone")), left=("B", "Y"))
    page = merged(old, new, ["d", "a", "b", "c"])
    assert [(one.name, one.parts[0].text if one.parts else one.problem) for one in page.sections] == [
        ("d", "gone"),
        ("a", "new"),
        ("b", "old"),
        ("c", "old"),
    ]
    assert page.left == ("Y",)


def shown(name, text):
    return Shown(name=name, title=name.upper(), parts=(Text(text=text),))
