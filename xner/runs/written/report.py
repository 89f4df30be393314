"""The report of a run: one HTML page with the scores, the mistakes and where everything came from."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined

from xner.corpora.corpus import Corpus
from xner.corpora.labels import spans
from xner.runs.settings import RunConfig
from xner.scoring.scores import Metrics
from xner.store.stages import Stage

FILE = "report.html"
"""Where the page is, in a run folder."""
_SHOWN = 40
"""Sentences with a mistake that the page shows."""


class Mark(NamedTuple):
    """A stretch of a sentence: its text, its type ("" outside entities), and whether both sides agree on it."""

    text: str
    type: str
    agreed: bool


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
        mistakes=[pair for pair, _ in zip(mistakes, range(_SHOWN), strict=False)],
        notes=notes,
    )


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
