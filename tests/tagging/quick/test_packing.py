import pytest
import torch
from transformers import AutoConfig, AutoModelForTokenClassification

from tests.packed import LENGTHS, batch, model
from xner.tagging.quick import packing
from xner.tagging.quick.dropout import quickened
from xner.tagging.states import word_states
from xner.tagging.windows import MODEL_INPUTS

CPU = torch.device("cpu")


@pytest.mark.parametrize("family", ["bert", "electra", "camembert", "roberta", "xlm-roberta"])
@pytest.mark.parametrize("lengths", [LENGTHS, (7,), (4, 4), (12,) * 20])
def test_a_packed_batch_gives_the_states_and_gradients_of_the_padded_one(family, lengths):
    tagger, words = model(family), batch(lengths)

    def run():
        tagger.zero_grad()
        states = word_states(tagger, words)
        (states.logits.square().sum() + states.hidden[::2].sum()).backward()
        return states, {name: weight.grad for name, weight in tagger.named_parameters() if weight.grad is not None}

    padded, padded_gradients = run()
    packing.enable(tagger)
    assert packing.enabled(tagger)
    packed, packed_gradients = run()
    torch.testing.assert_close(packed.hidden, padded.hidden, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(packed.logits, padded.logits, atol=1e-5, rtol=1e-4)
    assert packed_gradients.keys() == padded_gradients.keys()
    for name, gradient in packed_gradients.items():
        torch.testing.assert_close(gradient, padded_gradients[name], atol=1e-4, rtol=1e-3, msg=name)


def test_no_padding_is_run():
    tagger = model("bert")
    packing.enable(tagger)
    seen = []
    tagger.base_model.embeddings.register_forward_hook(lambda module, inputs, output: seen.append(output.shape))
    word_states(tagger, batch((100 // 8,) * 8))
    assert seen == [(1, 128, 32)]  # 96 sub-words, up to the next multiple of 64


@pytest.mark.parametrize(("longest", "columns"), [(3, 8), (8, 8), (9, 16)])
def test_attention_has_few_shapes(longest, columns):
    layout = packing.pack(model("bert"), *(batch((longest, 2))[name] for name in MODEL_INPUTS[:2])).layout
    assert layout.columns == layout.mask.shape[-1] == columns


def test_a_padded_batch_still_runs():
    tagger, words = model("xlm-roberta"), batch()
    inputs = {"input_ids": words["input_ids"], "attention_mask": words["attention_mask"]}
    with torch.no_grad():
        before = tagger(**inputs).logits
        packing.enable(tagger)
        after = tagger(**inputs).logits
    real = words["attention_mask"].bool()
    torch.testing.assert_close(after[real], before[real], atol=1e-5, rtol=1e-4)


def test_a_family_that_is_not_known_stays_padded():
    tagger = AutoModelForTokenClassification.from_config(
        AutoConfig.for_model("distilbert", vocab_size=50, dim=32, n_layers=1, n_heads=2, hidden_dim=64, num_labels=5)
    )
    packing.enable(tagger)
    assert not packing.enabled(tagger)
    assert word_states(tagger, batch()).logits.shape == (sum(LENGTHS), 5)


def test_dropout_falls_on_attention_and_its_gradient_alike():
    """With values of one, a row's result is the weight that dropout left, so its gradient is the same weights."""
    torch.manual_seed(0)
    layout = packing.pack(model("bert"), *(batch()[name] for name in MODEL_INPUTS[:2])).layout
    length = 64
    query, key = (torch.randn(1, 4, length, 4) for _ in range(2))
    value = torch.ones(1, 4, length, 4, requires_grad=True)
    result, _ = packing.attend(torch.nn.Module(), query, key, value, None, 0.5, 0.5, layout)
    left = result.detach()[0, : sum(LENGTHS), :, 0]
    assert left.std() > 0.1  # without dropout all are one
    assert left.mean() == pytest.approx(1, abs=0.3)
    result.sum().backward()
    assert value.grad[..., 0].sum() == pytest.approx(float(left.sum()), rel=1e-4)


def test_the_gradient_with_dropout_is_that_of_the_same_draw():
    layout = packing.pack(model("bert"), *(batch()[name] for name in MODEL_INPUTS[:2])).layout
    torch.manual_seed(0)
    inputs = [torch.randn(1, 4, 64, 4, dtype=torch.float64, requires_grad=True) for _ in range(3)]

    def attend(*parts):
        torch.manual_seed(7)
        return packing.attend(torch.nn.Module(), *parts, None, 0.5, 0.25, layout)[0]

    assert torch.autograd.gradcheck(attend, inputs, atol=1e-6)


@pytest.mark.parametrize("dropout", [0.0, 0.25])
def test_attention_in_parts_is_that_of_the_whole_batch(monkeypatch, dropout):
    layout = packing.pack(model("bert"), *(batch((9, 3, 7, 9, 2))[name] for name in MODEL_INPUTS[:2])).layout
    torch.manual_seed(0)
    inputs = [torch.randn(1, 4, 64, 4, requires_grad=True) for _ in range(3)]

    def attend():
        torch.manual_seed(7)
        result = packing.attend(torch.nn.Module(), *inputs, None, 0.5, dropout, layout)[0]
        return result, *torch.autograd.grad(result.square().sum(), inputs)

    whole = attend()
    monkeypatch.setattr("xner.tagging.quick.layout._WEIGHTS", 2 * 4 * layout.columns**2)
    assert [rows for rows, _ in layout.parts()] == [slice(0, 2), slice(2, 4), slice(4, 5)]
    for part, of_whole in zip(attend(), whole, strict=True):
        torch.testing.assert_close(part, of_whole)


def test_training_keeps_the_packing():
    tagger = model("bert")
    packing.enable(tagger)
    with quickened(tagger, CPU):
        assert packing.enabled(tagger)
    assert packing.enabled(tagger)
