import pytest
import torch
from torch import nn

from xner.tagging.quick.dropout import ByteDropout, quickened


@pytest.mark.parametrize("probability", [0.1, 0.5, 0.0])
def test_dropout_drops_its_share_and_keeps_the_mean(probability):
    torch.manual_seed(0)
    values = torch.full((301, 997), 2.0)
    dropped = ByteDropout(probability)(values)
    assert (dropped == 0).float().mean() == pytest.approx(round(256 * probability) / 256, abs=0.003)
    assert dropped.mean() == pytest.approx(2.0, abs=0.02)
    kept = dropped[dropped > 0]
    assert torch.all(kept == kept[0])


def test_dropout_is_told_by_the_seed_and_differs_from_step_to_step():
    dropout, values = ByteDropout(0.3), torch.ones(50, 7)
    torch.manual_seed(5)
    first, second = dropout(values), dropout(values)
    torch.manual_seed(5)
    assert torch.equal(first, dropout(values)) and not torch.equal(first, second)


def test_gradients_pass_where_values_pass():
    values = torch.randn(40, 40, requires_grad=True)
    dropped = ByteDropout(0.5)(values)
    dropped.sum().backward()
    assert torch.equal(values.grad == 0, dropped == 0)
    assert torch.allclose(dropped, values * values.grad)


def test_no_dropout_outside_of_training():
    values = torch.ones(10)
    assert ByteDropout(0.9).eval()(values) is values


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_the_type_stays(dtype):
    assert ByteDropout(0.5)(torch.ones(8, 3, dtype=dtype)).dtype == dtype


def kinds(model):
    return {name: type(module) for name, module in model.named_modules()}


def test_a_model_is_left_as_it_was(tiny_workbench):
    model = tiny_workbench.new_tagger().model
    model.set_attn_implementation("sdpa")
    before = kinds(model)
    with pytest.raises(KeyError), quickened(model, torch.device("cpu")):
        assert ByteDropout in kinds(model).values() and nn.Dropout not in kinds(model).values()
        assert model.config._attn_implementation == "eager"
        raise KeyError
    assert kinds(model) == before and model.config._attn_implementation == "sdpa"


def test_on_a_gpu_nothing_changes(tiny_workbench):
    model = tiny_workbench.new_tagger().model
    before = kinds(model)
    with quickened(model, torch.device("cuda")):
        assert kinds(model) == before


def test_without_dropout_the_states_are_the_same(tiny_workbench):
    model = tiny_workbench.new_tagger().model.eval()
    inputs = {
        "input_ids": torch.tensor([[5, 6, 7, 8], [9, 8, 0, 0]]),
        "attention_mask": torch.tensor([[1] * 4, [1, 1, 0, 0]]),
    }
    right = model(**inputs).logits
    with quickened(model, torch.device("cpu")), torch.no_grad():
        assert torch.allclose(
            model(**inputs).logits[inputs["attention_mask"] > 0], right[inputs["attention_mask"] > 0], atol=1e-5
        )
