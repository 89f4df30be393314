import gc
import os
import sys
from importlib.metadata import entry_points
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"  # before huggingface_hub is imported

import pytest
import torch
from hypothesis import settings

from xner import cli
from xner.components import Components
from xner.config import build
from xner.context import Context
from xner.hardware import Hardware
from xner.hubmodel import HubModel
from xner.labels import LabelSet
from xner.plugins import Plugins
from xner.progress import Progress
from xner.recognizer import GoldTags
from xner.stages import StageStore
from xner.testing import tiny_corpus, tiny_encoder, tiny_folder
from xner.training import TrainingSettings
from xner.workbench import Workbench

settings.register_profile("xner", deadline=None)  # a laptop's first forward pass takes long
settings.load_profile("xner")


def pytest_configure():
    missing = {"baselines", "mtmt", "demo"} - {entry.name for entry in entry_points(group="xner")}
    if missing:
        names = ", ".join(sorted(missing))
        pytest.exit(f"plugins not installed: {names}. Run: python -m pip install -r requirements.txt", returncode=4)


def pytest_collection_finish():
    gc.freeze()  # every Trainer collects garbage; what pytest and the libraries hold is none


@pytest.fixture(autouse=True)
def isolated(tmp_path, monkeypatch):
    monkeypatch.setenv("XNER_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.delenv("XNER_PLUGINS", raising=False)
    monkeypatch.delenv("XNER_DEBUG", raising=False)
    torch.set_num_threads(1)


@pytest.fixture
def xner(monkeypatch, capsys):
    """Runs the command line; returns exit code, stdout and stderr."""

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["xner", *map(str, arguments)])
        with pytest.raises(SystemExit) as stop:
            cli.main()
        out, err = capsys.readouterr()
        return stop.value.code or 0, out, err

    monkeypatch.setenv("COLUMNS", "200")
    return call


@pytest.fixture(scope="session")
def encoder_folder(tmp_path_factory):
    """A Hugging Face folder with an encoder of 2 layers of width 32; read it, never write to it."""
    return tiny_encoder(tmp_path_factory.mktemp("encoder"))


@pytest.fixture(scope="session")
def data_folder(tmp_path_factory):
    """A corpus folder with train, dev and test in "en" and "xx"; read it, never write to it."""
    return tiny_folder(tmp_path_factory.mktemp("data"))


@pytest.fixture
def tiny_bench(encoder_folder, tmp_path):
    """A workbench over the tiny encoder, fp32 on the CPU, with checkpoints in tmp_path / "stage"."""
    return _bench(encoder_folder, tmp_path / "stage")


@pytest.fixture(scope="session")
def tagger_folder(encoder_folder, tmp_path_factory):
    """A tagger that knows the tiny corpus's entities; read it, never write to it."""
    folder = tmp_path_factory.mktemp("tagger")
    bench = _bench(encoder_folder, folder / "stage")
    tagger = bench.new_tagger()
    settings = TrainingSettings(epochs=12, learning_rate=5e-3, batch_size=16)
    bench.train(tagger, GoldTags(tagger), tiny_corpus(size=120), settings)
    tagger.save(folder / "tagger")
    return folder / "tagger"


def _bench(encoder, folder):
    return Workbench(
        HubModel(HubModel.Config(path=str(encoder))),
        LabelSet(("LOC", "ORG", "PER")),
        max_length=64,
        freeze="none",
        seed=0,
        hardware=Hardware(torch.device("cpu"), bf16=False),
        progress=Progress(quiet=True),
        folder=folder,
    )


@pytest.fixture
def make_context(tiny_bench, tmp_path):
    """Makes a context of settings such as {"student.epochs": 1}; all contexts of a test share one store."""
    plugins = Plugins.load()

    def make(values=(), dry=False, bench=tiny_bench):
        config = build(dict(values))
        create = Components(plugins, config).create
        store = StageStore(tmp_path / "cache")
        return Context(bench, store, config.student, create, dry, combination=config.combination)

    return make


@pytest.fixture
def real_data():
    """The folder in XNER_TEST_DATA, with one of <language>/<split>.conll and so on inside."""
    folder = os.environ.get("XNER_TEST_DATA")
    if not folder:
        pytest.skip("set XNER_TEST_DATA to a folder with <language>/<split>.conll to run the tests on real text")
    if not Path(folder).is_dir():
        pytest.fail(f"XNER_TEST_DATA={folder}: there is no such folder")
    return Path(folder)
