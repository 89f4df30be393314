import re

import onnxruntime
import pytest
import torch
from huggingface_hub import ModelCard
from transformers import (
    AutoConfig,
    AutoTokenizer,
    PreTrainedModel,
    TokenClassificationPipeline,
)
from transformers.modeling_outputs import TokenClassifierOutput

import xner
from xner.testing import tiny_corpus


@pytest.mark.parametrize("name", ["onnx", "onnx-int8"])
def test_the_code_on_the_card_finds_what_xner_finds(exports, monkeypatch, capsys, name):
    """With onnxruntime and tokenizers alone, on running text."""
    monkeypatch.chdir(exports / name)
    _, code = re.findall(r"```python\n(.*?)```", ModelCard.load("README.md").text, re.DOTALL)[:2]
    assert "xner" not in code
    names = {}
    exec(code, names)
    assert capsys.readouterr().out == "[]\n"
    texts = [" ".join(sentence.tokens) + "." for sentence in tiny_corpus(split="test")]
    found = [names["entities"](text) for text in texts]
    predictor = xner.load(exports / name)  # asked text by text, since int8 scales its numbers by the batch
    expected = [[(e.type, e.text) for e in predictor.predict(text)[0]] for text in texts]
    assert sum(map(len, found)) > 60
    assert found == expected


class Session(PreTrainedModel):
    """What optimum makes of a folder with model.onnx, as far as a pipeline asks: a model that asks a session."""

    def __init__(self, folder):
        super().__init__(AutoConfig.from_pretrained(folder))
        self._session = onnxruntime.InferenceSession(folder / "model.onnx")
        self.nothing = torch.nn.Parameter(torch.zeros(1))  # a pipeline asks on which device the weights are

    def forward(self, input_ids, attention_mask, **unused):
        inputs = {"input_ids": input_ids.numpy(), "attention_mask": attention_mask.numpy()}
        return TokenClassifierOutput(logits=torch.from_numpy(self._session.run(["logits"], inputs)[0]))


def test_a_pipeline_over_the_graph_finds_what_xner_finds(exports, monkeypatch):
    folder = exports / "onnx"
    monkeypatch.setattr(TokenClassificationPipeline, "check_model_type", lambda *unused: None)  # it goes by the name
    pipe = TokenClassificationPipeline(
        model=Session(folder), tokenizer=AutoTokenizer.from_pretrained(folder), aggregation_strategy="first", stride=16
    )
    texts = [" ".join(sentence.tokens) + "." for sentence in tiny_corpus(split="test")]
    found = [[(e["entity_group"], text[e["start"] : e["end"]]) for e in pipe(text)] for text in texts]
    assert found == [[(e.type, e.text) for e in entities] for entities in xner.load(folder).predict(texts)]
