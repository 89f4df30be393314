"""A run: from settings to a folder with the student, its scores and all that is needed to do it again."""

import json
import platform
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import tomli_w

from xner.corpora.corpus import Sentence
from xner.corpora.formats.columns import write_conll
from xner.corpora.labels import LabelMap
from xner.errors import DataError, UsageError, XnerError
from xner.machine import processes
from xner.machine.hardware import Hardware
from xner.machine.memory import forget_peak, peak_memory
from xner.machine.progress import Progress
from xner.methods.context import Context
from xner.methods.method import TransferTask
from xner.plugin.manager import Plugins
from xner.runs.card import write_card
from xner.runs.components import Components
from xner.runs.loading import RunCorpora, load_corpora
from xner.runs.manifest import manifest, origin
from xner.runs.report import FILE as REPORT
from xner.runs.report import render
from xner.runs.settings import RunConfig
from xner.scoring.counts import COUNTS
from xner.scoring.scores import Metrics, Scored, tag_and_score
from xner.store.files import whole_folder
from xner.store.results import claim
from xner.store.stages import TAGGER, Stage, StageStore, cache_folder
from xner.tagging.tagger import Tagger
from xner.training.checkpoints import CHOSEN_ON
from xner.training.trackers import Trackers
from xner.training.workbench import Workbench

STUDENT = "student"
"""The folder, inside a run, of the tagger for the target language."""
SETTINGS = "config.toml"
"""The file, inside a run, from which it can be done again."""
_RECORD = "manifest.json"
_SUPERVISED = "%s is one of the sources: its labels are learned from, and the scores are no zero-resource ones"
_UNSCORED = "the target has no labelled split '%s', so the student is not scored"


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
        notes: what its corpora say of themselves, and whether the target's labels were learned from.
    """

    folder: Path
    config: RunConfig
    metrics: Metrics | None
    seconds: float
    peak_memory_mb: int
    stages: tuple[Stage, ...]
    notes: tuple[str, ...] = ()


def train(config: RunConfig, plugins: Plugins, out: Path | None, progress: Progress, keep_student: bool = True) -> Run:
    """Train a student and write its run folder.

    Args:
        config: the settings.
        plugins: who offers the components.
        out: the run folder; None: runs/METHOD+PARTS-SOURCE-TARGET-sSEED, numbered if that is another run's.
        progress: who is told how far it is.
        keep_student: copy the student into the run folder; its stage stays in the cache either way.

    Raises:
        XnerError: something that the user can mend.
    """
    started = time.monotonic()
    forget_peak()
    components, folder = Components(plugins, config), out or default_folder(config)
    if processes.first():
        folder = claim(folder, config.model_dump(mode="json"), _RECORD, explicit=out is not None)
    data, context, result = execute(config, components, progress, folder)
    tagger_folder = result.folder / TAGGER
    if not tagger_folder.is_dir():
        raise XnerError(f"the method '{config.method}' returned the stage '{result.title}', which holds no tagger")
    scored = None
    if data.test is not None:
        with progress.stage(f"scoring on {data.test}"):
            tagger = Tagger.load(tagger_folder, context.workbench.hardware)
            tagger.chosen_on = CHOSEN_ON[config.checkpoint]  # also where the method trained in a way of its own
            scored = tag_and_score(tagger, data.test, config.scoring.rule)
    metrics, seconds = scored.metrics if scored else None, round(time.monotonic() - started, 1)
    notes = _notes(config, components)
    run = Run(folder, config, metrics, seconds, peak_memory(), tuple(context.stages), notes)
    if processes.first():
        _write(run, data, components, context.workbench, scored, tagger_folder if keep_student else None)
    processes.wait()
    return run


def evaluate(tagger: Tagger, config: RunConfig, plugins: Plugins) -> Metrics:
    """Score a tagger on any labelled corpus.

    Args:
        tagger: the tagger.
        config: `target` says which corpus, `labels.map` how its types become the tagger's, `scoring` the rule.
        plugins: who offers the corpora.

    Raises:
        DataError: the corpus is missing or unlabelled, or its labels do not fit the tagger's.
    """
    target = config.target
    source = Components(plugins, config).corpus(target.test_dataset or target.dataset)
    corpus = source.load(target.language, target.test_split)
    if not corpus.labelled:
        raise DataError(f"{corpus}: has no labels to score against; `xner predict` tags it")
    corpus = corpus.relabel(LabelMap(tagger.labels.types, config.labels.map))
    return tag_and_score(tagger, corpus, config.scoring.rule).metrics


def plan(config: RunConfig, plugins: Plugins) -> tuple[RunCorpora, list[Stage], tuple[str, ...]]:
    """Return the corpora, the stages and the notes of a run without computing any, for --dry-run."""
    components = Components(plugins, config)
    data, context, _ = execute(config, components, Progress(quiet=True), dry=True)
    unscored = () if data.test else (_UNSCORED % config.target.test_split,)
    return data, context.stages, (*_notes(config, components), *unscored)


def distils(config: RunConfig, plugins: Plugins) -> bool:
    """Return whether a method distils a student, into which parts can be mixed."""
    plain = config.without_parts()
    return execute(plain, Components(plugins, plain), Progress(quiet=True), dry=True)[1].distilled


def finished(folder: Path, config: RunConfig, data: RunCorpora, stages: Sequence[Stage]) -> bool:
    """Return whether a run folder holds what these settings, corpora and stages would give once more."""
    try:
        record = json.loads((folder / _RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    expected = json.loads(json.dumps(origin(config, data.corpora, stages)))
    same = isinstance(record, dict) and all(record.get(name) == value for name, value in expected.items())
    return same and (data.test is None or (folder / COUNTS).is_file())


def compute(config: RunConfig, plugins: Plugins, folder: Path, key: str) -> None:
    """Do the one stage of a run that has this key, silently; what the stage builds on must be done.

    Args:
        config: the run's settings.
        plugins: who offers the components.
        folder: the run's.
        key: the stage's.

    Raises:
        XnerError: something that the user can mend; among it that this machine's run has no such stage.
    """
    _, context, _ = execute(config, Components(plugins, config), Progress(quiet=True), folder, only=key)
    if key not in [stage.key for stage in context.stages]:
        raise XnerError(
            f"{platform.node()}: this run has no stage {key} here; corpora, code and versions must be the same for all "
            "workers, and the precision too: --set precision=fp32"
        )


def execute(
    config: RunConfig,
    components: Components,
    progress: Progress,
    folder: Path = Path(),
    dry: bool = False,
    only: str | None = None,
) -> tuple[RunCorpora, Context, Stage]:
    """Run the method over the run's corpora; with `dry`, only find out its stages; with `only`, do that one alone."""
    trackers = Trackers(config.report_to, folder)
    trackers.check()
    method, encoder = components.method(), components.encoder()
    data = load_corpora(config, components)
    hardware = Hardware.choose(config.precision)
    workbench = Workbench(encoder, data.labels, config.max_length, config.freeze, config.seed, hardware, progress)
    workbench = replace(workbench, dev=data.dev, trackers=trackers)
    task, store = TransferTask(data.sources, data.target), StageStore(cache_folder())
    context = Context(workbench, store, config.student, components.create, dry=True, combination=config.combination)
    result = method.run(task, context)  # a setting of the last stage that does not fit must not surface after an hour
    if not isinstance(result, Stage):
        raise XnerError(f"the method '{config.method}' returned {type(result).__name__}; expected its last stage")
    if config.student.parts and not context.distilled:
        raise UsageError(
            f"the method '{config.method}' distils no student, so nothing can be mixed into it: "
            f"leave {', '.join(config.student.parts)} (--aux, --weighting) out, or choose another method"
        )
    if not dry:
        for corpus in data.corpora:
            progress.say(f"{corpus}: {corpus.counts}")
        context = replace(context, dry=False, only=only, stages=[])
        result = method.run(task, context)
    return data, context, result


def _notes(config: RunConfig, components: Components) -> tuple[str, ...]:
    """Return what stands below a run's scores."""
    return components.notes if config.zero_resource else (*components.notes, _SUPERVISED % config.target.language)


def default_folder(config: RunConfig) -> Path:
    """Return runs/METHOD-SOURCES-TARGET-sSEED; after the method, with a plus, stands each part mixed into it."""
    sources = "+".join(config.source.languages)
    return Path("runs") / f"{config.title.replace('/', '.')}-{sources}-{config.target.language}-s{config.seed}"


def _write(
    run: Run, data: RunCorpora, components: Components, workbench: Workbench, scored: Scored | None, tagger: Path | None
) -> None:
    """Write the run folder."""
    with whole_folder(run.folder) as partial:
        if tagger is not None:
            shutil.copytree(tagger, partial / STUDENT)
            write_card(partial / STUDENT, run.config, run.metrics, data.labels)
        (partial / SETTINGS).write_text(tomli_w.dumps(components.settings()), encoding="utf-8")
        record = manifest(components, workbench, data.corpora, run.stages)
        record = {**record, "seconds": run.seconds, "peak_memory_mb": run.peak_memory_mb}
        (partial / _RECORD).write_text(json.dumps(record, indent=2), encoding="utf-8")
        page = render(run.config, run.metrics, data.corpora, run.stages, scored.tags if scored else None, run.notes)
        (partial / REPORT).write_text(page, encoding="utf-8")
        if scored is not None and data.test is not None:
            (partial / "metrics.json").write_text(scored.metrics.model_dump_json(indent=2), encoding="utf-8")
            scored.counts.save(partial / COUNTS)
            tagged = (Sentence(s.tokens, tags) for s, tags in zip(data.test, scored.tags, strict=True))
            write_conll(partial / "predictions.conll", tagged)
