import pytest
import torch

from tests.packed import batch, model
from xner.errors import UsageError
from xner.tagging.quick import packing
from xner.tagging.quick.compiling import compile_layers
from xner.tagging.states import word_states


@pytest.fixture
def compiled(monkeypatch):
    """The modules that were compiled."""
    found = []
    monkeypatch.setattr(torch.nn.Module, "compile", lambda module, **how: found.append((module, how)))
    return found


def test_all_layers_and_nothing_else_is_compiled_for_any_shape(compiled):
    tagger = model("xlm-roberta")
    compile_layers(tagger)
    assert [module for module, _ in compiled] == list(tagger.roberta.encoder.layer)
    assert all(how == {"dynamic": True, "backend": "inductor"} for _, how in compiled)


def test_a_model_without_layers_is_refused(compiled):
    with pytest.raises(UsageError, match=r"Linear has no list of layers .* leave compile out"):
        compile_layers(torch.nn.Linear(2, 2))
    assert not compiled


def test_a_compiled_model_says_the_same_of_packed_batches():
    """By the backend that traces and does not generate code, which needs no compiler."""
    tagger = model("bert")
    packing.enable(tagger)
    with torch.inference_mode():
        before, names = word_states(tagger, batch()), list(tagger.state_dict())
        compile_layers(tagger, backend="eager")
        after = word_states(tagger, batch())
    torch.testing.assert_close(after.hidden, before.hidden)
    torch.testing.assert_close(after.logits, before.logits)
    assert list(tagger.state_dict()) == names
