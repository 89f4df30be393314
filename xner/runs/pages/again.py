"""Looking at a finished run once more: `xner report` of a run folder."""

import json
from dataclasses import replace
from pathlib import Path

from xner.corpora.formats.options import ReadOptions
from xner.corpora.formats.reading import read as read_sentences
from xner.errors import DataError, XnerError, named
from xner.machine.progress import Progress
from xner.plugin.manager import Plugins
from xner.reporting.shown import FILE as SECTIONS
from xner.reporting.shown import look, merged, read
from xner.runs.mixing import configure
from xner.runs.pages.looking import view_of
from xner.runs.prepared import Prepared, prepare
from xner.runs.run import METRICS, PREDICTIONS, SETTINGS
from xner.runs.settings import RunConfig
from xner.runs.written.manifest import origin
from xner.runs.written.report import FILE as REPORT
from xner.runs.written.report import render
from xner.scoring.scores import Metrics
from xner.store.files import writing
from xner.store.results import MANIFEST, STUDENT
from xner.store.stages import TAGGER, notes_of
from xner.tagging.tagger import Tagger


def look_again(folder: Path, plugins: Plugins, progress: Progress) -> bool:
    """Make the page of a run anew, also the sections that take long; nothing is trained.

    Where the run's corpora, its components or their code are others by now, or are not there any more, the page stays
    as it is, and it is said why.

    Args:
        folder: the run's.
        plugins: the loaded plugins.
        progress: reports progress.

    Returns:
        whether it was made anew.
    """
    try:
        prepared = _prepared(folder, plugins, progress)
    except XnerError as error:
        progress.say(f"{folder / REPORT}: stays as it is: {error}")
        return False
    script, test, file = prepared.plan, prepared.corpora.test, folder / METRICS
    scored = test is not None and file.is_file()
    tags = [sentence.tags or [] for sentence in read_sentences(folder / PREDICTIONS, ReadOptions())] if scored else None
    student = _student(folder, prepared)
    with progress.stage(f"looking at {folder}"), prepared.context.store.in_use(script.stages):
        page = look(view_of(prepared, script, tags, student), prepared.sections, costly=True)
    page = merged(read(folder), page, prepared.sections)
    metrics = Metrics.model_validate_json(file.read_bytes()) if scored else None
    notes = (*prepared.notes, *script.notes, *notes_of(script.stages), *(student.decoder.notes if student else ()))
    shown = render(prepared.config, metrics, prepared.corpora.corpora, script.stages, page, notes, folder.name)
    for name, text in ((SECTIONS, page.model_dump_json()), (REPORT, shown)):
        with writing(folder / name) as handle:
            handle.write(text)
    return True


def _prepared(folder: Path, plugins: Plugins, progress: Progress) -> Prepared:
    """Return the run as it was, if it still is.

    Raises:
        XnerError: it cannot be prepared any more, or would be another one now.
    """
    if not (folder / SETTINGS).is_file():
        raise DataError(f"it has no {SETTINGS}, so it is not known what it was made of")
    config = configure(plugins, {}, folder / SETTINGS)
    prepared = prepare(config.model_copy(update={"report_to": ()}), plugins, progress, folder)
    try:
        record = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        asked = RunConfig.model_validate(record["settings"])  # with paths as they were given, for the page
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(f"its {MANIFEST} cannot be read: {named(error)}") from None
    now = origin(config, prepared.corpora.corpora, prepared.plan.stages)
    for what, field in (("corpora", "fingerprint"), ("stages", "key")):
        if [one[field] for one in record.get(what, [])] != [one[field] for one in now[what]]:
            raise DataError(f"its {what} would be other ones now, as corpora, code and versions are")
    return replace(prepared, config=asked)


def _student(folder: Path, prepared: Prepared) -> Tagger | None:
    """Return the student, if its stage or the run folder still has it."""
    places = (prepared.plan.last.folder / TAGGER, folder / STUDENT)
    found = next((place for place in places if place.is_dir()), None)
    return prepared.context.workbench.load_tagger(found) if found else None
