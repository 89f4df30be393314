"""The model card of an exported student."""

from pathlib import Path

from huggingface_hub import ModelCard, ModelCardData

_EXPORT = """# ONNX, {weights} weights

`model.onnx` is a student of [xner](https://pypi.org/project/xner/) for ONNX Runtime, with {weights} weights. It
takes `input_ids` and `attention_mask` (batch, sequence) and returns `logits` (batch, sequence, classes);
`config.json` names the classes.

```python
import xner

xner.load(".").predict(["..."])
```
"""


_ORIGIN = """
What follows was written of the student before the export, and its scores were measured in PyTorch; for those of
this folder, run `xner evaluate`.

"""


def write_export_card(student: Path, folder: Path, int8: bool) -> None:
    """Write README.md into the folder of an exported student: what the files are, and the student's own card.

    Args:
        student: the student's folder; it may have no card.
        folder: the exported one.
        int8: whether the weights are of 8 bits.
    """
    source = student / "README.md"
    card = ModelCard.load(source) if source.is_file() else None
    known = card.data.to_dict() if card else {"pipeline_tag": "token-classification"}
    data = ModelCardData(**known | {"library_name": "onnx", "model-index": None})  # the scores are another model's
    text = _EXPORT.format(weights="int8" if int8 else "fp32") + (f"{_ORIGIN}{card.text}" if card else "")
    ModelCard(f"---\n{data.to_yaml()}\n---\n\n{text}").save(folder / "README.md")
