import json
from importlib.metadata import version

import pytest
import torch

from xner.machine.hardware import Hardware
from xner.plugin.manager import Plugins
from xner.runs.components import Components
from xner.runs.config import build
from xner.runs.written import manifest as module
from xner.runs.written.manifest import manifest, origin
from xner.store.stages import Stage
from xner.tagging.hubmodel import HubModel
from xner.testing import tiny_corpus

CORPORA = (tiny_corpus(), tiny_corpus("xx", "dev"))


@pytest.fixture
def components():
    config = build({"method": "tsl", "teachers.recognizer.epochs": 7, "seed": 3})
    made = Components(Plugins.load(), config)
    made.method()
    made.create("teachers", "recognizer")
    return made


@pytest.fixture
def written(components, tiny_workbench, tmp_path):
    stages = [Stage("one", "key-1", tmp_path / "one"), Stage("two", "key-2", tmp_path / "two")]
    for stage in stages:
        stage.folder.mkdir()
    (stages[1].folder / "epochs.json").write_text('{"kept_step": 3}')
    return json.loads(json.dumps(manifest(components, tiny_workbench, CORPORA, stages)))


def test_settings_and_those_of_the_components(written, components):
    assert written["settings"]["seed"] == 3
    assert written["components"]["teachers"]["recognizer"]["epochs"] == 7
    assert written["components"]["teachers"]["recognizer"]["batch_size"] == 32  # a default
    again = build(written["settings"], written["components"])
    assert again.component("teachers", "recognizer") == components.used["teachers"]["recognizer"]


def test_what_learned_from_what(written, tiny_workbench):
    assert [corpus["fingerprint"] for corpus in written["corpora"]] == [corpus.fingerprint for corpus in CORPORA]
    assert written["encoder"] == {
        "weights": tiny_workbench.encoder.identity(),
        "learning_rate": tiny_workbench.encoder.learning_rate,
        "head_rate": tiny_workbench.encoder.head_rate,
        "trust_remote_code": False,
    }
    trusted = HubModel(HubModel.Config(path=str(tiny_workbench.encoder.config.path), trust_remote_code=True))
    assert module._encoder(trusted)["trust_remote_code"] is True
    assert written["labels"] == ["LOC", "ORG", "PER"]


def test_the_scores_of_the_epochs_are_kept_even_if_the_cache_is_not(written):
    assert written["epochs"] == {"key-2": {"kept_step": 3}}


def test_versions_of_packages_and_plugins(written):
    assert written["versions"]["torch"] == version("torch")
    assert {"numpy", "tokenizers", "seqeval", "scikit-learn", "pyarrow", "python"} <= set(written["versions"])
    assert set(written["plugins"]) == {"baselines", "xner"}


def test_where_and_in_which_precision(components, tiny_workbench, written, monkeypatch):
    assert written["hardware"]["device"] == "cpu"
    assert written["hardware"]["threads"] == torch.get_num_threads() == 1
    assert (written["hardware"]["precision"], written["hardware"]["processes"]) == ("fp32", 1)
    assert written["hardware"]["vector_instructions"]
    assert module._hardware(Hardware(torch.device("cpu"), bf16=True))["precision"] == "bf16"


def test_the_origin_is_a_part_of_it(written, components):
    found = origin(components.config, CORPORA, [])
    assert {name: written[name] for name in found} == json.loads(json.dumps(found)) | {"stages": written["stages"]}
