"""Looking at a finished run for the sections of its page."""

from collections.abc import Sequence

from xner.decoding.decoder import Decoded
from xner.reporting.view import RunView, taught
from xner.runs.prepared import Prepared, Script
from xner.tagging.tagger import Tagger


def view_of(
    prepared: Prepared,
    script: Script,
    tags: list[list[str]] | None,
    student: Tagger | None,
    said: Sequence[Decoded] = (),
) -> RunView:
    """Return a run as sections look at it.

    Args:
        prepared: the run.
        script: what its method did.
        tags: the student's tags of the labelled sentences, as they were scored.
        student: the tagger, if there still is one.
        said: what it said of these, if that is known still.
    """
    corpora = prepared.corpora
    return RunView(
        workbench=prepared.context.workbench,
        stages=script.stages,
        teachers=taught(script.stages, script.fitted, script.last),
        sources=corpora.sources,
        target=corpora.target,
        test=corpora.test,
        tags=tags,
        student=student,
        last=script.last,
        said=said,
    )
