import re

import pytest

from xner.corpora.folder import Folder
from xner.errors import DataError, UsageError, XnerError
from xner.hookspecs import Offer
from xner.plugin.manager import Plugins, Registration
from xner.runs.components import Components
from xner.runs.config import build
from xner.runs.mixing import mixed, preset_of
from xner.tagging.hubmodel import HubModel
from xner.teachers.recognizer import Recognizer


@pytest.fixture
def plugins(ours):
    return Plugins.load()


@pytest.fixture
def make(plugins):
    return lambda **settings: Components(plugins, build(settings))


def test_a_component_gets_its_settings_and_what_was_used_is_kept(make):
    components = make(teachers={"recognizer": {"epochs": 2}})
    made = components.create("teachers", "recognizer")
    assert isinstance(made, Recognizer)
    assert made.config.epochs == 2
    assert components.used["teachers"]["recognizer"]["epochs"] == 2
    assert components.used["teachers"]["recognizer"]["batch_size"] == made.config.batch_size
    assert "head_dropout" not in components.used["teachers"]["recognizer"]  # TOML has no null


def test_what_the_engine_knows_wins_over_the_settings(make):
    made = make(corpora={"folder": {"path": "theirs", "tag_column": 3}}).create("corpora", "folder", path="ours")
    assert (made.config.path, made.config.tag_column) == ("ours", 3)


def test_settings_that_do_not_fit_are_named_in_full(make):
    with pytest.raises(UsageError, match=r"^there is no setting 'teachers\.recognizer\.epoch'\. Did you mean"):
        make(teachers={"recognizer": {"epoch": 2}}).create("teachers", "recognizer")


def test_an_encoder_by_name_folder_or_hub_id(make, encoder_folder, tmp_path, monkeypatch):
    assert type(make(encoder="e5-small").encoder()).__name__ == "E5Small"
    assert make(encoder=str(encoder_folder)).encoder().config.path == str(encoder_folder)
    hub = make(encoder="FacebookAI/xlm-roberta-base").encoder()
    assert isinstance(hub, HubModel)
    assert hub.config.path == "FacebookAI/xlm-roberta-base"
    monkeypatch.chdir(tmp_path)
    (tmp_path / "e5-small").mkdir()
    assert type(make(encoder="e5-small").encoder()).__name__ == "E5Small"  # a plugin's name comes first
    assert type(make(encoder="demo/e5-small").encoder()).__name__ == "E5Small"  # as plugin/name, not as a hub id


def test_an_unknown_encoder(make):
    with pytest.raises(UsageError, match=r"^there is no 'e5-smal' among the encoders: e5-small, hub\. Did you mean"):
        make(encoder="e5-smal").encoder()


def test_a_corpus_by_name_folder_or_file(make, data_folder, tmp_path, monkeypatch):
    components = make()
    assert type(components.corpus("demo")).__name__ == "Demo"
    for path in (data_folder, data_folder / "en" / "train.conll"):
        made = components.corpus(str(path))
        assert isinstance(made, Folder)
        assert made.config.path == str(path)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine").mkdir()
    assert components.corpus("mine").config.path == "mine"


@pytest.mark.parametrize("name", ["no/where", "nowhere.conll", "./nowhere"])
def test_a_path_where_nothing_is(make, name):
    with pytest.raises(DataError) as error:
        make().corpus(name)
    assert str(error.value).startswith(f"{name}: no such file or folder")
    assert "`xner list corpora`" in str(error.value)


@pytest.mark.parametrize("name", ["/no/where", "./nowhere", "~/no/where"])
def test_an_encoder_that_has_moved(make, name):
    with pytest.raises(DataError) as error:
        make(encoder=name).encoder()
    assert str(error.value) == f"{name}: no such folder; if the encoder has moved, say where it is with --encoder"


def test_what_was_used_can_be_used_again_from_anywhere(make, data_folder, encoder_folder, tmp_path, monkeypatch):
    given = {
        "encoder": encoder_folder.name,
        "source.dataset": data_folder.name,
        "target.dataset": f"./{data_folder.name}",
        "target.test_dataset": str(data_folder / "xx" / "test.conll"),
        "source.dev_dataset": "demo",
        "corpora.uner.path": data_folder.name,
        "corpora.folder.token_column": 0,
    }
    monkeypatch.chdir(encoder_folder.parent)
    assert data_folder.parent == encoder_folder.parent
    components = make(**given)
    components.encoder()
    for name in ("source", "target"):
        components.corpus(getattr(components.config, name).dataset)
    components.corpus("uner")
    settings = components.settings()
    assert settings["encoder"] == str(encoder_folder)
    assert settings["source"]["dataset"] == settings["target"]["dataset"] == str(data_folder)
    assert settings["source"]["dev_dataset"] == "demo" and settings["target"]["dev_dataset"] == ""
    assert settings["target"]["test_dataset"] == str(data_folder / "xx" / "test.conll")
    assert settings["corpora"]["uner"]["path"] == str(data_folder)
    assert "path" not in settings["corpora"]["folder"]  # it is source.dataset or target.dataset
    monkeypatch.chdir(tmp_path)
    again = Components(components.plugins, build(settings))
    again.encoder()
    assert again.corpus(again.config.source.dataset).load("en", "dev").labelled
    assert all(again.settings()[part] == settings[part] for part in ("encoder", "source", "target", "encoders"))


def test_a_home_folder_is_found(make, data_folder, encoder_folder, monkeypatch):
    monkeypatch.setenv("HOME", str(data_folder.parent))
    components = make(encoder=f"~/{encoder_folder.name}")
    assert components.encoder().config.path == str(encoder_folder)
    assert components.corpus(f"~/{data_folder.name}").load("en", "dev").labelled
    assert components.settings()["encoder"] == str(encoder_folder)


def test_names_of_components_and_of_the_hub_stay_names(make, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for folder in ("e5-small", "demo"):
        (tmp_path / folder).mkdir()
    for encoder in ("e5-small", "demo/e5-small", "FacebookAI/xlm-roberta-base"):
        settings = make(encoder=encoder).settings()
        assert (settings["encoder"], settings["source"]["dataset"]) == (encoder, "demo")


def test_the_plugins_that_took_part(make, plugins):
    components = make(method="tsl")
    assert components.packages == {}
    components.method()
    components.create("teachers", "recognizer")
    components.create("weightings", "mtmt/unweighted")
    versions = {info.name: info.version for info in plugins.infos}
    assert components.packages == {name: versions[name] for name in ("baselines", "mtmt", "xner")}


def test_an_unknown_corpus(make):
    with pytest.raises(UsageError, match=r"^there is no 'wikian' among the corpora: .* Did you mean 'wikiann'\?$"):
        make().corpus("wikian")


def test_the_method_is_made_with_its_settings(make):
    assert make(method="mtmt", methods={"mtmt": {"weighting": "uniform"}}).method().config.weighting == "uniform"


@pytest.mark.parametrize(
    ("method", "settings", "expected"),
    [
        ("tsl", {}, ("tsl", (), None)),
        ("tsl", {"tasks": ["similarity"], "weighting": "uniform"}, ("tsl", ("similarity",), "uniform")),
        ("tsl+similarity", {}, ("tsl", ("similarity",), None)),
        ("tsl+reliability+similarity", {}, ("tsl", ("similarity",), "reliability")),
        ("mtmt/mtmt+mtmt/similarity", {}, ("mtmt/mtmt", ("mtmt/similarity",), None)),
        (
            "mtmt+similarity+uniform",
            {"tasks": ["similarity"], "weighting": "reliability"},
            ("mtmt", ("similarity",), "uniform"),
        ),
        ("nobody+uniform", {}, ("nobody", (), "uniform")),  # whether there is such a method is asked elsewhere
    ],
)
def test_a_method_may_be_written_with_its_parts(method, settings, expected):
    config = mixed(Plugins.load(), build({"method": method, "student": settings, "labels.map": {"*": "O"}}))
    assert (config.method, config.student.tasks, config.student.weighting) == expected
    assert config.labels.map == {"*": "O"}


@pytest.mark.parametrize(
    ("method", "message"),
    [
        ("tsl+similarty", "tsl+similarty: 'similarty' is no auxiliary task, no weighting and no refiner; there are: "),
        ("tsl+", "tsl+: '' is no auxiliary task, no weighting and no refiner; there are: "),
        (
            "tsl+uniform+reliability",
            "tsl+uniform+reliability: a student has one weighting, not uniform and reliability",
        ),
    ],
)
def test_parts_that_cannot_be_mixed_in(plugins, method, message):
    with pytest.raises(UsageError, match=f"^{re.escape(message)}"):
        mixed(plugins, build({"method": method}))


def test_a_name_of_two_kinds_of_part():
    plugins = Plugins.load()
    plugins.offers["weightings"].append(Registration("mtmt", Offer("similarity", "x:Y", "a weighting")))
    message = "'similarity' is an auxiliary task and a weighting; say which by --aux, --weighting or --refine$"
    with pytest.raises(UsageError, match=message):
        mixed(plugins, build({"method": "tsl+similarity"}))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"teachers.recogniser.epochs": 1},
            "there is no 'recogniser' among the teachers: .* Did you mean 'recognizer'",
        ),
        ({"weightings.x.y": 1}, "there is no 'x' among the weightings"),
    ],
)
def test_settings_for_components_that_do_not_exist_are_not_passed_over(make, settings, message):
    with pytest.raises(UsageError, match=message):
        make(method="direct", **settings).method()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"weightings.reliability.betaa": "paper"}, "there is no setting 'weightings.reliability.betaa'. Did you mean"),
        ({"weightings.reliability.beta": "both"}, "weightings.reliability.beta = 'both': input should be"),
        ({"source.corpora.folder.tag": 1}, "there is no setting 'source.corpora.folder.tag'."),
    ],
)
def test_settings_of_what_the_run_does_not_use_are_checked(make, settings, message):
    with pytest.raises(UsageError, match=f"^{re.escape(message)}"):
        make(method="direct", **settings).method()


def test_what_a_setting_needs_may_come_later(make):
    make(method="direct", **{"corpora.folder.encoding": "utf-16"}).method()  # its path is that of --dataset
    with pytest.raises(UsageError, match=r"^corpora\.folder\.encoding = 'utf-9': "):
        make(method="direct", **{"corpora.folder.encoding": "utf-9"}).method()


def test_settings_without_effect_are_named_until_what_they_are_of_is_made(make):
    settings = {
        "weightings.reliability.beta": "authors",
        "weightings.reliability.scale": 2.0,
        "target.corpora.uner.path": "here",
        "resources.dictionary": "embedding",
        "resources.embedding.limit": 9,
        "sections.changes.looked_at": 3,
        "teachers.recognizer": {},
        "teachers.similarity.epochs": 1,
        "auxiliary_tasks.similarity.scale": 2.0,
    }
    components = make(method="direct", **settings)
    components.method()
    components.create("teachers", "similarity")
    unused = "none of the {} used here is '{}', so there is no effect of {}".format
    expected = [
        unused("auxiliary tasks", "similarity", "auxiliary_tasks.similarity.scale"),  # the teacher of that name is
        unused("corpora", "uner", "target.corpora.uner.path"),
        unused("resources", "embedding", "resources.dictionary, resources.embedding.limit"),
        unused("weightings", "reliability", "weightings.reliability.beta, weightings.reliability.scale"),
    ]
    assert sorted(components.unused()) == expected
    components.create("weightings", "reliability")
    components.create("resources", "embedding")
    assert sorted(components.unused()) == expected[:2]


def test_presets(plugins):
    values = preset_of(plugins, "mtmt", "paper")
    assert values["student.tag_loss"] == "soft_ce"
    values["student.tag_loss"] = "changed"
    assert preset_of(plugins, "mtmt", "paper")["student.tag_loss"] == "soft_ce"
    with pytest.raises(UsageError) as error:
        preset_of(plugins, "mtmt", "papers")
    assert str(error.value) == "the method 'mtmt' has no preset 'papers'; its presets: paper, authors"


@pytest.mark.parametrize("name", ["paper", "authors"])
def test_every_preset_has_only_settings_that_exist(plugins, name):
    components = Components(plugins, build({"method": "mtmt"}, preset_of(plugins, "mtmt", name)))
    components.method()
    for kind in ("teachers", "auxiliary_tasks", "weightings"):
        for part in getattr(components.config, kind):
            components.create(kind, part)


def test_a_component_that_does_not_take_its_settings(make, monkeypatch):
    monkeypatch.setattr(Recognizer, "__init__", lambda self: None)
    message = r"^teachers: 'recognizer' cannot be made of its settings: TypeError: .* must take them as `config`$"
    with pytest.raises(XnerError, match=message):
        make().create("teachers", "recognizer")


def test_a_setting_without_a_default_that_is_not_given(make):
    with pytest.raises(UsageError, match=r"^corpora.folder.path has no default: --set corpora.folder.path=VALUE$"):
        make().create("corpora", "folder")


def test_a_corpus_has_settings_of_its_side_over_those_of_both(make, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "copy").mkdir()
    given = {
        "corpora.folder.encoding": "latin-1",
        "corpora.folder.tag_column": 3,
        "source.corpora.folder.tag_column": 2,
        "target.corpora.folder.encoding": "utf-16",
        "target.corpora.uner.path": "copy",
    }
    components = make(**given)
    made = [components.corpus(".", side).config for side in ("source", "target", None)]
    assert [(config.encoding, config.tag_column) for config in made] == [("latin-1", 2), ("utf-16", 3), ("latin-1", 3)]
    assert components.corpus("uner", "target").config.path == "copy"
    assert components.corpus("uner", "source").config.path is None
    components.corpus(".", "target")
    settings = components.settings()
    assert settings["corpora"]["folder"]["encoding"] == "latin-1"
    assert settings["target"]["corpora"] == {"folder": {"encoding": "utf-16"}, "uner": {"path": str(tmp_path / "copy")}}
    again = Components(components.plugins, build(settings))
    assert [again.corpus(".", side).config for side in ("source", "target")] == made[:2]


def test_settings_of_a_side_that_do_not_fit(make):
    with pytest.raises(UsageError, match=r"^there is no setting 'target\.corpora\.folder\.tag'\."):
        make(**{"target.corpora.folder.tag": 1}).corpus(".", "target")
    with pytest.raises(UsageError, match="there is no 'foldr' among the corpora"):
        make(**{"source.corpora.foldr.tag_column": 1}).method()


# sections


def test_sections_get_their_settings(make):
    sections = make(sections={"changes": {"looked_at": 3}}).sections()
    assert (sections["changes"].config.looked_at, sections["changes"].config.sentences) == (3, 60)
    with pytest.raises(UsageError, match=r"^sections\.changes\.looked_at = 0: "):
        make(sections={"changes": {"looked_at": 0}}).sections()
