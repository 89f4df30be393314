import pytest

from xner.errors import DataError
from xner.testing import MethodContract

QUICK = {"student.epochs": 1, "student.start": "encoder"}


class TestWiki(MethodContract):
    component = "wiki"

    @pytest.fixture
    def run_settings(self, named):
        return {**QUICK, **named}

    @pytest.fixture
    def context(self, make_context, run_settings):
        return make_context(run_settings)  # the gazetteer's file is another one in every test


class TestWikiWithAnEncoder(TestWiki):
    @pytest.fixture
    def settings(self):
        return {"tagger": "encoder", "training": {"epochs": 1}}


@pytest.fixture
def run(train, named):
    def run(**settings):
        more = {**named, "student.start": "encoder"}
        return train("wiki", more=more | {f"methods.wiki.{name}": value for name, value in settings.items()})

    return run


@pytest.mark.parametrize("tagger", ["linear", "encoder"])
def test_the_gazetteer_and_the_taggers_own_score_stand_beside_the_score_and_on_the_card(run, tagger):
    done = run(tagger=tagger, **({"training": {"epochs": 1}} if tagger == "encoder" else {}))
    assert [stage.title for stage in done.stages] == [
        f"teacher {tagger} tagger by names on en beside xx",
        f"signals of {tagger} tagger by names on xx",
        "student on xx (tags, uniform)",
    ]
    gazetteer, alone, *_ = done.notes
    assert gazetteer.startswith(
        "wiki: the gazetteer gazetteer-file has 3 names (LOC 2, PER 1); it has none of the type "
    )
    assert gazetteer.endswith("of xx") and "in a name are" in gazetteer
    assert alone.startswith(f"{tagger} tagger by names alone, without a student: F1 ")
    for file in (done.folder / "student" / "README.md", done.folder / "report.html"):
        text = file.read_text(encoding="utf-8")
        assert gazetteer in text and alone in text


def test_its_key_follows_the_gazetteer(make_context, named, names):
    keys = []
    for text in (names.read_text(encoding="utf-8"), "Other\tLOC\n"):
        names.write_text(text, encoding="utf-8")
        context = make_context({**QUICK, **named}, dry=True)
        TestWiki().run({}, context)
        keys.append(context.stages[0].key)
    assert keys[0] != keys[1]


def test_without_the_file_nothing_begins(make_context):
    context = make_context({**QUICK, "resources.gazetteer": "gazetteer-file"}, dry=True)
    with pytest.raises(DataError, match=r"^gazetteer-file: which file\? --set resources\.gazetteer-file\.path=FILE"):
        TestWiki().run({}, context)
