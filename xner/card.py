"""The model card of a student: what it is, what it was scored on, and how to use it."""

from pathlib import Path

from huggingface_hub import EvalResult, ModelCard, ModelCardData

from xner.config import RunConfig
from xner.labels import LabelSet
from xner.scoring import Metrics

_TEMPLATE = """---
{{ card_data }}
---

# {{ target }}: {{ types }}

A tagger for named entities in `{{ target }}`, trained by [xner](https://pypi.org/project/xner/) with the method
`{{ method }}` from labelled `{{ source }}` text and unlabelled `{{ target }}` text{% if leak %}; labels of \
`{{ target }}` chose the checkpoints{% elif zero_resource %}; no `{{ target }}` label was used{% endif %}.

```python
from transformers import pipeline

pipeline("token-classification", model=".", aggregation_strategy="first")
```

{% if metrics %}## Scores

On {{ metrics.corpus }} ({{ metrics.sentences }} sentences; {{ metrics.rule }};
checkpoint: {{ metrics.chosen_on }}; one seed, {{ seed }}):

| | precision | recall | F1 | entities |
|---|--:|--:|--:|--:|
{% for name, row in metrics.rows -%}
| {{ name }} | {{ "%.2f" % row.precision }} | {{ "%.2f" % row.recall }} | {{ "%.2f" % row.f1 }} | {{ row.entities }} |
{% endfor %}
{%- else %}It has not been scored: the target has no labelled test split.
{%- endif %}
"""

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


def write_card(folder: Path, config: RunConfig, metrics: Metrics | None, labels: LabelSet) -> None:
    """Write README.md with the measured scores beside a student.

    Args:
        folder: the student's folder.
        config: the run's settings.
        metrics: the scores, if there are any.
        labels: the student's label set.
    """
    results = []
    if metrics is not None:
        values = {"precision": metrics.overall.precision, "recall": metrics.overall.recall, "f1": metrics.overall.f1}
        dataset = Path(config.target.test_dataset or config.target.dataset).name
        results = [
            EvalResult("token-classification", dataset, metrics.corpus, name, value) for name, value in values.items()
        ]
    data = ModelCardData(
        language=config.target.language,
        library_name="transformers",
        pipeline_tag="token-classification",
        tags=["named-entity-recognition", "cross-lingual", "xner"],
        model_name=f"{config.label}-{'-'.join(config.source.languages)}-{config.target.language}",
        eval_results=results or None,
    )
    card = ModelCard.from_template(
        data,
        template_str=_TEMPLATE,
        target=config.target.language,
        source=", ".join(config.source.languages),
        types=", ".join(labels.types),
        method=config.label,
        zero_resource=config.zero_resource,
        seed=config.seed,
        leak=config.checkpoint == "target-dev",
        metrics=metrics,
    )
    card.save(folder / "README.md")


def write_export_card(student: Path, folder: Path, int8: bool) -> None:
    """Write README.md beside an exported student: what the files are, and then the student's own card.

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
