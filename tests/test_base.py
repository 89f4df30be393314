import sys
from importlib.util import module_from_spec, spec_from_file_location

import pytest
import torch

from tests.pages import blocks
from xner import base
from xner.base import Pairs, SignalBatch
from xner.plugin.manager import Plugins


@pytest.fixture
def plugins(tmp_path, monkeypatch):
    """All plugins, and the one in the docstring of `xner.base` as if it were installed."""
    (block,) = blocks(base.__doc__)
    file = tmp_path / "xner_entropy.py"
    file.write_text(block.code, encoding="utf-8")
    spec = spec_from_file_location(file.stem, file)
    module = module_from_spec(spec)
    monkeypatch.setitem(sys.modules, file.stem, module)
    spec.loader.exec_module(module)
    found = Plugins.load()
    found.register("own", lambda: module, "1.0")
    return found


def test_the_plugin_in_the_docstring_works(plugins):
    weighting = plugins.get("weightings", "own/entropy")()
    pairs = Pairs(torch.arange(2), torch.ones(2, 2, dtype=torch.bool))
    signals = SignalBatch({"probabilities": torch.tensor([[1.0, 0.0], [0.5, 0.5]])}, torch.arange(2), pairs)
    weights = weighting.weigh(signals)
    assert torch.allclose(weights.words, torch.tensor([1.0, 0.5]))
    assert torch.allclose(weights.pairs, torch.tensor([[1.0, 0.5], [0.5, 0.25]]))


def test_a_student_learns_with_the_plugin_in_the_docstring(plugins, train, monkeypatch):
    monkeypatch.setattr(Plugins, "load", lambda: plugins)
    assert train("tsl", more={"student.weighting": "own/entropy"}).metrics is not None
