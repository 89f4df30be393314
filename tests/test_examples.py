"""What a stranger's plugins do from the command line."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from tests.installing import EXAMPLES, NAMES, install_all
from xner.plugin.manager import Plugins


@pytest.fixture(autouse=True)
def installed(tmp_path, monkeypatch):
    install_all(tmp_path / "site", monkeypatch)


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def task(encoder_folder, data_folder, cache, tmp_path, monkeypatch):
    """Options of a small run, in an empty working folder."""
    monkeypatch.setenv("XNER_CACHE", str(cache))
    monkeypatch.chdir(tmp_path)
    parts = ("student", "teachers.recognizer", "teachers.similarity")
    quick = (word for part in parts for word in ("--set", f"{part}.epochs=1"))
    return ("--src", "en", "--tgt", "xx", "--dataset", data_folder, "--encoder", encoder_folder, *quick)


def test_they_are_found_with_their_versions():
    plugins = Plugins.load()
    assert not plugins.broken
    offers = {info.name: (info.version, info.offers) for info in plugins.infos}
    assert offers["contrastive"] == ("0.1.0", ("auxiliary_tasks: contrastive",))
    assert offers["entropy"] == ("0.1.0", ("weightings: entropy",))


def test_listing_them_does_not_import_torch(tmp_path):
    """In a process of its own, since this one has it."""
    code = "import sys; from xner.plugin.manager import Plugins; Plugins.load(); sys.exit('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})
    assert done.returncode == 0


def test_both_are_described_with_their_settings(xner):
    code, out, _ = xner("describe", "auxiliary-task", "contrastive")
    assert (code, "auxiliary_tasks.contrastive.temperature" in out, "One of: entities, all." in out) == (0, True, True)
    assert "It has no settings of its own." in xner("describe", "weighting", "entropy")[1]


@pytest.mark.parametrize(
    ("method", "tasks"), [("tsl", "tags + contrastive"), ("mtmt", "tags + similarity + contrastive")]
)
def test_both_are_mixed_into_a_method_by_name(xner, task, method, tasks):
    command = ("train", "--method", method, "--aux", "contrastive", "--weighting", "entropy", *task)
    code, out, _ = xner(*command, "--set", "auxiliary_tasks.contrastive.coefficient=0.3")
    folder = Path(f"runs/{method}+contrastive+entropy-en-xx-s0")
    assert (code, f"run folder   {folder}  " in out) == (0, True)
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["stages"][-1]["title"] == f"student on xx ({tasks}, entropy)"
    assert manifest["components"]["auxiliary_tasks"]["contrastive"]["coefficient"] == 0.3
    assert (manifest["plugins"]["contrastive"], manifest["plugins"]["entropy"]) == ("0.1.0", "0.1.0")
    code, out, _ = xner("train", "--config", folder / "config.toml", "--dry-run")
    assert (code, "to do" in out) == (0, False)


def test_what_the_contrastive_task_learns_with_is_dropped(xner, task):
    xner("train", "--method", "tsl", *task)
    xner("train", "--method", "tsl", "--aux", "contrastive", *task)
    students = [load_file(f"runs/{name}-en-xx-s0/student/model.safetensors") for name in ("tsl", "tsl+contrastive")]
    assert students[0].keys() == students[1].keys()
    query = next(name for name in students[0] if name.endswith("layer.1.attention.self.query.weight"))
    assert not torch.equal(students[0][query], students[1][query])


def test_a_comparison_shows_what_each_is_worth(xner, task):
    code, out, _ = xner("compare", "--methods", "direct,tsl,tsl+entropy,tsl+contrastive+entropy", *task)
    rows = [line.split()[0] for line in out.splitlines() if line.startswith(("direct", "tsl"))]
    assert (code, rows) == (0, ["direct", "tsl", "tsl+entropy", "tsl+contrastive+entropy"])


@pytest.mark.parametrize("example", NAMES)
def test_an_example_is_small_and_uses_only_what_is_published(example):
    files = sorted((EXAMPLES / example / "src").rglob("*.py"))
    lines = [line for file in files for line in file.read_text().splitlines()]
    assert len(lines) < 120
    modules = {line.split()[1] for line in lines if line.startswith(("from xner.", "import xner"))}
    assert modules <= {"xner.base", "xner.hookspecs"}
