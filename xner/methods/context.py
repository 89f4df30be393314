"""The context: the stages that a method is made of. Each is computed once and shared by all methods."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from transformers import set_seed

from xner.corpora.corpus import Corpus
from xner.errors import UsageError, XnerError
from xner.machine import processes
from xner.plugin.component import Component, place_of
from xner.store.stages import TAGGER, Stage, StageStore, code_digest, key_of
from xner.students.distillation import Distillation
from xner.students.settings import StudentSettings
from xner.students.task import AuxiliaryTask
from xner.students.vetting import vet
from xner.students.weighting import Weighting
from xner.teachers import language_similarity
from xner.teachers.labelled import SIGNALS, FittedTeacher, Labelled, Shares, sources_of
from xner.teachers.language_similarity import CombinationSettings
from xner.teachers.signals import MisfitError, record
from xner.teachers.teacher import Teacher
from xner.training.workbench import Workbench


@dataclass
class Context:
    """What a method works with.

    Args:
        workbench: encoder, label set, seed, hardware.
        store: the finished stages.
        student: the student's settings.
        create: makes a component of a kind by name, with the run's settings for it.
        dry: only list the stages, compute nothing.
        stages: every stage asked for so far, in order.
        only: compute the stage with this key alone; what it builds on must be done.
        combination: how the teachers of several sources are combined.
        distilled: whether the method has asked for a student.
    """

    workbench: Workbench
    store: StageStore
    student: StudentSettings
    create: Callable[[str, str], Component]
    dry: bool = False
    stages: list[Stage] = field(default_factory=list)
    only: str | None = None
    combination: CombinationSettings = field(default_factory=CombinationSettings)
    distilled: bool = False

    def fit(self, teacher: str, source: Corpus) -> FittedTeacher:
        """Train a teacher on labelled source sentences.

        Args:
            teacher: its name among the teachers.
            source: the sentences.
        """
        component = self.create("teachers", teacher)
        assert isinstance(component, Teacher)
        workbench = replace(self.workbench, dev=self.workbench.dev and self.workbench.dev.of(source.language))
        description = {
            "stage": "fit",
            **_describe(component),
            "source": source.fingerprint,
            "workbench": workbench.identity(),
        }
        key = key_of(description)
        title, folder = f"teacher {teacher} on {source.language}", self.store.folder(key)
        stage = FittedTeacher(title, key, folder, name=teacher, component=component, source=source)

        def work(folder: Path) -> None:
            component.fit(source, replace(workbench, folder=folder))
            if processes.first():
                component.save(folder)

        self._complete(stage, description, work)
        return stage

    def label(self, target: Corpus, *teachers: FittedTeacher) -> Labelled:
        """Let teachers say what they think of every target word; each speaks once, the student listens often.

        Args:
            target: the sentences.
            teachers: who; those of one name, each fitted on another source, are combined into one.

        Raises:
            UsageError: teachers of one name were not fitted on one source each.
        """
        sources = sources_of(teachers)
        shares = self._shares(sources, target) if sources else None
        return Labelled(target, teachers, tuple(self._label(target, t, bool(sources)) for t in teachers), shares)

    def distill(self, labelled: Labelled, tasks: Sequence[str] = (), weighting: str = "uniform") -> Stage:
        """Train a student on target sentences with their teachers' signals.

        Args:
            labelled: sentences and signals.
            tasks: names of the method's auxiliary tasks; those of the setting `student.tasks` are added.
            weighting: name of the method's weighting of words and pairs; the setting `student.weighting` replaces it.

        Raises:
            UsageError: a task or the weighting needs a signal that no teacher gives.
        """
        self.distilled = True
        tasks = tuple(dict.fromkeys([*tasks, *self.student.tasks]))  # each once
        weighting = self.student.weighting or weighting
        made = [self.create("auxiliary_tasks", task) for task in tasks]
        auxiliary = [part for part in made if isinstance(part, AuxiliaryTask)]
        weigher = self.create("weightings", weighting)
        assert isinstance(weigher, Weighting)
        for part in (*auxiliary, weigher):
            vet(part)
        needs = {"the tag loss": ("probabilities",), f"the weighting '{weighting}'": weigher.needs}
        needs |= {f"the task '{name}'": task.needs for name, task in zip(tasks, auxiliary, strict=True)}
        _check_needs(needs, [name for teacher in labelled.teachers for name in teacher.component.provides])
        description: dict[str, object] = {
            "stage": "distill",
            "signals": [stage.key for stage in labelled.stages],
            "tasks": [_describe(task) for task in auxiliary],
            "weighting": _describe(weigher),
            "student": self.student.model_dump(exclude={"tasks", "weighting"}),  # they stand above
            "workbench": self.workbench.identity(),
        }
        inputs = labelled.stages
        if shares := labelled.shares:
            weighed = (shares.stage,) if shares.stage else ()
            description["shares"] = [shares.weights, *(stage.key for stage in weighed)]
            inputs += weighed
        key, known = key_of(description), self.student.start == "teacher"
        title = f"student on {labelled.target.language} ({' + '.join(['tags', *tasks])}, {weighting})"
        stage = Stage(title, key, self.store.folder(key), (*inputs, *(labelled.teachers if known else ())))

        def work(folder: Path) -> None:
            workbench = replace(self.workbench, folder=folder)
            tagger = workbench.load_tagger(labelled.tagger(), trainable=True) if known else workbench.new_tagger()
            objective = Distillation(tagger, auxiliary, weigher, self.student)
            workbench.train(tagger, objective, labelled.target, self.student, labelled.signals())
            if processes.first():
                tagger.save(folder / TAGGER)

        self._complete(stage, description, work)
        return stage

    def _label(self, target: Corpus, teacher: FittedTeacher, several: bool) -> Stage:
        component = teacher.component
        description = {"stage": "label", "teacher": teacher.key, "target": target.fingerprint}
        key, who = key_of(description), f"{teacher.name} ({teacher.source.language})" if several else teacher.name
        stage = Stage(f"signals of {who} on {target.language}", key, self.store.folder(key), (teacher,))

        def work(folder: Path) -> None:
            component.restore(teacher.folder, self.workbench)
            try:
                record(folder / SIGNALS, target, component.provides, component.label, self.workbench.progress.advance)
            except MisfitError as error:
                raise XnerError(f"the teacher '{teacher.name}' {error}") from error

        self._complete(stage, description, work)
        return stage

    def _shares(self, sources: Sequence[Corpus], target: Corpus) -> Shares:
        """Return how much the teachers of each source count."""
        shares = Shares(tuple(sources), self.combination.weights)
        if shares.weights != "uniform":
            shares = replace(shares, stage=self._weigh(sources, target))
        if not self.dry and (shares.stage is None or shares.stage.done):
            means = zip(sources, shares.read(len(target)).mean(0), strict=True)
            said = ", ".join(f"{source.language} {mean:.2f}" for source, mean in means)
            self.workbench.progress.say(f"weights of the teachers: {said}")
        return shares

    def _learn(self, sources: Sequence[Corpus]) -> Stage:
        description = {
            "stage": "learn",
            "sources": [source.fingerprint for source in sources],
            "settings": self.combination.model_dump(exclude={"weights"}),
            "code": code_digest([Path(language_similarity.__file__)]),
            "workbench": replace(self.workbench, dev=None).identity(),  # it is not judged
        }
        key = key_of(description)
        stage = Stage(f"language classifier of {_languages(sources)}", key, self.store.folder(key))

        def work(folder: Path) -> None:
            language_similarity.learn(sources, replace(self.workbench, folder=folder), self.combination)

        self._complete(stage, description, work)
        return stage

    def _weigh(self, sources: Sequence[Corpus], target: Corpus) -> Stage:
        learned = self._learn(sources)
        description = {"stage": "weigh", "classifier": learned.key, "target": target.fingerprint}
        key, title = key_of(description), f"language similarity of {target.language} to {_languages(sources)}"
        stage = Stage(title, key, self.store.folder(key), (learned,))

        def work(folder: Path) -> None:
            language_similarity.weigh(target, replace(self.workbench, folder=folder), learned.folder)

        self._complete(stage, description, work)
        return stage

    def _complete(self, stage: Stage, description: Mapping[str, object], work: Callable[[Path], None]) -> None:
        self.stages.append(stage)
        if self.dry or self.only not in (None, stage.key):
            return
        if processes.agreed(stage.done):
            self.workbench.progress.say(f"{stage.title}: done before")
            return
        set_seed(self.workbench.seed)  # what a stage draws must not hang on which others this process did before
        with self.workbench.progress.stage(stage.title):
            self.store.complete(stage, description, work)


def _describe(part: Component) -> dict[str, object]:
    """Return what a component's results depend on: its class, its settings and the code of its package."""
    kind, file = type(part), Path(inspect.getfile(type(part)))
    alone = "." not in kind.__module__ or kind.__module__.startswith("xner.")  # what lies around it is not its package
    files = [file] if alone else file.parent.rglob("*.py")
    return {
        "component": place_of(part),
        "settings": part.config.model_dump(),
        "code": code_digest(files),
    }


def _languages(sources: Sequence[Corpus]) -> str:
    return ", ".join(source.language for source in sources)


def _check_needs(needs: Mapping[str, Sequence[str]], given: Sequence[str]) -> None:
    for who, columns in needs.items():
        for column in columns:
            if column not in given:
                raise UsageError(
                    f"{who} needs the signal '{column}', but the teachers give only: {', '.join(given) or 'none'}"
                )
