import pytest
import torch

from tests.packed import LENGTHS, batch, model
from xner.tagging.quick import packing, varlen
from xner.tagging.states import word_states


def row_by_row(query, key, value, starts, also_starts, longest, also_longest, scale=None):
    """What the kernel is said to compute: (T, heads, width), each row attending to itself alone."""
    assert starts.dtype == torch.int32 and torch.equal(starts, also_starts)
    assert longest == also_longest >= int(starts.diff().max())
    assert all(part.is_contiguous() and len(part) == starts[-1] for part in (query, key, value))
    result = torch.empty_like(query)
    for begin, end in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True):
        q, k, v = (part[begin:end].transpose(0, 1) for part in (query, key, value))
        result[begin:end] = ((q @ k.mT * scale).softmax(-1) @ v).transpose(0, 1)
    return result


@pytest.fixture
def gpu(monkeypatch):
    """The kernel in plain torch, so that it runs on a CPU; attention asks it as on a GPU."""
    monkeypatch.setattr(varlen, "kernel", lambda: row_by_row)


@pytest.mark.parametrize("lengths", [LENGTHS, (7,), (4, 4), (12,) * 20])
def test_attention_is_that_of_the_spread_rows(gpu, lengths):
    tagger = model("bert")
    packing.enable(tagger)
    row = packing.pack(tagger, *(batch(lengths)[name] for name in ("input_ids", "attention_mask")))
    torch.manual_seed(0)
    parts = [torch.randn(1, 4, row.input_ids.shape[1], 8) for _ in range(3)]
    expected, _ = packing.attend(tagger, *parts, None, 0.3, layout=row.layout)
    got = varlen.attend(*parts, row.layout.bounds, row.layout.columns, 0.3)
    filled = sum(lengths)
    torch.testing.assert_close(got[:, :filled], expected[:, :filled], atol=1e-5, rtol=1e-5)
    assert not got[:, filled:].any()


def test_a_model_says_the_same_by_it(gpu, monkeypatch):
    tagger, words = model("xlm-roberta"), batch()
    with torch.inference_mode():
        padded = word_states(tagger, words)
        packing.enable(tagger)
        monkeypatch.setattr(
            packing._Attention,
            "apply",
            lambda q, k, v, layout, scaling, dropout: varlen.attend(q, k, v, layout.bounds, layout.columns, scaling),
        )
        packed = word_states(tagger, words)
    torch.testing.assert_close(packed.hidden, padded.hidden, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(packed.logits, padded.logits, atol=1e-5, rtol=1e-4)


def test_it_serves_where_a_model_tags_in_half_precision(gpu, monkeypatch):
    tagger = model("bert", attention_probs_dropout_prob=0.1)
    assert not varlen.serves(tagger)  # full precision
    with monkeypatch.context() as autocast:
        autocast.setattr(torch, "is_autocast_enabled", lambda device: device == "cuda")
        assert varlen.serves(tagger)
        assert not varlen.serves(tagger.train())  # its attention drops out
        assert varlen.serves(model("bert", attention_probs_dropout_prob=0.0).train())
    assert varlen.serves(tagger.eval().bfloat16())
    monkeypatch.setattr(varlen, "kernel", lambda: None)  # an older torch
    assert not varlen.serves(tagger)


def test_a_gpu_packs_where_it_serves(gpu, monkeypatch):
    tagger = model("bert")
    packing.enable(tagger)
    assert packing.packs(tagger) and not packing.packs(torch.nn.Linear(2, 2))
    monkeypatch.setattr(packing, "device_of", lambda model: "cuda")
    assert not packing.packs(tagger)  # full precision
    assert packing.packs(tagger.bfloat16())
    monkeypatch.setattr(packing, "device_of", lambda model: "mps")
    assert not packing.packs(tagger)


def test_torch_has_the_kernel():
    assert varlen.kernel() is not None
