"""A run: from settings to a folder with the student, its scores and all that is needed to do it again."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import tomli_w

from xner.corpora.corpus import Corpus, Sentence
from xner.corpora.formats.columns import write_conll
from xner.corpora.labels import OUTSIDE, LabelMap
from xner.decoding.noted import note_rule
from xner.errors import DataError, UsageError, XnerError
from xner.machine import processes
from xner.machine.memory import forget_peak, peak_memory
from xner.machine.progress import Progress
from xner.plugin.manager import Plugins
from xner.reporting.shown import FILE as SECTIONS
from xner.reporting.shown import look
from xner.reporting.view import RunView
from xner.runs.alone import scores_of_teachers
from xner.runs.components import Components
from xner.runs.pages.looking import view_of
from xner.runs.pages.remembered import Remembered
from xner.runs.prepared import Prepared, prepare, scoring
from xner.runs.settings import RunConfig
from xner.runs.written.card import write_card
from xner.runs.written.manifest import manifest, origin
from xner.runs.written.outside import outside
from xner.runs.written.report import FILE as REPORT
from xner.runs.written.report import render
from xner.scoring.counts import COUNTS
from xner.scoring.scores import Metrics, Scoreable, Scored, tag_and_score
from xner.store.files import whole_folder
from xner.store.pruning import limit, prune_to_limit
from xner.store.results import MANIFEST, STUDENT, claim
from xner.store.stages import TAGGER, Stage, notes_of
from xner.store.weights import copy_whole
from xner.training.checkpoints import CHOSEN_ON
from xner.training.resilience.halving import told

SETTINGS = "config.toml"
"""The file, inside a run, from which it can be done again."""
METRICS = "metrics.json"
"""The file, inside a run, of its scores."""
PREDICTIONS = "predictions.conll"
"""The file, inside a run, of the tags that were scored."""
_LOOKED_AT = 100
"""So many sentences are tagged to see whether a tagger that is not scored finds anything."""


@dataclass(frozen=True)
class Run:
    """A finished run.

    Args:
        folder: where it is.
        config: its settings.
        metrics: the scores on the target's test split; None if the target has no labelled one.
        seconds: how long it took, stages done before not counted.
        peak_memory_mb: the most that this process held meanwhile, in MiB; see `xner.machine.memory`.
        stages: what the method did.
        notes: what its corpora say of themselves, whether the target's labels were learned from, and so on.
    """

    folder: Path
    config: RunConfig
    metrics: Metrics | None
    seconds: float
    peak_memory_mb: int
    stages: tuple[Stage, ...]
    notes: tuple[str, ...] = ()


def train(config: RunConfig, plugins: Plugins, out: Path | None, progress: Progress) -> Run:
    """Train a student and write its run folder.

    Args:
        config: the settings.
        plugins: the loaded plugins.
        out: the run folder; None: runs/METHOD+PARTS-SOURCE-TARGET-sSEED, numbered if that is another run's.
        progress: reports progress.

    Raises:
        XnerError: something that the user can mend.
    """
    started = time.monotonic()
    forget_peak()
    limit()  # if it says no size, nothing is to be spent
    folder = claimed(config, out)
    prepared = prepare(config, plugins, progress, folder)
    for line in prepared.unused:
        progress.say(line)
    run = complete(prepared, folder, started)
    if processes.first():
        prune_to_limit(progress)
    return run


def claimed(config: RunConfig, out: Path | None) -> Path:
    """Return the folder of a run, once it is known that it can be written.

    Args:
        config: the settings.
        out: the folder; None: the usual one, numbered if that is another run's.

    Raises:
        DataError: the folder is another result's, or cannot be written.
    """
    folder = out or default_folder(config)
    if processes.first():
        folder = claim(folder, config.model_dump(mode="json"), MANIFEST, explicit=out is not None)
    return folder


def complete(prepared: Prepared, folder: Path, started: float, keep_student: bool = True) -> Run:
    """Do a run, score its student and write its folder.

    Args:
        prepared: the run.
        folder: where to; it is claimed already.
        started: the time, on the monotonic clock, from which on it is counted.
        keep_student: copy the student into the run folder; its stage stays in the cache either way.

    Raises:
        XnerError: something that the user can mend.
    """
    with prepared.context.store.in_use(prepared.plan.stages):
        return _completed(prepared, folder, started, keep_student)


def _completed(prepared: Prepared, folder: Path, started: float, keep_student: bool) -> Run:
    config, test = prepared.config, prepared.corpora.test
    prepared.context.workbench.progress.expect(prepared.titles)
    script = prepared.run()
    tagger_folder = script.last.folder / TAGGER
    if not tagger_folder.is_dir():
        raise XnerError(f"the method '{config.method}' returned the stage '{script.last.title}', which holds no tagger")
    tagger = prepared.context.workbench.load_tagger(tagger_folder)
    tagger.chosen_on = CHOSEN_ON[config.checkpoint]  # also where the method trained in a way of its own
    heard = Remembered(tagger)
    scored = _scored(prepared, heard, test) if test is not None else None
    metrics, seconds = scored.metrics if scored else None, round(time.monotonic() - started, 1)
    alone = scores_of_teachers(prepared, script, test) if test is not None else ()
    lowered = (f"{stage.title}: {line}" for stage in script.stages for line in told(stage.folder))
    nothing = _nothing_found(tagger, test or prepared.corpora.target, scored)
    said = (*script.notes, *notes_of(script.stages), *alone, *tagger.decoder.notes, *lowered)
    notes = (*prepared.notes, *nothing, *said)
    run = Run(folder, config, metrics, seconds, peak_memory(), script.stages, notes)
    if processes.first():
        view = view_of(prepared, script, scored.tags if scored else None, tagger, heard.said)
        _write(run, prepared, scored, view, tagger_folder if keep_student else None, alone)
    processes.wait()
    return run


def _scored(prepared: Prepared, tagger: Scoreable, test: Corpus) -> Scored:
    with prepared.context.workbench.progress.stage(scoring(test)):
        return tag_and_score(tagger, test, prepared.config.scoring.rule)


def _nothing_found(tagger: Scoreable, corpus: Corpus, scored: Scored | None) -> tuple[str, ...]:
    """Return a line if a tagger finds no entity: in what it was scored on or, unscored, in the first sentences."""
    some = corpus if scored else corpus.part(0, _LOOKED_AT)
    if any(tag != OUTSIDE for tags in (scored.tags if scored else tagger.tags(some)) for tag in tags):
        return ()
    steps = "more steps (student.steps, or those of its teachers) or more text may help"
    return (f"the tagger finds no entity in {len(some):,} sentences of {corpus}: it has learned too little; {steps}",)


def evaluate(tagger: Scoreable, config: RunConfig, plugins: Plugins, progress: Progress | None = None) -> Metrics:
    """Score a tagger on any labelled corpus.

    Args:
        tagger: the tagger.
        config: `target` says which corpus, `labels.map` what becomes of its types and of those that the tagger says,
            `labels.types` which are scored, if not all of the tagger's, `scoring` the rule.
        plugins: the loaded plugins.
        progress: says how the corpus was read, if that is not as usual.

    Raises:
        DataError: the corpus is missing or unlabelled, or its labels do not fit the tagger's.
        UsageError: a type is to be scored that the tagger does not have.
    """
    target = config.target
    source = Components(plugins, config).corpus(target.test_dataset or target.dataset, "target")
    corpus = source.load(target.language, target.test_split)
    layout = [f"{corpus}: {corpus.counts}"] if corpus.layout else []
    for line in (*layout, *corpus.notes, *tagger.decoder.notes):
        (progress or Progress(quiet=True)).say(line)
    if not corpus.labelled:
        raise DataError(f"{corpus}: has no labels to score against; `xner predict` tags it")
    if strange := set(config.labels.types) - set(tagger.labels.types):
        known = ", ".join(tagger.labels.types)
        raise UsageError(f"--labels: the tagger knows no {min(strange)}; it has {known}")
    corpus = corpus.relabel(LabelMap(tagger.labels.types, config.labels.map))
    return tag_and_score(tagger, corpus, config.scoring.rule, config.labels.types, config.labels.map).metrics


def finished(folder: Path, prepared: Prepared) -> bool:
    """Return whether a run folder holds what a run would give once more."""
    try:
        record = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    corpora = prepared.corpora
    expected = json.loads(json.dumps(origin(prepared.config, corpora.corpora, prepared.plan.stages)))
    same = isinstance(record, dict) and all(record.get(name) == value for name, value in expected.items())
    return same and (corpora.test is None or (folder / COUNTS).is_file())


def default_folder(config: RunConfig) -> Path:
    """Return runs/METHOD-SOURCES-TARGET-sSEED; after the method, with a plus, stands each part mixed into it."""
    sources = "+".join(config.source.languages)
    return Path("runs") / f"{config.title.replace('/', '.')}-{sources}-{config.target.language}-s{config.seed}"


def _write(
    run: Run, prepared: Prepared, scored: Scored | None, view: RunView, student: Path | None, alone: Sequence[str]
) -> None:
    """Write the run folder, with the student of a folder if it is to have it, and what its teachers are alone."""
    corpora, components = prepared.corpora, prepared.components
    with prepared.context.workbench.progress.stage("looking at what came out"):
        page = look(view, prepared.sections, costly=False)
    with whole_folder(run.folder) as partial:
        if student is not None and view.student is not None:
            copy_whole(student, partial / STUDENT)
            note_rule(partial / STUDENT, run.config.decoding)
            use = outside(view.student, corpora.test or corpora.target)
            notes = (*prepared.plan.notes, *notes_of(run.stages), *alone)
            write_card(partial / STUDENT, run.config, run.metrics, corpora.labels, use, notes)
        (partial / SETTINGS).write_text(tomli_w.dumps(components.settings()), encoding="utf-8")
        record = manifest(components, prepared.context.workbench, corpora.corpora, run.stages)
        record = {**record, "seconds": run.seconds, "peak_memory_mb": run.peak_memory_mb}
        (partial / MANIFEST).write_text(json.dumps(record, indent=2), encoding="utf-8")
        (partial / SECTIONS).write_text(page.model_dump_json(), encoding="utf-8")
        shown = render(run.config, run.metrics, corpora.corpora, run.stages, page, run.notes, run.folder.name)
        (partial / REPORT).write_text(shown, encoding="utf-8")
        if scored is not None and corpora.test is not None:
            (partial / METRICS).write_text(scored.metrics.model_dump_json(indent=2), encoding="utf-8")
            scored.counts.save(partial / COUNTS)
            tagged = (Sentence(s.tokens, tags) for s, tags in zip(corpora.test, scored.tags, strict=True))
            write_conll(partial / PREDICTIONS, tagged)
