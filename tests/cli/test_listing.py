import json
from types import ModuleType

import pytest

from xner.cli.listing import describe, show_components, show_plugins
from xner.errors import UsageError
from xner.hookspecs import KINDS, Offer, hookimpl
from xner.plugin.manager import Plugins, kind_of


@pytest.fixture(autouse=True)
def wide(monkeypatch):
    monkeypatch.setenv("COLUMNS", "300")


@pytest.fixture
def plugins():
    module = ModuleType("fake")
    records = [
        Offer("zeta", "xner.teachers.recognizer:Recognizer", "Last [/bold] :smile:"),
        Offer("alpha", "xner.teachers.recognizer:Recognizer", "First"),
    ]
    module.xner_teachers = hookimpl(lambda: records)
    loaded = Plugins()
    loaded.register("fake", lambda: module, "1.0")
    loaded.register("odd", lambda: 1 / 0, "2.0")
    return loaded


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_goes_by_its_plural_its_singular_and_with_hyphens(kind):
    singular = {"corpora": "corpus"}.get(kind, kind.removesuffix("s"))
    for word in (kind, singular, kind.replace("_", "-"), singular.replace("_", "-")):
        assert kind_of(word) == kind


def test_an_unknown_kind():
    with pytest.raises(UsageError) as error:
        kind_of("teecher")
    assert str(error.value) == (
        "there is no kind 'teecher'; there are: encoders, corpora, teachers, refiners, transformers, resources, "
        "auxiliary_tasks, weightings, methods, sections. Did you mean 'teachers'?"
    )


def test_plugins_as_a_table_with_broken_ones(plugins, capsys):
    show_plugins(plugins, as_json=False)
    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert lines[0].split() == ["plugin", "version", "status", "offers"]
    assert lines[1].split() == ["fake", "1.0", "loaded", "teachers:", "zeta"]
    assert lines[2].split() == ["teachers:", "alpha"]
    assert lines[3].split(maxsplit=2) == ["odd", "2.0", "broken: ZeroDivisionError: division by zero"]


def test_plugins_as_json(plugins, capsys):
    show_plugins(plugins, as_json=True)
    assert json.loads(capsys.readouterr().out) == [
        {"name": "fake", "version": "1.0", "offers": ["teachers: zeta", "teachers: alpha"], "problem": ""},
        {"name": "odd", "version": "2.0", "offers": [], "problem": "ZeroDivisionError: division by zero"},
    ]


def test_components_are_sorted_and_their_summaries_are_no_markup(plugins, capsys):
    show_components(plugins, "teachers", as_json=False)
    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert [line.split(maxsplit=2) for line in lines] == [
        ["teachers", "plugin", "what it is"],
        ["alpha", "fake", "First"],
        ["zeta", "fake", "Last [/bold] :smile:"],
    ]


def test_components_as_json(plugins, capsys):
    show_components(plugins, "teachers", as_json=True)
    rows = json.loads(capsys.readouterr().out)
    assert rows[0] == {
        "plugin": "fake",
        "name": "alpha",
        "target": "xner.teachers.recognizer:Recognizer",
        "summary": "First",
        "needs": "",
    }
    show_components(plugins, "methods", as_json=True)
    assert json.loads(capsys.readouterr().out) == []


def test_describe_shows_docstring_settings_defaults_and_choices(plugins, capsys):
    describe(plugins, "teacher", "zeta")
    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == "zeta (teachers, plugin fake): Last [/bold] :smile:"
    assert lines[1] == "Learns the source's tags, and predicts the probability of each tag for each target word."
    rows = {line.split()[0]: line.split(maxsplit=2)[1:] for line in lines[3:]}
    assert rows["teachers.zeta.batch_size"] == ["32", "Sentences (windows) in a step."]
    assert rows["teachers.zeta.epochs"][0] == "null"
    assert rows["teachers.zeta.schedule"][1].endswith("One of: linear, constant.")
    assert rows["teachers.zeta.head_dropout"][0] == "null"
    describe(plugins, "teacher", "zeta", as_json=True)
    document = json.loads(capsys.readouterr().out)
    assert {row["name"]: row["default"] for row in document["settings"]}["teachers.zeta.batch_size"] == "32"
    assert (document["plugin"], document["presets"], document["defaults"]) == ("fake", {}, {})


def test_describe_of_something_with_a_required_setting_and_of_something_without_settings(capsys):
    loaded = Plugins.load()
    describe(loaded, "corpus", "folder")
    out = capsys.readouterr().out
    assert any(line.split()[:2] == ["corpora.folder.path", "(required)"] for line in out.splitlines())
    describe(loaded, "weighting", "uniform")
    assert "It has no settings of its own." in capsys.readouterr().out


@pytest.mark.parametrize("kind", KINDS)
def test_everything_on_offer_can_be_described(kind, capsys):
    loaded = Plugins.load()
    for name in loaded.names(kind):
        describe(loaded, kind, name)
        assert capsys.readouterr().out.startswith(f"{name} (")
        describe(loaded, kind, name, as_json=True)
        document = json.loads(capsys.readouterr().out)
        assert (document["name"], document["kind"]) == (name, kind) and document["description"]


def test_describe_needs_a_name(plugins):
    with pytest.raises(UsageError) as error:
        describe(plugins, "teachers", None)
    assert str(error.value) == "describe which of the teachers? There are: alpha, zeta"


def test_describe_run_goes_into_every_section(plugins, capsys):
    describe(plugins, "run", None)
    settings = {line.split()[0] for line in capsys.readouterr().out.splitlines() if line.strip()}
    assert {"method", "source.languages", "target.test_split", "labels.map", "student.tag_loss", "teachers"} <= settings
    assert "student" not in settings
    describe(plugins, "run", None, as_json=True)
    names = {row["name"] for row in json.loads(capsys.readouterr().out)["settings"]}
    assert {"method", "source.languages", "labels.map", "student.tag_loss"} <= names and "student" not in names
