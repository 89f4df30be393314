import pytest
from safetensors.torch import load_file

from xner.plugin.manager import Plugins
from xner.runs.mixing import configure
from xner.testing import MethodContract
from xner_baselines.tsl import TSL
from xner_baselines.unitrans_no_translation import UniTransNoTranslation

METHOD = "unitrans-no-translation"


class TestUniTransNoTranslation(MethodContract):
    component = "unitrans-no-translation"

    @pytest.fixture
    def run_settings(self):
        return {**UniTransNoTranslation.defaults, "student.epochs": 1, "teachers.recognizer.epochs": 1}


@pytest.fixture
def run(train):
    def run(method, more=()):
        return train(method, more={"freeze": "quarter", **dict(more)}, batch_size=16, learning_rate=5e-3)

    return run


def test_it_is_tsl_with_its_defaults(run):
    one, other = run(METHOD), run("tsl", UniTransNoTranslation.defaults)
    assert issubclass(UniTransNoTranslation, TSL)
    assert [stage.title for stage in one.stages] == [
        "teacher recognizer on en",
        "signals of recognizer on xx",
        "student on xx (tags, uniform)",
    ]
    assert [stage.key for stage in one.stages] == [stage.key for stage in other.stages]
    assert one.metrics == other.metrics and one.config.title == METHOD


def test_how_its_authors_train_is_asked_for():
    config = configure(Plugins.load(), settings={"method": METHOD}, preset="authors")
    assert (config.student.start, config.student.epochs, config.student.learning_rate) == ("encoder", 3, 1e-4)
    assert (config.student.tag_loss, config.freeze, config.max_length) == ("mse_prob", "quarter", 256)
    assert configure(Plugins.load(), settings={"method": METHOD}).student.start == "teacher"


def test_without_them_it_is_another(run):
    assert run(METHOD).stages[-1].key != run("tsl").stages[-1].key


def test_what_a_user_asks_for_counts(run):
    config = run(METHOD, {"student.tag_loss": "soft_ce", "max_length": 64}).config
    assert (config.student.tag_loss, config.max_length, config.decoding.rule) == ("soft_ce", 64, "legal")


def test_the_embeddings_are_left_alone(run, encoder_folder):
    before, after = (
        load_file(encoder_folder / "model.safetensors"),
        load_file(run(METHOD).folder / "student" / "model.safetensors"),
    )
    names = {name for name in before if (after[f"bert.{name}"] != before[name]).any()}
    assert names and not any("embeddings" in name for name in names)
