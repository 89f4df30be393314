"""The model card of an exported student."""

from dataclasses import asdict
from pathlib import Path

from huggingface_hub import ModelCard, ModelCardData

from xner.using.trimming import Trimmed

_EXPORT = """# ONNX, {weights} weights

`model.onnx` is a student of [xner](https://pypi.org/project/xner/) for ONNX Runtime, with {weights} weights. It
takes `input_ids` and `attention_mask` (batch, sequence) and returns `logits` (batch, sequence, classes);
`config.json` names the classes.

```python
import xner

xner.load(".").predict(["..."])
```

or, with nothing but `onnxruntime` and `tokenizers`, of a text that fits into the model. This takes each word's best tag
(`argmax`), while `xner` chooses tags as `xner_decoding` in `config.json` says:

```python
import json
import re

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

tokenizer = Tokenizer.from_file("tokenizer.json")
session = onnxruntime.InferenceSession("model.onnx")
classes = json.load(open("config.json", encoding="utf-8"))["id2label"]
letters_are_words = re.compile("[\\u0e00-\\u0eff\\u1000-\\u109f\\u1780-\\u17ff\\u3040-\\u30ff\\u3400-\\u9fff]")


def entities(text):
    encoded, found, tag, last, until = tokenizer.encode(text), [], "O", None, 0
    inputs = {{"input_ids": np.array([encoded.ids]), "attention_mask": np.array([encoded.attention_mask])}}
    scores = session.run(["logits"], inputs)[0][0]
    for word, (start, end), row in zip(encoded.word_ids, encoded.offsets, scores):
        if word is None:
            continue  # a special token
        inside, until = start < until, end  # of one character that became several
        if inside or (word == last and not letters_are_words.match(text, start)):
            if tag != "O":
                found[-1][2] = end  # a further piece is what its word is
            continue
        before, tag, last = tag, classes[str(row.argmax())], word
        if tag[0] == "I" and before[1:] == tag[1:]:
            found[-1][2] = end
        elif tag != "O":
            found.append([tag[2:], start, end])
    return [(kind, text[start:end]) for kind, start, end in found]


print(entities("..."))
```
"""


_TRIMMED = """# For one language

A student of [xner](https://pypi.org/project/xner/), without the pieces of the vocabulary that its language does not
use; it loads in `transformers.pipeline` as the whole one does.
"""

_PIECES = """
Its tokenizer has {pieces:,} of {before:,} pieces: those that the words of a corpus of {sentences:,} sentences need, and
single characters. Words of that corpus are cut, and tagged, as by the whole student.
"""

_LOSS = """
On every tenth sentence of it, with the pieces that the others need, {otherwise:,} of {words:,} words were cut in
another way than by the whole student ({unseen_otherwise:,} of the {unseen:,} words that the others lack). Of the
{entities:,} entities that the whole student found in the first of these sentences, the smaller one found {same:,}, and
{more:,} others.
"""

_ORIGIN = """
What follows was written of the student before the export, and its scores were measured in PyTorch; for those of
this folder, run `xner evaluate`.

"""


def write_export_card(student: Path, folder: Path, to: str, int8: bool, small: Trimmed | None) -> None:
    """Write README.md into the folder of an exported student: what the files are, and the student's own card.

    Args:
        student: the student's folder; it may have no card.
        folder: the exported one.
        to: "onnx" or "transformers".
        int8: whether the weights are of 8 bits.
        small: what is known of its smaller vocabulary; None: it is whole.
    """
    source = student / "README.md"
    card = ModelCard.load(source) if source.is_file() else None
    known = card.data.to_dict() if card else {"pipeline_tag": "token-classification"}
    data = ModelCardData(**known | {"library_name": to, "model-index": None})  # the scores are another model's
    text = _EXPORT.format(weights="int8" if int8 else "fp32") if to == "onnx" else _TRIMMED
    text += _vocabulary(small) if small else ""
    text += f"{_ORIGIN}{card.text}" if card else ""
    ModelCard(f"---\n{data.to_yaml()}\n---\n\n{text}").save(folder / "README.md")


def _vocabulary(small: Trimmed) -> str:
    told = _PIECES.format(pieces=small.pieces, before=small.before, sentences=small.sentences)
    return told + (_LOSS.format(**asdict(small.loss)) if small.loss else "")
