import json
import tomllib
import typing

import pytest
import tomli_w
from pydantic import BaseModel

from xner.errors import DataError, UsageError
from xner.hookspecs import KINDS
from xner.plugin.component import check
from xner.plugin.manager import Plugins
from xner.runs.components import Components
from xner.runs.config import build, parse_assignment, read_file
from xner.runs.mixing import configure
from xner.runs.settings import RunConfig
from xner.training.settings import TrainingSettings


def message(*layers):
    with pytest.raises(UsageError) as error:
        build(*layers)
    assert "\n" not in str(error.value)
    assert error.value.exit_code == 2
    return str(error.value)


def test_without_layers_all_is_as_the_models_say():
    assert build() == RunConfig()
    assert build({}, {"student": {}}, {"teachers": {"recognizer": {}}}).model_dump() == RunConfig().model_dump()


def test_a_default_stands_in_one_place():
    """The sections' own defaults, the run's and those of an empty table are the same."""
    for name, field in RunConfig.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            assert getattr(RunConfig(), name) == field.annotation() == getattr(build({name: {}}), name)


def test_a_setting_at_its_default_is_the_same_as_none_given():
    """Also when written to TOML and read back: stages are keyed by what settings look like as JSON."""
    dumped = RunConfig().model_dump_json()
    again = build(tomllib.loads(tomli_w.dumps(RunConfig().model_dump(mode="json", exclude_none=True))))
    assert json.dumps(again.model_dump()) == json.dumps(RunConfig().model_dump())
    assert again.model_dump_json() == dumped
    settings = TrainingSettings()
    assert json.dumps(TrainingSettings(steps=500, weight_decay=0.01).model_dump()) == json.dumps(settings.model_dump())


def test_every_setting_is_described():
    def fields(model):
        for name, field in model.model_fields.items():
            if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
                yield from fields(field.annotation)
            else:
                yield name, field

    for name, field in fields(RunConfig):
        assert field.description, name


def test_later_layers_win_setting_by_setting():
    config = build(
        {"student.epochs": 1, "student.batch_size": 1, "seed": 1},
        {"student": {"epochs": 2, "batch_size": 2}},
        {"student.epochs": 3},
    )
    assert (config.student.epochs, config.student.batch_size, config.seed) == (3, 2, 1)


def test_a_preset_yields_to_the_file_and_the_file_to_options(tmp_path):
    file = tmp_path / "run.toml"
    file.write_text('method = "mtmt"\nmax_length = 64\n[student]\nlearning_rate = 0.5\nhead_dropout = 0.5\n')
    plugins = Plugins.load()
    config = configure(plugins, {"student.learning_rate": 0.25}, file, "paper")
    assert config.student.learning_rate == 0.25  # option
    assert (config.max_length, config.student.head_dropout) == (64, 0.5)  # file
    assert config.student.tag_loss == "soft_ce"  # preset
    assert config.encoder == "google-bert/bert-base-multilingual-cased"
    assert config.student.paired_words == 512  # default
    assert configure(plugins, preset="paper").max_length == 128


def test_a_preset_is_the_methods_that_the_settings_name(tmp_path):
    file = tmp_path / "run.toml"
    file.write_text('method = "direct"\n')
    with pytest.raises(UsageError, match=r"^the method 'direct' has no preset 'paper'; its presets: none$"):
        configure(Plugins.load(), {}, file, "paper")


def test_dotted_and_nested_are_the_same():
    assert build({"source.limit": 7}) == build({"source": {"limit": 7}})
    assert build({"teachers.recognizer.epochs": 2}) == build({"teachers": {"recognizer": {"epochs": 2}}})
    assert build({"teachers.recognizer": {"epochs": 2}}) == build({"teachers": {"recognizer": {"epochs": 2}}})


@pytest.mark.parametrize("kind", KINDS)
def test_names_of_components_may_have_dots(kind):
    config = build({f"{kind}.my-e5.1.rate": 1}, {kind: {"my-e5.1": {"steps": 2}}})
    assert config.component(kind, "my-e5.1") == {"rate": 1, "steps": 2}
    assert config.component(kind, "my-e5") == {}


def test_label_maps():
    config = build({"labels.map": {"PERS": "PER"}}, {"labels.map.MISC": "O", "labels.map.geo.loc": "LOC"})
    assert config.labels.map == {"PERS": "PER", "MISC": "O", "geo.loc": "LOC"}
    assert build({"labels": {"map": {"geo.loc": "LOC"}}}).labels.map == {"geo.loc": "LOC"}
    assert build({"labels.types": ["PER"], "labels.map.*": "O"}).labels.to_map().new_type("X") == "O"


def test_layers_are_not_changed():
    file = {"labels": {"map": {"A": "B"}}, "student": {"epochs": 1}}
    build(file, {"labels.map.C": "D", "student.epochs": 2})
    assert file == {"labels": {"map": {"A": "B"}}, "student": {"epochs": 1}}


@pytest.mark.parametrize(
    ("layer", "start"),
    [
        ({"sed": 1}, "there is no setting 'sed'. Did you mean 'seed'? There are: method, encoder, seed, "),
        ({"student.epoch": 1}, "there is no setting 'student.epoch'. Did you mean 'epochs'? There are: epochs, "),
        ({"target": {"splitt": "x"}}, "there is no setting 'target.splitt'. Did you mean 'split'? There are: language"),
        ({"zzz.a.b": 1}, "there is no setting 'zzz'. There are: method"),
        ({"student.epochs": "many"}, "student.epochs = 'many': input should be a valid number"),
        ({"student.epochs": 0}, "student.epochs = 0: input should be greater than 0"),
        ({"student": 3}, "student = 3: input should be a valid dictionary"),
        ({"student.epochs.x": 3}, "student.epochs = {'x': 3}: input should be a valid number"),
        ({"seed": -1}, "seed = -1: input should be greater than or equal to 0"),
        ({"seed": 2**32}, "seed = 4294967296: input should be less than"),
        (
            {"freeze": "all"},
            "freeze = 'all': input should be 'none', 'words' or 'quarter'; or: input should be a valid integer, unable",
        ),
        (
            {"freeze": 1.5},
            "freeze = 1.5: input should be 'none', 'words' or 'quarter'; or: input should be a valid integer, got",
        ),
        ({"labels.types": ["PER", ""]}, "labels.types = ['PER', '']: '' is no name of an entity type; expected names"),
        ({"labels.types": ["PER", " LOC"]}, "labels.types = ['PER', ' LOC']: ' LOC' is no name of an entity type"),
        ({"labels.types": ["O"]}, "labels.types = ['O']: 'O' is no name of an entity type"),
        ({"labels.types": ["PER", "PER"]}, "labels.types = ['PER', 'PER']: PER is there twice; name each type once"),
        ({"precision": "fp8"}, "precision = 'fp8': input should be 'auto', "),
        ({"source.languages": []}, "source.languages = []: "),
        ({"source.languages": "en"}, "source.languages = 'en': "),
        ({"source.languages": ["en", "pt", "en"]}, "source.languages = ['en', 'pt', 'en']: en is"),
        ({"student.tag_loss": "mse"}, "student.tag_loss = 'mse': input should be "),
        ({"teachers.recognizer": 3}, "teachers.recognizer = 3: input should be a valid dictionary"),
        ({"teachers": []}, "teachers = []: input should be a valid dictionary"),
        ({"labels.map.A": 3}, "labels.map.A = 3: input should be a valid string"),
        ({"labels.map.interval": 3}, "labels.map.interval = 3: "),
        ({"labels.map.int": 3}, "labels.map.int = 3: "),
        ({"labels.map": "A"}, "labels.map = 'A': input should be a valid dictionary"),
    ],
)
def test_a_setting_that_does_not_exist_or_fit_is_one_line(layer, start):
    assert message(layer).startswith(start)


def test_a_table_and_a_value_in_one_place():
    assert message({"student": 3}, {"student.epochs": 1}) == (
        "'student.epochs' is a table in one place and a value in another"
    )


def test_settings_of_components_are_named_with_their_kind():
    with pytest.raises(UsageError, match=r"^there is no setting 'teachers\.r\.epoch'\. Did you mean 'epochs'\?"):
        check(TrainingSettings, {"epoch": 1}, "teachers.r.")
    with pytest.raises(UsageError, match=r"^teachers\.r\.epochs = -1: input should be greater than 0$"):
        check(TrainingSettings, {"epochs": -1}, "teachers.r.")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("student.epochs=2", ("student.epochs", 2)),
        ("a=0.5", ("a", 0.5)),
        ("a=true", ("a", True)),
        ("a=null", ("a", None)),
        ('a=["en","de"]', ("a", ["en", "de"])),
        ('a="2"', ("a", "2")),
        ("a=plain text", ("a", "plain text")),
        ("a=b=c", ("a", "b=c")),
        (" a =", ("a", "")),
    ],
)
def test_assignments(text, expected):
    assert parse_assignment(text) == expected


@pytest.mark.parametrize("text", ["student.epochs", "=2", ""])
def test_a_malformed_assignment(text):
    with pytest.raises(UsageError) as error:
        parse_assignment(text)
    assert str(error.value) == f"--set {text}: expected SETTING=VALUE, for example --set student.epochs=2"


def test_a_file_that_cannot_be_read(tmp_path):
    (tmp_path / "run.toml").write_text("")
    with pytest.raises(DataError, match=r"ron\.toml: no such file or folder\. Did you mean 'run\.toml'\?$"):
        read_file(tmp_path / "ron.toml")
    with pytest.raises(DataError, match=r"cannot read the settings: .*Is a directory"):
        read_file(tmp_path)
    (tmp_path / "run.toml").write_bytes(b'a = "\xff"')
    with pytest.raises(DataError, match=r"run\.toml: cannot read the settings: 'utf-8' codec"):
        read_file(tmp_path / "run.toml")


def test_a_file_that_is_not_toml_is_named_with_the_line(tmp_path):
    (tmp_path / "run.toml").write_text('seed = 1\nmethod: "mtmt"\n')
    with pytest.raises(DataError, match=r"run\.toml:2: not a TOML file: Expected '=' after a key"):
        read_file(tmp_path / "run.toml")
    (tmp_path / "run.toml").write_text('method = "mtmt')
    with pytest.raises(DataError, match=r"run\.toml: not a TOML file: .*at end of document"):
        read_file(tmp_path / "run.toml")


def test_settings_survive_toml():
    config = build(
        {
            "freeze": 3,
            "source.languages": ["en", "fr"],
            "source.limit": 5,
            "labels.map": {"a.b": "O", "*": "PER"},
            "student.head_dropout": 0.2,
            "teachers": {"my.e5": {"epochs": 2}},
        }
    )
    assert build(tomllib.loads(tomli_w.dumps(config.model_dump(mode="json", exclude_none=True)))) == config


def test_the_settings_in_use_are_complete_and_give_the_same_components():
    components = Components(Plugins.load(), build({"method": "tsl", "teachers.recognizer.epochs": 1}))
    components.method()
    components.create("teachers", "recognizer")
    again = Components(Plugins.load(), build({"method": "tsl"}, components.used))
    again.method()
    again.create("teachers", "recognizer")
    assert again.used == components.used
    assert components.used["teachers"]["recognizer"]["epochs"] == 1
    assert "batch_size" in components.used["teachers"]["recognizer"]


def test_types_of_the_frozen_models():
    config = RunConfig()
    with pytest.raises(ValueError, match="frozen"):
        config.seed = 1
    assert typing.get_type_hints(RunConfig)["seed"] is int


@pytest.mark.parametrize("language", ["../x", "/etc", "..", "", "a\\b", "c:", "de\n"])
@pytest.mark.parametrize("setting", ["target.language", "source.languages"])
def test_a_language_leads_out_of_no_folder(setting, language):
    with pytest.raises(UsageError, match=rf"^{setting} = .*: .* is no name of a language: .*; expected one such as de"):
        build({setting: language if setting == "target.language" else ["en", language]})


@pytest.mark.parametrize("language", ["zh-Hans", "con", "aux", "x.y", "Ελληνικά"])
def test_languages_that_windows_has_devices_for_are_languages(language):
    assert build({"target.language": language}).target.language == language
