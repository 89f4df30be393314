"""Components and corpora that stand in for real ones in the tests of a method's stages."""

import numpy as np
import torch

from xner.students.task import AuxiliarySettings, AuxiliaryTask, LossTerm
from xner.teachers.teacher import Teacher
from xner.testing import tiny_corpus

FAST = {"teachers.recognizer.epochs": 1, "student.epochs": 1, "student.start": "encoder"}
SOURCE, TARGET = tiny_corpus(size=20), tiny_corpus("xx", size=20).without_labels()


class Mute(Teacher):
    """Gives signals but is no tagger, and needs no training."""

    provides = ("probabilities",)

    def fit(self, source, workbench):
        self.fitted = True

    def label(self, target):
        for sentence in target:
            yield {"probabilities": np.full((len(sentence.tokens), 7), 1 / 7, np.float32)}

    def save(self, folder):
        (folder / "mute").write_text("")

    def restore(self, folder, workbench):
        assert (folder / "mute").exists()


class Needy(AuxiliaryTask):
    """Wants a signal."""

    level = "words"
    needs = ("vectors",)

    class Config(AuxiliarySettings):
        size: int = 1

    def losses(self, student, signals):
        return LossTerm(student.hidden.sum(-1), torch.ones(len(student.hidden), dtype=torch.bool))


def with_part(context, kind, name, part):
    """Lets the context know one more component."""
    create = context.create
    context.create = lambda asked, which: part if (asked, which) == (kind, name) else create(asked, which)
    return context


def student_of(context, tasks=(), weighting="uniform"):
    labelled = context.label(TARGET, context.fit("recognizer", SOURCE))
    return context.distill(labelled, tasks, weighting)


def keys(context):
    return [stage.key for stage in context.stages]
