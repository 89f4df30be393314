import gc
from importlib.metadata import entry_points

import pytest
import torch

import xner
from xner.hardware import Hardware
from xner.hubmodel import HubModel
from xner.labels import LabelSet
from xner.progress import Progress
from xner.testing import tiny_encoder, tiny_folder
from xner.workbench import Workbench


def pytest_configure():
    if "baselines" not in {entry.name for entry in entry_points(group="xner")}:
        pytest.exit(
            "xner-baselines is not installed. Run: python -m pip install -e plugins/xner-baselines", returncode=4
        )


def pytest_collection_finish():
    gc.freeze()  # every Trainer collects garbage; what pytest and the libraries hold is none


@pytest.fixture(autouse=True)
def isolated(tmp_path, monkeypatch):
    monkeypatch.setenv("XNER_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.delenv("XNER_PLUGINS", raising=False)
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def encoder_folder(tmp_path_factory):
    return tiny_encoder(tmp_path_factory.mktemp("encoder"))


@pytest.fixture(scope="session")
def data_folder(tmp_path_factory):
    return tiny_folder(tmp_path_factory.mktemp("data"), ("en", "zz", "xx"))


@pytest.fixture
def tiny_bench(encoder_folder, tmp_path):
    encoder = HubModel(HubModel.Config(path=str(encoder_folder)))
    cpu = Hardware(torch.device("cpu"), bf16=False)
    labels = LabelSet(("LOC", "ORG", "PER"))
    return Workbench(encoder, labels, 64, "none", 0, cpu, Progress(quiet=True), tmp_path / "stage")


@pytest.fixture
def train(encoder_folder, data_folder, tmp_path):
    """Trains a method on the tiny corpus, all parts with the same settings."""

    def run(method, parts=("teachers.recognizer", "student"), more=(), **each):
        values = {f"{part}.{name}": value for part in parts for name, value in ({"epochs": 1} | each).items()}
        values |= {"precision": "fp32", "freeze": "none", **dict(more)}
        data, encoder = str(data_folder), str(encoder_folder)
        number = len(list(tmp_path.glob("run*")))
        out = tmp_path / f"run{number}"
        return xner.train(method, "en", "xx", dataset=data, encoder=encoder, settings=values, out=out, quiet=True)

    return run
