"""A word is its first sub-word: with `subwords=0`, what a model says elsewhere reaches no loss, signal or score."""

import pytest
from safetensors.torch import load_file
from torch import nan, tensor
from transformers import AutoTokenizer, BertForTokenClassification

import xner
from xner.tagging.quick import packing

PARTS = ("teachers.recognizer", "teachers.similarity", "teachers.joint", "student")
SETTINGS = {f"{part}.{name}": value for part in PARTS for name, value in (("epochs", 1), ("batch_size", 16))}
SETTINGS |= {f"{part}.subwords": 0 for part in PARTS if part != "teachers.similarity"}


@pytest.fixture
def train(encoder_folder, data_folder, tmp_path, monkeypatch):
    """Trains with a cache of its own, on windows of a few words; returns the student's weights and its predictions."""

    def run(method, name):
        monkeypatch.setenv("XNER_CACHE", str(tmp_path / f"cache {name}"))
        data, encoder, out = str(data_folder), str(encoder_folder), tmp_path / name
        settings = SETTINGS | {"precision": "fp32", "max_length": 16}
        xner.train(method, "en", "xx", dataset=data, encoder=encoder, settings=settings, out=out, quiet=True)
        weights = load_file(out / "student" / "model.safetensors")
        return {name: weight.tolist() for name, weight in weights.items()}, (out / "predictions.conll").read_text()

    return run


@pytest.fixture
def poison(encoder_folder, monkeypatch):
    """Lets every model say NaN at special tokens, at padding and at sub-words that continue a word."""
    tokenizer = AutoTokenizer.from_pretrained(encoder_folder)
    pieces = tokenizer.convert_ids_to_tokens(range(len(tokenizer)))
    elsewhere = tensor([len(piece) > 1 for piece in pieces])  # a word begins with a bare character
    forward, counts = BertForTokenClassification.forward, {"words": 0, "elsewhere": 0}

    def poisoned(self, input_ids, **options):
        output, where = forward(self, input_ids, **options), elsewhere[input_ids]
        if output.hidden_states is None:  # it runs in a plain pipeline, for the model card
            return output
        counts["words"] += int((~where).sum())
        counts["elsewhere"] += int(where.sum())
        output.logits = output.logits.masked_fill(where[..., None], nan)
        last = output.hidden_states[-1].masked_fill(where[..., None], nan)
        output.hidden_states = (*output.hidden_states[:-1], last)
        return output

    def start():
        monkeypatch.setattr(BertForTokenClassification, "forward", poisoned)
        return counts

    return start


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("method", ["mtmt", "mtst"])
def test_nothing_is_read_elsewhere(train, poison, monkeypatch, method, packed):
    """Losses of the recognizer, the evaluator, the joint teacher and the student; signals; predictions: to the bit."""
    if not packed:
        monkeypatch.setattr(packing, "enable", lambda model: None)
    right = train(method, "right")
    counts = poison()
    assert train(method, "poisoned") == right
    assert counts["elsewhere"] > counts["words"] > 1000
