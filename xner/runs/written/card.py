"""The model card of a student: what it is, what it was scored on, and how to use it."""

from collections.abc import Sequence
from pathlib import Path

from huggingface_hub import EvalResult, ModelCard, ModelCardData

from xner.corpora.labels import LabelSet
from xner.runs.settings import RunConfig
from xner.runs.written.outside import Outside
from xner.scoring.scores import Metrics

_TEMPLATE = """---
{{ card_data }}
---

# {{ target }}: {{ types }}

A tagger for named entities in `{{ target }}`, trained by [xner](https://pypi.org/project/xner/) with the method
`{{ method }}` from labelled `{{ source }}` text and unlabelled `{{ target }}` text{% if leak %}; labels of \
`{{ target }}` chose the checkpoints{% elif zero_resource %}; no `{{ target }}` label was used{% endif %}.

```python
{% if use.spaced %}import re

{% endif %}from transformers import pipeline

tagger = pipeline("token-classification", model=".", aggregation_strategy="first", stride={{ use.stride }})
{% if use.spaced -%}
letters_are_words = re.compile("[\\u0e00-\\u0eff\\u1000-\\u109f\\u1780-\\u17ff\\u3040-\\u30ff\\u3400-\\u9fff]")


def entities(text):
    encoded = tagger.tokenizer(text, return_offsets_mapping=True, add_special_tokens=False)
    places, last = [], None
    for word, (start, end) in zip(encoded.word_ids(), encoded["offset_mapping"]):
        inside = places and start < places[-1][1]  # of one character that became several
        if inside or (word == last and not letters_are_words.match(text, start)):
            places[-1][1] = end  # a further piece
        else:
            places.append([start, end])
        last = word
    found = tagger(" ".join(text[start:end] for start, end in places))
    origin = [at for start, end in places for at in (*range(start, end), end)]
    return [{**one, "start": origin[one["start"]], "end": origin[one["end"] - 1] + 1} for one in found]
{% else %}entities = tagger{% endif %}

print(entities("..."))
```

{% if use.spaced %}A pipeline knows words by the spaces between them alone, so each word gets some. A text as it is \
needs `aggregation_strategy="simple"`, which believes every sub-word.{% endif %}

A pipeline takes each word's best tag (`argmax`); an I- that continues nothing opens an entity. `xner` chooses tags as \
`xner_decoding` in `config.json` says: `{{ use.decoding }}`.

{% if use.sentences %}F1 on the first {{ use.sentences }} sentences of the test split as running text: this \
{{ "%.2f" % use.pipeline }} (`argmax`), `xner predict` {{ "%.2f" % use.xner }} (`{{ use.decoding }}`)\
{% if use.spaced %}, a pipeline with the text as it is {{ "%.2f" % use.plain }} (`argmax`){% endif %}.

{% endif %}{% if trusted %}It was trained with `encoders.hub.trust_remote_code = true`: Python code that came with the \
encoder ran, and runs again where this model is loaded with `trust_remote_code=True`. Read the `.py` files of this \
folder first.

{% endif %}{% if metrics %}## Scores

On {{ metrics.corpus }} ({{ metrics.sentences }} sentences; {{ metrics.rule }};
decoding: {{ metrics.decoding }}; checkpoint: {{ metrics.chosen_on }}; one seed, {{ seed }}):

| | precision | recall | F1 | entities |
|---|--:|--:|--:|--:|
{% for name, row in metrics.rows -%}
| {{ name }} | {{ "%.2f" % row.precision }} | {{ "%.2f" % row.recall }} | {{ "%.2f" % row.f1 }} | {{ row.entities }} |
{% endfor %}
{% for note in notes %}
{{ note }}
{% endfor %}
{%- else %}It has not been scored: the target has no labelled test split.
{%- endif %}
"""


def write_card(
    folder: Path, config: RunConfig, metrics: Metrics | None, labels: LabelSet, use: Outside, notes: Sequence[str] = ()
) -> None:
    """Write README.md with the measured scores beside a student.

    Args:
        folder: the student's folder.
        config: the run's settings.
        metrics: the scores, if there are any.
        labels: the student's label set.
        use: how to call it in a pipeline.
        notes: what must stand beside every score.
    """
    data = ModelCardData(
        language=config.target.language,
        library_name="transformers",
        pipeline_tag="token-classification",
        tags=["named-entity-recognition", "cross-lingual", "xner"],
        model_name=f"{config.title}-{'-'.join(config.source.languages)}-{config.target.language}",
        eval_results=_results(metrics, config) if metrics else None,
    )
    card = ModelCard.from_template(
        data,
        template_str=_TEMPLATE,
        target=config.target.language,
        source=", ".join(config.source.languages),
        types=", ".join(labels.types),
        method=config.title,
        zero_resource=config.zero_resource,
        seed=config.seed,
        leak=config.checkpoint == "target-dev",
        metrics=metrics,
        use=use,
        notes=notes,
        trusted=config.component("encoders", "hub").get("trust_remote_code"),
    )
    card.save(folder / "README.md")


def _results(metrics: Metrics, config: RunConfig) -> list[EvalResult]:
    """Return the scores as the hub reads them."""
    values = {"precision": metrics.overall.precision, "recall": metrics.overall.recall, "f1": metrics.overall.f1}
    dataset = Path(config.target.test_dataset or config.target.dataset).name
    return [EvalResult("token-classification", dataset, metrics.corpus, name, value) for name, value in values.items()]
