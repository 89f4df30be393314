import gc
import os

import experiment
import pytest
import results
import torch
from store import Store

from xner.testing import tiny_encoder, tiny_folder

TOML = """
title = "Tiny results"
page = "build/tiny.md"
data = "a tiny corpus"
seeds = [0, 1]
targets = ["xx", "zz"]
against = ["direct", "tsl"]
weights = "mtmt"

[settings]
encoder = "{encoder}"
precision = "fp32"
freeze = "none"
student = {{ epochs = 1 }}
labels = {{ types = ["PER", "LOC", "ORG"] }}

[settings.teachers]
recognizer = {{ epochs = 12, learning_rate = 5e-3, batch_size = 16 }}
similarity = {{ epochs = 1 }}
joint = {{ epochs = 1 }}

[[rows]]
method = "direct"

[[rows]]
method = "tsl"

[[rows]]
method = "mtmt"

[[rows]]
method = "mtmt"
name = "longer, warmer"
settings = {{ "student.epochs" = 2, "teachers.similarity.words" = "uniform" }}

[[rows]]
method = "mtmt-no-similarity"

[[rows]]
method = "mtmt-joint"

[corpora.en]
train = "en/train.conll"
dev = "en/dev.conll"

[corpora.xx]
train = "xx/train.conll"
test = "xx/test.conll"

[corpora.zz]
train = "zz/dev.conll"
test = "zz/test.conll"
"""

SEVERAL = """
title = "Tiny results of several"
page = "build/tiny-several.md"
data = "a tiny corpus"
seeds = [0]
targets = ["zz"]
against = ["direct"]

[settings]
encoder = "{encoder}"
precision = "fp32"
freeze = "none"
student = {{ epochs = 1 }}
labels = {{ types = ["PER", "LOC", "ORG"] }}
source = {{ languages = ["en", "xx"], limit = 30 }}

[settings.teachers]
recognizer = {{ epochs = 2, learning_rate = 5e-3, batch_size = 16 }}
joint = {{ epochs = 2, learning_rate = 5e-3, batch_size = 16 }}

[[rows]]
method = "direct"
name = "direct, en only"
settings = {{ "source.languages" = ["en"], "source.limit" = 60 }}

[[rows]]
method = "direct"

[[rows]]
method = "tsl-multi"

[[rows]]
method = "tsl-multi"
name = "tsl-multi, uniform"
settings = {{ "combination.weights" = "uniform" }}

[[rows]]
method = "mtmt-joint"

[corpora.en]
train = "en/train.conll"
dev = "en/dev.conll"

[corpora.xx]
train = "xx/train.conll"
dev = "xx/dev.conll"

[corpora.zz]
train = "zz/dev.conll"
test = "zz/test.conll"
"""


def pytest_collection_finish():
    gc.freeze()  # every Trainer collects garbage; what pytest and the libraries hold is none
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def place(tmp_path_factory):
    """A folder with corpora, a tiny encoder and two experiments."""
    folder = tmp_path_factory.mktemp("uner")
    tiny_folder(folder / "data", ("en", "xx", "zz"))
    encoder = tiny_encoder(folder / "encoder")
    for name, toml in (("experiment", TOML), ("several", SEVERAL)):
        (folder / f"{name}.toml").write_text(toml.format(encoder=encoder), encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def run(place):
    """Runs the command on a tiny experiment; returns its exit code and the page."""

    def call(*options, out="out", name="experiment"):
        page = place / f"{out}.md"
        files = ["--experiment", place / f"{name}.toml", "--out", place / out, "--page", page]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(os, "environ", os.environ.copy())
            code = results.main([str(word) for word in (place / "data", *files, *options)])
        return code, page.read_text(encoding="utf-8") if page.is_file() else ""

    return call


@pytest.fixture(scope="session")
def whole(run):
    """The whole experiment, done once."""
    code, text = run()
    assert code == 0
    return text


@pytest.fixture(scope="session")
def jobs(place):
    return experiment.jobs(experiment.read(place / "experiment.toml"), (place / "out").resolve())


@pytest.fixture(scope="session")
def store(place):
    """What the whole experiment wrote down."""
    return Store(place / "out/records")
