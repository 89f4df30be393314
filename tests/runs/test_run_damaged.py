"""Runs on a cache in which something is damaged: it is told in a line and computed anew, and the result is the same."""

import json

import pytest

from xner.comparing.comparison import compare
from xner.plugin.manager import Plugins
from xner.runs.config import build
from xner.runs.run import train
from xner.store.integrity.verifying import cache_damages
from xner.testing.progresses import Heard


class Ear(Heard):
    @property
    def damaged(self):
        return [line for line in self.lines if ": damaged (" in line]


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return tmp_path_factory.mktemp("damaged") / "cache"


@pytest.fixture
def settings(config, monkeypatch, root):
    monkeypatch.setenv("XNER_CACHE", str(root))
    return build(config.model_dump(), {"method": "tsl", "precision": "fp32", "freeze": "none"})


def truncated(file):
    file.write_bytes(file.read_bytes()[:-100])


def flipped(file):
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)


def removed(file):
    file.unlink()


def run(settings, out, ear, method="train"):
    if method == "train":
        return train(settings, Plugins.load(), out, ear).folder
    made, folder = compare(settings, ["tsl"], ["xx"], [0], Plugins.load(), out, ear)
    assert not made.failed
    return folder / "tsl-en-xx-s0"


@pytest.fixture
def first(settings, root):
    """The run before anything was damaged."""
    if not (folder := root.parent / "first").exists():
        run(settings, folder, Ear())
    return folder


@pytest.mark.parametrize(
    ("method", "title", "name", "damage"),
    [
        ("train", "student on", "model.safetensors", truncated),
        ("train", "signals of", "signals.arrow", flipped),
        ("compare", "teacher", "tokenizer.json", removed),
    ],
)
def test_a_damaged_stage_is_computed_anew(settings, first, root, tmp_path, method, title, name, damage):
    titles = {record.parent: json.loads(record.read_text())["title"] for record in root.glob("*/stage.json")}
    stage = next(folder for folder, its in titles.items() if folder.suffix == "" and its.startswith(title))
    damage(next(stage.rglob(name)))
    again = run(settings, tmp_path / "again", ear := Ear(), method)
    assert len(ear.damaged) == 1 and f"set aside as {stage}.damaged; computed anew" in ear.damaged[0]
    for result in ("predictions.conll", "metrics.json", "counts.parquet"):
        assert (again / result).read_bytes() == (first / result).read_bytes()
    assert list(cache_damages(root)) == []
