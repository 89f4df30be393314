"""The report of a run: one HTML page with the scores, the sections and where everything came from."""

from collections.abc import Sequence

from xner.corpora.corpus import Corpus
from xner.reporting.page import environment
from xner.reporting.parts import Table
from xner.reporting.shown import Page
from xner.runs.settings import RunConfig
from xner.scoring.scores import Metrics
from xner.store.stages import Stage

FILE = "report.html"
"""Where the page is, in a run folder."""


def render(
    config: RunConfig,
    metrics: Metrics | None,
    corpora: Sequence[Corpus],
    stages: Sequence[Stage],
    page: Page,
    notes: Sequence[str],
    folder: str = "RUN",
) -> str:
    """Return the page.

    Args:
        config: the run's settings.
        metrics: the scores, if the target has a labelled test split.
        corpora: the run's corpora.
        stages: what the method did.
        page: its sections.
        notes: what the corpora say of themselves.
        folder: what the run folder is called, for the command that adds sections.
    """
    return (
        environment()
        .get_template("run.html")
        .render(
            config=config,
            settings=config.model_dump_json(indent=2),
            metrics=metrics,
            scores=_scores(metrics) if metrics else None,
            corpora=corpora,
            stages=stages,
            page=page,
            notes=notes,
            folder=folder,
        )
    )


def _scores(metrics: Metrics) -> Table:
    rows = tuple((name, row.precision, row.recall, row.f1, row.entities) for name, row in metrics.rows)
    return Table(caption="", heads=("", "precision", "recall", "F1", "entities"), rows=rows, bar="F1")
