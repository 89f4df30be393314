"""A run that is ready to begin: its components are made and its corpora loaded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from xner.corpora.corpus import Corpus
from xner.errors import UsageError, XnerError
from xner.machine.hardware import Hardware
from xner.machine.progress import Progress
from xner.methods.context import Context
from xner.methods.method import Method, TransferTask
from xner.plugin.manager import Plugins
from xner.reporting.section import Section
from xner.runs.components import Components
from xner.runs.loading import Library, RunCorpora, load_corpora
from xner.runs.settings import RunConfig
from xner.store.places import cache_folder
from xner.store.stages import Stage, StageStore
from xner.tagging.encoder import Encoder
from xner.teachers.labelled import FittedTeacher
from xner.training.trackers import NOBODY, Trackers
from xner.training.workbench import Workbench

_SUPERVISED = "%s is one of the sources: its labels were used for training, so these are not zero-resource scores"


@dataclass(frozen=True)
class Script:
    """What a method did, or would do.

    Args:
        stages: every stage, in order.
        last: the one that it returned.
        distilled: whether it asked for a student.
        fitted: the teachers.
        notes: what the method says of itself.
    """

    stages: tuple[Stage, ...]
    last: Stage
    distilled: bool
    fitted: tuple[FittedTeacher, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Prepared:
    """A run before it begins.

    Args:
        config: its settings.
        components: those that it has made so far.
        method: the script.
        corpora: what it learns from and is scored on.
        context: what the method works with.
        sections: what its page will have, by name.
    """

    config: RunConfig
    components: Components
    method: Method
    corpora: RunCorpora
    context: Context
    sections: Mapping[str, Section]

    @property
    def notes(self) -> tuple[str, ...]:
        """What stands below the scores."""
        return (*self.components.notes, *supervised(self.config))

    @property
    def titles(self) -> list[str]:
        """What is to be done: the stages that are not done before, each once, and the scoring."""
        to_do = {stage.key: stage.title for stage in self.plan.stages if not stage.done}
        return [*to_do.values(), *([scoring(self.corpora.test)] if self.corpora.test is not None else [])]

    @cached_property
    def plan(self) -> Script:
        """What the method will do; nothing is computed.

        Raises:
            XnerError: it cannot go through, be it at its last stage.
        """
        script = self._followed(replace(self.context, dry=True, stages=[], fitted=[], notes=[]))
        if (parts := self.config.student.parts) and not script.distilled:
            raise UsageError(
                f"the method '{self.config.method}' distils no student, so nothing can be mixed into it: "
                f"leave {', '.join(parts)} (--aux, --refine, --weighting) out, or choose another method"
            )
        return script

    @property
    def unused(self) -> tuple[str, ...]:
        """What was set without any effect on the run.

        Raises:
            XnerError: as `plan`.
        """
        distilled = self.plan.distilled  # and the plan makes what the run needs
        student = () if distilled else tuple(f"student.{name}" for name in self.config.student.changed)
        lines = [f"no student is distilled, so there is no effect of {', '.join(student)}"] if student else []
        return (*lines, *self.components.unused())

    def run(self, only: str | None = None) -> Script:
        """Follow the method, once its plan is known to go through.

        Args:
            only: the key of the one stage to do; what it builds on must be done.

        Raises:
            XnerError: something that the user can mend.
        """
        _ = self.plan  # a setting of the last stage that does not fit must not surface after an hour
        for corpus in self.corpora.corpora:
            self.context.workbench.progress.say(f"{corpus}: {corpus.counts}")
        for note in self.corpora.notes:
            self.context.workbench.progress.say(note)
        return self._followed(replace(self.context, only=only, stages=[], fitted=[], notes=[]))

    def _followed(self, context: Context) -> Script:
        corpora, config = self.corpora, self.config
        sources = tuple(
            _transformed(context, source, config.source.transformers, [corpora.target]) for source in corpora.sources
        )
        target = _transformed(context, corpora.target, config.target.transformers, corpora.sources)
        last = self.method.run(TransferTask(sources, target, corpora.source_dev), context)
        if not isinstance(last, Stage):
            raise XnerError(f"the method '{config.method}' returned {type(last).__name__}; expected its last stage")
        return Script(tuple(context.stages), last, context.distilled, tuple(context.fitted), tuple(context.notes))


def scoring(test: Corpus) -> str:
    """Return what the scoring on a corpus is called among the stages."""
    return f"scoring on {test}"


def supervised(config: RunConfig) -> tuple[str, ...]:
    """Return what stands beside scores: that labels of the target's language were learned from, if they were."""
    return () if config.zero_resource else (_SUPERVISED % config.target.language,)


def prepare(
    config: RunConfig, plugins: Plugins, progress: Progress, folder: Path = Path(), library: Library | None = None
) -> Prepared:
    """Make a run's components and load its corpora.

    Args:
        config: the settings.
        plugins: the loaded plugins.
        progress: reports progress.
        folder: the run's, for the trackers.
        library: corpora that were read before.

    Raises:
        XnerError: a component or a corpus is not there or does not fit.
    """
    trackers, components = Trackers(config.report_to, folder), Components(plugins, config)
    trackers.check()
    method, sections = components.method(), components.sections()
    corpora = load_corpora(config, components, library, method.reads_dev)
    context = context_of(components, corpora, progress, trackers)
    return Prepared(config, components, method, corpora, context, sections)


def context_of(components: Components, corpora: RunCorpora, progress: Progress, trackers: Trackers = NOBODY) -> Context:
    """Return what a method, or who looks at a resource, works with.

    Args:
        components: makes the run's components, with its settings.
        corpora: what is learned from.
        progress: reports progress.
        trackers: record the curves of every training.
    """
    config = components.config
    return Context(
        workbench=_workbench(components.encoder(), config, corpora, progress, trackers),
        store=StageStore(cache_folder(), progress.say),
        create=components.create,
        student=config.student,
        combination=config.combination,
        roles=config.resources.roles,
    )


def _workbench(
    encoder: Encoder, config: RunConfig, corpora: RunCorpora, progress: Progress, trackers: Trackers
) -> Workbench:
    return Workbench(
        encoder,
        corpora.labels,
        config.max_length,
        config.freeze,
        config.seed,
        Hardware.choose(config.precision, config.compile),
        progress,
        dev=corpora.dev,
        trackers=trackers,
        reads=(corpora.target,),
        renames=config.labels.map,
        decoding=config.decoding,
        averaged=config.checkpoint == "average",
    )


def _transformed(context: Context, corpus: Corpus, names: Sequence[str], beside: Sequence[Corpus]) -> Corpus:
    for name in names:
        corpus = context.transform(corpus, name, beside)
    return corpus
