"""Taggers that are read without transformers say what they say with it."""

import json
import shutil
import subprocess
import sys

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

import xner
from tests.models import write_kind
from xner.errors import UsageError
from xner.machine.hardware import Hardware
from xner.tagging.quick.loading import load_quickly
from xner.tagging.quick.packing import FAMILIES
from xner.tagging.quick.plain import PlainModel
from xner.tagging.tagger import Tagger
from xner.testing import tiny_corpus

CPU, HALF = (Hardware(torch.device("cpu"), bf16=bf16) for bf16 in (False, True))
NAMES = ("O", "B-LOC", "I-LOC", "B-PER", "I-PER")


@pytest.fixture(scope="module", params=sorted(FAMILIES))
def folder(request, encoder_folder, tmp_path_factory):
    """A tagger of each family, as xner saves it."""
    place = tmp_path_factory.mktemp(request.param)
    tagger = Tagger.load(write_kind(place / "theirs", request.param, encoder_folder, NAMES), CPU)
    torch.manual_seed(0)
    for weight in tagger.model.parameters():
        weight.data += 0.1 * torch.randn_like(weight)  # also those that begin as 0 or 1
    tagger.save(place / "ours")
    return place / "ours"


def states(tagger):
    rows = tagger.states(tiny_corpus(size=12), lambda said: {"h": said.hidden, "l": said.logits})
    return [np.concatenate(part) for part in zip(*((row["h"], row["l"]) for row in rows), strict=True)]


@pytest.mark.parametrize("hardware", [CPU, HALF], ids=["fp32", "bf16"])
def test_it_computes_the_same(folder, hardware):
    quick, usual = load_quickly(folder, hardware), Tagger.load(folder, hardware)
    assert isinstance(quick.model, PlainModel)
    for one, two in zip(states(quick), states(usual), strict=True):
        assert np.array_equal(one, two)


def test_all_that_is_known_of_it_is_the_same(folder):
    quick, usual = load_quickly(folder, CPU), Tagger.load(folder, CPU)
    for name in ("labels", "max_length", "chosen_on", "decoding", "bigrams"):
        assert getattr(quick, name) == getattr(usual, name), name
    assert quick.tokenizer.pad_token_id == usual.tokenizer.pad_token_id
    layers = [list(tagger.vectors(tiny_corpus(size=3), 2, lambda found: {"v": found})) for tagger in (quick, usual)]
    assert all(np.array_equal(one["v"], two["v"]) for one, two in zip(*layers, strict=True))


def test_where_the_tokenizer_names_no_limit_the_positions_do(folder, tmp_path):
    copy = shutil.copytree(folder, tmp_path / "x")
    told = json.loads((copy / "tokenizer_config.json").read_text()) | {"model_max_length": 10**30}
    (copy / "tokenizer_config.json").write_text(json.dumps(told))
    assert load_quickly(copy, CPU).max_length == Tagger.load(copy, CPU).max_length >= 128


def changed(folder, to, **settings):
    """Copy a tagger with other settings in its config.json."""
    shutil.copytree(folder, to)
    config = json.loads((to / "config.json").read_text())
    (to / "config.json").write_text(json.dumps(config | settings))
    return to


@pytest.mark.parametrize(
    "settings",
    [
        {"hidden_act": "relu"},
        {"position_embedding_type": "relative_key"},
        {"is_decoder": True},
        {"model_type": "modernbert"},
        {"auto_map": {"AutoModel": "own.py"}},
        {"num_hidden_layers": 3},
        {"num_hidden_layers": 1},
        {"embedding_size": 8},
    ],
)
def test_what_it_does_not_know_is_left_to_transformers(tagger_folder, tmp_path, settings):
    assert load_quickly(changed(tagger_folder, tmp_path / "x", **settings), CPU) is None


def test_so_are_other_files(tagger_folder, encoder_folder, tmp_path):
    assert load_quickly(tagger_folder, CPU) is not None
    for name in ("model.safetensors", "tokenizer_config.json", "tokenizer.json", "config.json"):
        copy = shutil.copytree(tagger_folder, tmp_path / name)
        (copy / name).unlink()
        assert load_quickly(copy, CPU) is None
    theirs = write_kind(tmp_path / "theirs", "bert", encoder_folder, NAMES)  # its tokenizer reads text in its own way
    assert load_quickly(theirs, CPU) is None
    assert load_quickly(tagger_folder, Hardware(torch.device("meta"), bf16=False)) is None


def test_buffers_of_older_folders_are_no_weights(tagger_folder, tmp_path):
    copy = shutil.copytree(tagger_folder, tmp_path / "x")
    weights = load_file(copy / "model.safetensors") | {"bert.embeddings.position_ids": torch.arange(128)[None]}
    save_file(weights, copy / "model.safetensors", metadata={"format": "pt"})
    assert load_quickly(copy, CPU) is not None


def test_names_that_do_not_fit_are_told(tagger_folder):
    with pytest.raises(UsageError, match="has 7 classes, but there are 2 names"):
        load_quickly(tagger_folder, CPU, ["O", "B-X"])


def test_it_is_what_predicting_takes(tagger_folder):
    assert isinstance(xner.load(tagger_folder).tagger.model, PlainModel)


def test_predicting_imports_torch_and_no_other_heavy_library(tagger_folder):
    heavy = {"transformers", "datasets", "pyarrow", "accelerate", "scipy", "pandas", "sympy", "torch._dynamo"}
    script = f"import sys, xner; xner.load(sys.argv[1]).predict('Ada'); print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script, tagger_folder], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
