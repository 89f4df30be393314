"""The report of a run: one HTML page with the scores, the mistakes and where everything came from."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined

from xner.corpora.corpus import Corpus
from xner.corpora.labels import spans
from xner.runs.settings import RunConfig
from xner.scoring.scores import Metrics
from xner.store.stages import Stage
from xner.training.trackers import curves_of

FILE = "report.html"
"""Where the page is, in a run folder."""
_SHOWN = 40
"""Sentences with a mistake that the page shows."""
_WIDTH, _HEIGHT = 300, 80
"""Of the picture of a curve."""


class Mark(NamedTuple):
    """A stretch of a sentence: its text, its type ("" outside entities), and whether both sides agree on it."""

    text: str
    type: str
    agreed: bool


class Curve(NamedTuple):
    """What was measured in every epoch of a training: its name, the values, and their points in the picture."""

    training: str
    name: str
    values: Sequence[float]
    points: str


def render(
    config: RunConfig,
    metrics: Metrics | None,
    corpora: Sequence[Corpus],
    stages: Sequence[Stage],
    predicted: Sequence[Sequence[str]] | None,
    notes: Sequence[str],
) -> str:
    """Return the page.

    Args:
        config: the run's settings.
        metrics: the scores, if the target has a labelled test split.
        corpora: the run's corpora; the last one is the test split where there are scores.
        stages: what the method did.
        predicted: the predicted tags of the test split.
        notes: what the corpora say of themselves.
    """
    environment = Environment(loader=PackageLoader("xner"), autoescape=True, undefined=StrictUndefined)
    mistakes = _mistakes(corpora[-1], predicted) if predicted is not None else iter(())
    return environment.get_template("run.html").render(
        config=config,
        settings=config.model_dump_json(indent=2),
        metrics=metrics,
        rows=metrics.rows if metrics else [],
        corpora=corpora,
        stages=stages,
        curves=list(_curves(stages)),
        box=(_WIDTH, _HEIGHT),
        mistakes=[pair for pair, _ in zip(mistakes, range(_SHOWN), strict=False)],
        notes=notes,
    )


def _curves(stages: Sequence[Stage]) -> Iterator[Curve]:
    """Yield the curves of every training that has some; their pictures begin at 0 and end at 1, or at the maximum."""
    for stage in stages:
        epochs = curves_of(stage.folder)
        for name in [*epochs[0]][2:] if epochs else ():  # behind epoch and step
            values = [epoch[name] for epoch in epochs]
            right, top = max(1, len(values) - 1), max(1.0, *values)
            points = (f"{_WIDTH * x / right:.1f},{_HEIGHT * (1 - y / top):.1f}" for x, y in enumerate(values))
            yield Curve(stage.title, name.replace("_", " "), values, " ".join(points))


def _mistakes(test: Corpus, predicted: Sequence[Sequence[str]]) -> Iterator[tuple[list[Mark], list[Mark]]]:
    """Yield the gold and the predicted marks of every sentence where they differ."""
    for sentence, guess in zip(test, predicted, strict=True):
        gold = sentence.tags or []
        if spans(gold) != spans(guess):
            yield _marks(sentence.tokens, gold, guess), _marks(sentence.tokens, guess, gold)


def _marks(tokens: Sequence[str], tags: Sequence[str], other: Sequence[str]) -> list[Mark]:
    agreed, marks, done = set(spans(other)), list[Mark](), 0
    for span in spans(tags):
        marks.append(Mark(" ".join(tokens[done : span.start]), "", True))
        marks.append(Mark(" ".join(tokens[span.start : span.end]), span.type, span in agreed))
        done = span.end
    return [*marks, Mark(" ".join(tokens[done:]), "", True)]
