"""A refiner lets other teachers read the taggers of those that labelled."""

from typing import ClassVar

import numpy as np
import pytest

from tests.stand_ins import FAST, SOURCE, TARGET, Mute, with_part
from xner.errors import UsageError
from xner.plugin.component import Settings
from xner.teachers.refiner import Refiner
from xner.teachers.teacher import Teacher
from xner.testing import tiny_corpus

QUICK = {**FAST, "teachers.joint.epochs": 1}
OTHER = tiny_corpus("zz", size=20)


class Wide(Teacher):
    """Reads two numbers of each word from a tagger."""

    class Config(Settings):
        factor: float = 1.0

    provides = ("wide",)
    embeddings = ("wide",)
    folders: ClassVar[list] = []

    def fit(self, source, workbench):
        raise AssertionError("it only reads")

    def label(self, target):
        return self.tagger.states(target, lambda states: {"wide": self.config.factor * states.hidden[:, :2]})

    def save(self, folder):
        raise AssertionError("it only reads")

    def restore(self, folder, workbench):
        self.folders.append(folder)
        self.tagger = workbench.load_tagger(folder / "tagger")


class Reading(Refiner):
    """Lets `wide` read the taggers of some teachers."""

    def __init__(self, *names):
        super().__init__()
        self.names, self.widths = names, set()

    def readers(self, teachers):
        assert all(given for given in teachers.values())
        return dict.fromkeys(self.names, "wide")

    def prepare(self, target, signals):
        self.said, self.decoder = [signals.of("wide").row(n)["wide"] for n in range(len(target))], signals.decoder

    def refine(self, sentence, signals):
        return {"probabilities": signals.row(sentence)["probabilities"]}


def reading(context, *names, wide=None):
    part = Reading(*names)
    return with_part(with_part(context, "refiners", "reading", part), "teachers", "wide", wide or Wide()), part


def labelled_by(context, *names, sources=(SOURCE,)):
    return context.label(TARGET, *(context.fit(name, source) for name in names for source in sources))


def test_it_reads_the_tagger_where_it_was_fitted(make_context):
    context, part = reading(make_context(QUICK), "recognizer")
    labelled = labelled_by(context, "recognizer", "similarity")
    refined = context.refine(labelled, "reading")
    assert [stage.title for stage in context.stages[-2:]] == [
        "signals of wide of recognizer on xx",
        "reading of the signals on xx",
    ]
    recognizer, read, stage = labelled.teachers[0].stage, context.stages[-2], context.stages[-1]
    assert Wide.folders[-1] == recognizer.folder and read.inputs == (recognizer,)
    assert stage.inputs == (*labelled.stages, read)
    tagger = context.workbench.load_tagger(recognizer.folder / "tagger")
    for row, mine in zip(tagger.states(TARGET, lambda states: {"h": states.hidden}), part.said, strict=True):
        assert np.allclose(row["h"][:, :2], mine, atol=1e-6)
    assert refined.columns == labelled.columns  # nobody else hears it
    assert refined.stages == labelled.stages and refined.teachers == labelled.teachers
    assert "wide" not in refined.signals().row(0)


def test_a_student_builds_on_it_through_the_refiner_alone(make_context):
    context, _ = reading(make_context({**QUICK, "student.refiners": "reading"}, dry=True), "recognizer")
    student = context.distill(labelled_by(context, "recognizer"))
    titles = [stage.title for stage in student.inputs]
    assert titles == ["signals of recognizer on xx", "reading of the signals on xx"]


def test_what_several_taggers_say_is_joined_and_their_bigrams_count_once(make_context):
    context, part = reading(make_context(QUICK), "recognizer", "joint")
    labelled = labelled_by(context, "recognizer", "joint")
    context.refine(labelled, "reading")
    assert {row.shape[1] for row in part.said} == {4}
    assert np.allclose([np.square(row).sum(1).mean() for row in part.said], 1, atol=1e-3)  # half of it each
    bigrams = labelled.bigrams(context.workbench.labels)
    assert np.array_equal(part.decoder.bigrams.then, bigrams.then)


def test_taggers_of_several_sources_are_read_each(make_context):
    context, part = reading(make_context(QUICK), "recognizer")
    context.refine(labelled_by(context, "recognizer", sources=(SOURCE, OTHER)), "reading")
    assert [stage.title for stage in context.stages[-3:-1]] == [
        "signals of wide of recognizer (en) on xx",
        "signals of wide of recognizer (zz) on xx",
    ]
    assert {row.shape[1] for row in part.said} == {4}


def test_the_readers_settings_are_in_the_key(make_context):
    found = set()
    for factor in (1.0, 2.0):
        wide = Wide(Wide.Config(factor=factor))
        context, _ = reading(make_context(QUICK, dry=True), "recognizer", wide=wide)
        context.refine(labelled_by(context, "recognizer"), "reading")
        found |= {stage.key for stage in context.stages[-2:]}
    assert len(found) == 4


def test_a_reader_that_is_not_there_is_told_before_anything_is_computed(make_context):
    context = with_part(make_context(QUICK, dry=True), "refiners", "reading", Reading("recognizer"))
    with pytest.raises(UsageError, match="no 'wide' among the teachers"):
        context.refine(labelled_by(context, "recognizer"), "reading")


def test_who_is_not_named_is_not_read(make_context):
    context, _ = reading(make_context(QUICK, dry=True))
    context = with_part(context, "teachers", "mute", Mute())
    before = labelled_by(context, "recognizer", "mute")
    context.refine(before, "reading")
    assert context.stages[-1].inputs == before.stages
