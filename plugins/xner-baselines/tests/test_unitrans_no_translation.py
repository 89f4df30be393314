import pytest
from safetensors.torch import load_file

from xner.testing import MethodContract
from xner_baselines.tsl import TSL
from xner_baselines.unitrans_no_translation import UniTransNoTranslation

METHOD = "unitrans-no-translation"


class TestUniTransNoTranslation(MethodContract):
    component = METHOD

    @pytest.fixture
    def run_settings(self):
        return {**UniTransNoTranslation.defaults, "student.epochs": 1, "teachers.recognizer.epochs": 1}


@pytest.fixture
def run(train):
    def run(method, more=()):
        return train(method, more={"freeze": "quarter", **dict(more)}, batch_size=16, learning_rate=5e-3)

    return run


def test_it_is_tsl_with_its_defaults(run):
    defaults = {
        name: value for name, value in UniTransNoTranslation.defaults.items() if not name.endswith(("epochs", "_rate"))
    }
    defaults |= {"teachers.recognizer.head_rate": 1.0, "student.head_rate": 1.0, "student.batch_size": 16}
    one, other = run(METHOD), run("tsl", defaults | {"teachers.recognizer.batch_size": 16})
    assert issubclass(UniTransNoTranslation, TSL)
    assert [stage.title for stage in one.stages] == [
        "teacher recognizer on en",
        "signals of recognizer on xx",
        "student on xx (tags, uniform)",
    ]
    assert [stage.key for stage in one.stages] == [stage.key for stage in other.stages]
    assert one.metrics == other.metrics and one.config.title == METHOD


def test_without_them_it_is_another(run):
    assert run(METHOD).stages[-1].key != run("tsl").stages[-1].key


def test_what_a_user_asks_for_counts(run):
    more = {"student.tag_loss": "soft_ce", "max_length": 64}
    config = run(METHOD, more).config
    assert (config.student.tag_loss, config.max_length, config.student.start) == ("soft_ce", 64, "encoder")
    assert config.student.batch_size == 16 and config.decoding.rule == "legal"


def test_the_embeddings_are_left_alone(run, encoder_folder):
    before, after = (
        load_file(encoder_folder / "model.safetensors"),
        load_file(run(METHOD).folder / "student" / "model.safetensors"),
    )
    names = {name for name in before if (after[f"bert.{name}"] != before[name]).any()}
    assert names and not any("embeddings" in name for name in names)
