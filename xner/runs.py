"""A run: from settings to a folder with the student, its scores and all that is needed to do it again."""

import json
import os
import platform
import shutil
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import tomli_w
from platformdirs import user_cache_path

from xner import processes
from xner.base import TAGGER, TransferTask
from xner.card import write_card
from xner.components import Components
from xner.config import RunConfig, SourceSettings, TargetSettings
from xner.context import Context
from xner.corpus import Corpus, Sentence
from xner.counts import COUNTS
from xner.errors import DataError, XnerError
from xner.folders import claim, partial_of, put_in_place
from xner.formats import write_conll
from xner.hardware import Hardware
from xner.labels import LabelMap, LabelSet
from xner.memory import forget_peak, peak_memory
from xner.plugins import Plugins
from xner.progress import Progress
from xner.report import render
from xner.scoring import Metrics, Scored, tag_and_score
from xner.stages import Stage, StageStore
from xner.tagger import Tagger
from xner.workbench import Workbench

STUDENT = "student"
"""The folder, inside a run, of the tagger for the target language."""
_RECORD = "manifest.json"
_SUPERVISED = "%s is one of the sources: its labels were learned from, and the scores are no zero-resource ones"


@dataclass(frozen=True)
class Run:
    """A finished run.

    Args:
        folder: where it is.
        config: its settings.
        metrics: the scores on the target's test split; None if the target has no labelled one.
        seconds: how long it took, stages done before not counted.
        peak_memory_mb: the most that this process held meanwhile, in MiB; see `xner.memory`.
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


@dataclass(frozen=True)
class Data:
    """The corpora of a run, in the run's label set; the target's training sentences have no labels."""

    sources: tuple[Corpus, ...]
    labels: LabelSet
    target: Corpus
    test: Corpus | None

    @property
    def corpora(self) -> tuple[Corpus, ...]:
        """All corpora; the test split, if there is one, comes last."""
        return (*self.sources, self.target, *([self.test] if self.test else []))


def cache_folder() -> Path:
    """Return the folder of finished stages: XNER_CACHE, or a folder in the user's cache."""
    return Path(os.environ.get("XNER_CACHE") or user_cache_path("xner") / "stages")


def load_data(config: RunConfig, components: Components) -> Data:
    """Load a run's corpora, settle its label set and strip the target's labels.

    Raises:
        XnerError: a corpus is missing, empty, unlabelled where it must not be, or its labels do not fit.
    """
    label_map = config.labels.to_map()
    sources = tuple(_source(config.source, language, components, config.seed) for language in config.source.languages)
    sources = tuple(corpus.relabel(label_map) for corpus in sources)
    types = label_map.types or tuple(sorted({kind for corpus in sources for kind in corpus.entities}))
    if not types:
        raise DataError(f"{sources[0]}: has no entity to learn from; expected tags such as B-PER")
    target = _target(config.target, components).limit(config.target.limit, config.seed)
    return Data(sources, LabelSet(types), target, _test(config, components, replace(label_map, types=types)))


def _source(settings: SourceSettings, language: str, components: Components, seed: int) -> Corpus:
    corpus = components.corpus(settings.dataset).load(language, settings.split)
    if not corpus.labelled:
        raise DataError(f"{corpus}: has no labels, but a source must; expected one tag for each word")
    return corpus.limit(settings.limit, seed)


def _target(settings: TargetSettings, components: Components) -> Corpus:
    source = components.corpus(settings.dataset)
    splits = source.splits().get(settings.language, (settings.split,))
    if settings.split not in splits:
        raise DataError(
            f"{settings.dataset} {settings.language}: no split '{settings.split}' to take unlabelled sentences from; "
            f"it has {', '.join(splits)}: --set target.split={splits[0]}"
        )
    return source.load(settings.language, settings.split).without_labels()


def _test(config: RunConfig, components: Components, label_map: LabelMap) -> Corpus | None:
    """Return the labelled target sentences to score on, if there are any."""
    target = config.target
    source = components.corpus(target.test_dataset or target.dataset)
    known = source.splits()
    if not target.test_dataset and target.test_split not in known.get(
        target.language, () if known else (target.test_split,)
    ):
        return None  # a user's raw text has no test split
    corpus = source.load(target.language, target.test_split)
    return corpus.relabel(label_map) if corpus.labelled else None


def train(config: RunConfig, plugins: Plugins, out: Path | None, progress: Progress, keep_student: bool = True) -> Run:
    """Train a student and write its run folder.

    Args:
        config: the settings.
        plugins: who offers the components.
        out: the run folder; None: runs/METHOD-SOURCE-TARGET-sSEED, numbered if that is another run's.
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
    data, context, result = execute(config, components, progress)
    tagger_folder = result.folder / TAGGER
    if not tagger_folder.is_dir():
        raise XnerError(f"the method '{config.method}' returned the stage '{result.title}', which holds no tagger")
    scored = None
    if data.test is not None:
        with progress.stage(f"scoring on {data.test}"):
            scored = tag_and_score(Tagger.load(tagger_folder, context.bench.hardware), data.test, config.scoring.rule)
    metrics, seconds = scored.metrics if scored else None, round(time.monotonic() - started, 1)
    notes = components.notes if config.zero_resource else (*components.notes, _SUPERVISED % config.target.language)
    run = Run(folder, config, metrics, seconds, peak_memory(), tuple(context.stages), notes)
    if processes.first():
        _write(run, data, components, scored, tagger_folder if keep_student else None)
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
    corpus = Components(plugins, config).corpus(target.test_dataset).load(target.language, target.test_split)
    if not corpus.labelled:
        raise DataError(f"{corpus}: has no labels to score against; `xner predict` tags it")
    corpus = corpus.relabel(LabelMap(tagger.labels.types, config.labels.map))
    return tag_and_score(tagger, corpus, config.scoring.rule).metrics


def plan(config: RunConfig, plugins: Plugins) -> tuple[Data, list[Stage]]:
    """Return the corpora and the stages of a run without computing any, for --dry-run."""
    data, context, _ = execute(config, Components(plugins, config), Progress(quiet=True), dry=True)
    return data, context.stages


def finished(folder: Path, config: RunConfig, data: Data, stages: Sequence[Stage]) -> bool:
    """Return whether a run folder holds what these settings, corpora and stages would give once more."""
    try:
        manifest = json.loads((folder / _RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    origin = json.loads(json.dumps(_origin(config, data, stages)))
    same = isinstance(manifest, dict) and all(manifest.get(name) == value for name, value in origin.items())
    return same and (data.test is None or (folder / COUNTS).is_file())


def compute(config: RunConfig, plugins: Plugins, key: str) -> None:
    """Do the one stage of a run that has this key, silently; what the stage builds on must be done.

    Raises:
        XnerError: something that the user can mend; among it that this machine's run has no such stage.
    """
    _, context, _ = execute(config, Components(plugins, config), Progress(quiet=True), only=key)
    if key not in [stage.key for stage in context.stages]:
        raise XnerError(
            f"{platform.node()}: this run has no stage {key} here; corpora, code and versions must be the same for all "
            "workers, and the precision too: --set precision=fp32"
        )


def execute(
    config: RunConfig, components: Components, progress: Progress, dry: bool = False, only: str | None = None
) -> tuple[Data, Context, Stage]:
    """Run the method over the run's corpora; with `dry`, only find out its stages; with `only`, do that one alone."""
    method, encoder = components.method(), components.encoder()
    data = load_data(config, components)
    hardware = Hardware.choose(config.precision)
    bench = Workbench(encoder, data.labels, config.max_length, config.freeze, config.seed, hardware, progress, Path())
    task, store = TransferTask(data.sources, data.target), StageStore(cache_folder())
    context = Context(bench, store, config.student, components.create, dry=True, combination=config.combination)
    result = method.run(task, context)  # a setting of the last stage that does not fit must not surface after an hour
    if not dry:
        for corpus in data.corpora:
            progress.say(f"{corpus}: {corpus.counts}")
        context = replace(context, dry=False, only=only, stages=[])
        result = method.run(task, context)
    return data, context, result


def default_folder(config: RunConfig) -> Path:
    """Return runs/METHOD-SOURCES-TARGET-sSEED."""
    sources = "+".join(config.source.languages)
    return Path("runs") / f"{config.method.replace('/', '.')}-{sources}-{config.target.language}-s{config.seed}"


def _write(run: Run, data: Data, components: Components, scored: Scored | None, tagger: Path | None) -> None:
    """Write everything beside the run folder, then put it in place in one move."""
    partial = partial_of(run.folder)
    partial.mkdir(parents=True, exist_ok=True)
    if tagger is not None:
        shutil.copytree(tagger, partial / STUDENT)
        write_card(partial / STUDENT, run.config, run.metrics, data.labels)
    settings = run.config.model_dump(mode="json", exclude_none=True) | components.used
    (partial / "config.toml").write_text(tomli_w.dumps(settings), encoding="utf-8")
    (partial / _RECORD).write_text(json.dumps(_manifest(run, data), indent=2), encoding="utf-8")
    page = render(run.config, run.metrics, data.corpora, run.stages, scored.tags if scored else None, run.notes)
    (partial / "report.html").write_text(page, encoding="utf-8")
    if scored is not None and data.test is not None:
        (partial / "metrics.json").write_text(scored.metrics.model_dump_json(indent=2), encoding="utf-8")
        scored.counts.save(partial / COUNTS)
        tagged = (Sentence(s.tokens, tags) for s, tags in zip(data.test, scored.tags, strict=True))
        write_conll(partial / "predictions.conll", tagged)
    put_in_place(run.folder)


def _manifest(run: Run, data: Data) -> Mapping[str, Any]:
    libraries = ("xner", "torch", "transformers", "datasets", "accelerate", "tokenizers", "numpy")
    return {
        "command": sys.argv,
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": run.seconds,
        "peak_memory_mb": run.peak_memory_mb,
        "labels": data.labels.types,
        **_origin(run.config, data, run.stages),
        "versions": {name: version(name) for name in libraries} | {"python": platform.python_version()},
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
    }


def _origin(config: RunConfig, data: Data, stages: Sequence[Stage]) -> dict[str, Any]:
    """Return what a run's result depends on."""
    return {
        "settings": config.model_dump(mode="json"),
        "corpora": [{"corpus": str(c), "fingerprint": c.fingerprint, "counts": c.counts} for c in data.corpora],
        "stages": [{"title": stage.title, "key": stage.key} for stage in stages],
    }
