"""The context: the stages that a method is made of. Each is computed once and shared by all methods."""

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from functools import reduce
from pathlib import Path

from transformers import set_seed

from xner.corpora.corpus import Corpus
from xner.corpora.transformer import Transformer, made_by
from xner.machine import processes
from xner.methods.checks import check_reading, check_refiner, check_student
from xner.methods.shares import LanguageWeighing
from xner.methods.steps import Steps
from xner.plugin.code import described
from xner.store.stages import TAGGER, Stage
from xner.students.distillation import Distillation
from xner.students.hard import HardLabels
from xner.students.picked import picked
from xner.students.settings import StudentSettings
from xner.students.task import AuxiliaryTask
from xner.students.weighting import Weighting
from xner.teachers.labelled import FittedTeacher, Labelled, Shares, sources_of
from xner.teachers.language_similarity import CombinationSettings
from xner.teachers.refiner import Refiner
from xner.teachers.teacher import Teacher


@dataclass(kw_only=True)
class Context(Steps):
    """What a method works with: the vocabulary that it is written in.

    Args:
        student: the student's settings.
        combination: how the teachers of several sources are combined.
        distilled: whether the method has asked for a student.
        fitted: every teacher asked for so far, in order.
    """

    student: StudentSettings
    combination: CombinationSettings = field(default_factory=CombinationSettings)
    distilled: bool = False
    fitted: list[FittedTeacher] = field(default_factory=list)

    def fit(
        self, teacher: str, source: Corpus, *, target: Corpus | None = None, start: Stage | None = None, seed: int = 0
    ) -> FittedTeacher:
        """Train a teacher on labelled source sentences.

        Args:
            teacher: its name among the teachers.
            source: the sentences.
            target: the target's raw text, for a teacher that reads it while it learns; its tags are never handed on.
            start: a stage that holds a tagger, from whose weights the teacher goes on; None: from the pretrained ones.
            seed: is added to the run's, so that N of them make N teachers.

        Raises:
            UsageError: the teacher reads the target's text and is given none, or is given it and does not read it.
        """
        component, bare = self.made(Teacher, teacher), target and target.without_labels()
        check_reading(component, teacher, bare)
        dev = self.workbench.dev and self.workbench.dev.of(source.language)
        workbench = replace(self.workbench, dev=dev, target=bare, seed=(self.workbench.seed + seed) % 2**32)
        description = {
            "stage": "fit",
            **described(component),
            "resources": component.identity(workbench),
            "source": source.fingerprint,
            "target": bare and bare.fingerprint,
            "start": start and start.key,
            "workbench": workbench.identity(),
        }

        def work(folder: Path) -> None:
            learner = copy(component)  # the model goes with it, so that later stages have the room
            set_seed(workbench.seed)  # its own, which may not be the run's
            learner.fit(source, replace(workbench, folder=folder, start=start.folder / TAGGER if start else None))
            if processes.first():
                learner.save(folder)

        title = f"teacher {teacher} on {_read(source, bare, start)}{f', seed {workbench.seed}' if seed else ''}"
        stage = self.stage(title, description, work, [start] if start else [])
        self.fitted.append(FittedTeacher(teacher, component, stage, source, workbench.seed if seed else None))
        return self.fitted[-1]

    def tagger(self, student: Stage, name: str = "student") -> FittedTeacher:
        """Ask what holds a tagger, such as a student, as a teacher: it says how probable each tag is.

        Args:
            student: the stage.
            name: what it is called among the teachers.
        """
        return FittedTeacher(name, self.made(Teacher, "recognizer"), student)

    def label(self, target: Corpus, *teachers: FittedTeacher) -> Labelled:
        """Let teachers say what they think of every target word; each speaks once, the student listens often.

        Args:
            target: the sentences.
            teachers: who; those of one name, fitted on several sources or with several seeds, are combined into one.

        Raises:
            UsageError: a teacher is there twice, or those of one name were fitted on other sources than those of
                another.
        """
        sources = sources_of(teachers)
        shares = self._shares(sources, target) if sources else None
        columns = dict.fromkeys(name for teacher in teachers for name in teacher.component.provides)
        stages = tuple(self._label(target, teacher, bool(sources)) for teacher in teachers)
        return Labelled(target, teachers, stages, shares, columns=tuple(columns))

    def refine(self, labelled: Labelled, refiner: str) -> Labelled:
        """Make better signals of what the teachers said.

        Args:
            labelled: the sentences, with what the teachers said.
            refiner: its name among the refiners.

        Raises:
            UsageError: it needs a signal that no teacher gives, or cannot refine what these teachers say.
        """
        component, target = self.made(Refiner, refiner), labelled.target
        heard = self._with_readers(labelled, component.readers(check_refiner(refiner, component, labelled)))
        description = {"stage": "refine", **described(component), **heard.identity(), "target": target.fingerprint}

        def work(folder: Path) -> None:
            signals, _ = heard.signalled(self.workbench)
            component.prepare(target, signals)
            for note in component.notes:
                self.workbench.progress.say_once(note)
            self.record(
                folder,
                target,
                component.provides,
                lambda _, numbers: (component.refine(number, signals) for number in numbers),
                f"the refiner '{refiner}'",
            )

        stage = self.stage(f"{refiner} of the signals on {target.language}", description, work, heard.inputs)
        return labelled.with_refined(refiner, stage, component.provides)

    def transform(self, corpus: Corpus, transformer: str, beside: Sequence[Corpus] = ()) -> Corpus:
        """Make another corpus of a corpus; its sentences are read when they are first looked at.

        Args:
            corpus: the sentences.
            transformer: its name among the transformers.
            beside: other corpora that it may look at.

        Returns:
            a corpus of the same language, labelled if the first one is. Its fingerprint depends on the transformer.
        """
        component = self.made(Transformer, transformer)
        description = {
            "stage": "transform",
            **described(component),
            "resources": component.identity(),
            "corpus": corpus.fingerprint,
            "beside": [other.fingerprint for other in beside],
            "seed": self.workbench.seed,
        }

        title = f"{transformer} of {corpus.split} {corpus.language}"
        seed = self.workbench.seed
        return self.rewritten(
            corpus,
            title,
            description,
            lambda _: component.transform(corpus, beside, seed),
            transformer,
            "the transformer",
        )

    def distill(
        self, labelled: Labelled, tasks: Sequence[str] = (), weighting: str = "uniform", number: int = 0
    ) -> Stage:
        """Train a student on target sentences with their teachers' signals.

        Args:
            labelled: sentences and signals; refiners of `student.refiners` that have not refined them come first.
            tasks: names of the method's auxiliary tasks; those of the setting `student.tasks` are added.
            weighting: name of the method's weighting of words and pairs; the setting `student.weighting` replaces it.
            number: of the student, for people, in a method of several; 0: it has none.

        Raises:
            UsageError: a task or the weighting needs a signal that no teacher gives.
        """
        self.distilled, known = True, self.student.start == "teacher"
        labelled = reduce(self.refine, [r for r in self.student.refiners if r not in labelled.refiners], labelled)
        auxiliary = {task: self.made(AuxiliaryTask, task) for task in (*tasks, *self.student.tasks)}  # each once
        weigher = self.made(Weighting, weighting := self.student.weighting or weighting)
        check_student(auxiliary, (weighting, weigher), labelled.columns)
        description = {
            "stage": "distill",
            **labelled.identity(),
            "tasks": [described(task) for task in auxiliary.values()],
            "weighting": described(weigher),
            "student": self.student.model_dump(exclude={"tasks", "weighting", "refiners"}),  # they stand above
            "workbench": self.workbench.identity(),
            **({"decoding": str(self.workbench.decoding)} if self.student.hard else {}),
        }

        def work(folder: Path) -> None:
            workbench, (signals, decoder) = replace(self.workbench, folder=folder), labelled.signalled(self.workbench)
            tagger = workbench.load_tagger(labelled.tagger(), trainable=True) if known else workbench.new_tagger()
            learned, columns = picked(labelled.target, signals, workbench.progress)
            columns, tagger.bigrams = HardLabels(columns, decoder) if self.student.hard else columns, decoder.bigrams
            objective = Distillation(tagger, [*auxiliary.values()], weigher, self.student)
            workbench.train(tagger, objective, learned, self.student, columns)
            self.keep_tagger(tagger, folder)

        title = labelled.student_title([*auxiliary], weighting, number)
        return self.stage(title, description, work, [*labelled.inputs, *(t.stage for t in labelled.teachers if known)])

    def _with_readers(self, labelled: Labelled, readers: Mapping[str, str]) -> Labelled:
        """Let others read the taggers of teachers, each in the stage that fitted it; only a refiner hears them."""
        said = [(teacher, readers[teacher.name]) for teacher in labelled.teachers if teacher.name in readers]
        reading = [replace(t, name=name, component=self.made(Teacher, name), reads=t.name) for t, name in said]
        stages = [self._label(labelled.target, reader, bool(labelled.shares)) for reader in reading]
        return labelled.with_readers(reading, stages)

    def _label(self, target: Corpus, teacher: FittedTeacher, several: bool) -> Stage:
        component = teacher.component
        reader = {"reader": described(component)} if teacher.reads else {}
        description = {"stage": "label", **reader, "teacher": teacher.stage.key, "target": target.fingerprint}

        def work(folder: Path) -> None:
            speaker, who = copy(component), f"the teacher '{teacher.name}'"
            speaker.restore(teacher.stage.folder, self.workbench)
            self.record(folder, target, speaker.provides, lambda block, _: speaker.label(block), who)

        title = f"signals of {teacher.title(several)} on {target.language}"
        return self.stage(title, description, work, [teacher.stage])

    def _shares(self, sources: Sequence[Corpus], target: Corpus) -> Shares:
        """Return how much the teachers of each source count, and say it."""
        shares = LanguageWeighing(self.stage, self.workbench, self.combination).shares(sources, target)
        if not self.dry and (shares.stage is None or shares.stage.done):
            means = zip(sources, shares.read(len(target)).mean(0), strict=True)
            said = ", ".join(f"{source.language} {mean:.2f}" for source, mean in means)
            self.workbench.progress.say(f"weights of the teachers: {said}")
        return shares


def _read(source: Corpus, beside: Corpus | None, start: Stage | None) -> str:
    """Return what a teacher reads, for people: languages, how a stage made the text, whether it learned before."""
    beside_it, on = f" beside {beside.language}" if beside else "", ", going on" if start else ""
    return f"{source.language}{made_by(source)}{beside_it}{on}"
