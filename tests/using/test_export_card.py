import re

import pytest
from huggingface_hub import ModelCard

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
