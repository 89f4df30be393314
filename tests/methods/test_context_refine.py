from dataclasses import replace

import numpy as np
import pytest

from tests.stand_ins import FAST, SOURCE, TARGET, keys, with_part
from xner.decoding.decoder import DecodingSettings
from xner.errors import UsageError, XnerError
from xner.machine.progress import Progress
from xner.teachers.refiner import Refiner
from xner.training.workbench import Workbench

TWO = ("recognizer", "joint")
QUICK = {**FAST, "teachers.joint.epochs": 1}


class Telling(Refiner):
    """Says what it saw of the target and who chooses tags; it changes nothing."""

    def prepare(self, target, signals):
        self.notes = f"{target.words} words", signals.decoder.settings.rule

    def refine(self, sentence, signals):
        return {"probabilities": signals.row(sentence)["probabilities"]}


class Shifted(Refiner):
    """Says of each word what the teachers say of the word before; it counts the words of the corpus first."""

    words = 0

    def prepare(self, target, signals):
        self.words = sum(len(signals.row(number)["probabilities"]) for number in range(len(signals)))
        assert self.words == target.words

    def refine(self, sentence, signals):
        assert self.words
        return {"probabilities": np.roll(signals.row(sentence)["probabilities"], 1, axis=0)}


def labelled_by(context, *names):
    return context.label(TARGET, *(context.fit(name, SOURCE) for name in names))


def test_refined_signals_stand_in_place_of_what_was_said(make_context):
    context = with_part(make_context(QUICK), "refiners", "shifted", Shifted())
    labelled = labelled_by(context, "recognizer", "similarity")
    once = context.refine(labelled, "shifted")
    twice = context.refine(once, "shifted")
    assert [stage.title for stage in context.stages[-2:]] == ["shifted of the signals on xx"] * 2
    plain, one, two = (each.signals() for each in (labelled, once, twice))
    for number in range(len(TARGET)):
        p = plain.row(number)["probabilities"]
        assert np.array_equal(one.row(number)["probabilities"], np.roll(p, 1, axis=0))
        assert np.array_equal(two.row(number)["probabilities"], np.roll(p, 2, axis=0))
        assert np.array_equal(two.row(number)["vectors"], plain.row(number)["vectors"])


def test_a_refiners_stage_builds_on_the_signals_and_a_student_on_it(make_context):
    context = with_part(make_context(QUICK, dry=True), "refiners", "shifted", Shifted())
    labelled = labelled_by(context, *TWO)
    refined = context.refine(labelled, "shifted")
    (stage,) = refined.refined
    assert stage.inputs == labelled.stages and not stage.done
    student = context.distill(refined)
    assert stage in student.inputs
    assert student.key != context.distill(labelled).key


def test_its_settings_are_in_the_key(make_context):
    found = set()
    for ratio in ({}, {"recognizer": 1}, {"recognizer": 2, "joint": 1}):
        context = make_context({**QUICK, "refiners.agreement": {"ratio": ratio}}, dry=True)
        found.add(context.refine(labelled_by(context, *TWO), "agreement").refined[0].key)
    assert len(found) == 3


def test_the_agreement_of_two_teachers_is_what_their_mean_was(make_context):
    context = make_context(QUICK)
    labelled = labelled_by(context, *TWO)
    plain, agreed = labelled.signals(), context.refine(labelled, "agreement").signals()
    for number in range(len(TARGET)):
        assert np.allclose(agreed.row(number)["probabilities"], plain.row(number)["probabilities"], atol=1e-6)


def test_the_runs_refiners_come_before_every_student(make_context):
    context = make_context({**QUICK, "student.refiners": "agreement"}, dry=True)
    context.distill(labelled_by(context, *TWO))
    assert context.stages[-2].title == "agreement of the signals on xx"
    own = make_context(QUICK, dry=True)
    own.distill(own.refine(labelled_by(own, *TWO), "agreement"))
    assert keys(context) == keys(own)  # who asked for it makes no other student


def test_a_refiner_that_the_method_has_asked_for_is_not_applied_again(make_context):
    context = make_context({**QUICK, "student.refiners": "shifted,agreement"}, dry=True)
    with_part(context, "refiners", "shifted", Shifted())
    context.distill(context.refine(labelled_by(context, *TWO), "shifted"))
    refining = [stage.title for stage in context.stages if "of the signals" in stage.title]
    assert refining == ["shifted of the signals on xx", "agreement of the signals on xx"]
    context.distill(labelled_by(context, *TWO))  # other signals are refined by both again
    assert len([stage for stage in context.stages if "of the signals" in stage.title]) == 4


@pytest.mark.parametrize("rule", ["chain", "argmax"])
def test_users_are_told_what_a_refiner_notes(make_context, monkeypatch, rule):
    context, said, progress = with_part(make_context(QUICK), "refiners", "telling", Telling()), [], Progress(quiet=True)
    monkeypatch.setattr(progress, "say_once", said.append)
    labelled = labelled_by(context, "recognizer")
    context.workbench = replace(context.workbench, decoding=DecodingSettings(rule=rule), progress=progress)
    context.refine(labelled, "telling")
    assert said == [f"{TARGET.words} words", "legal"]  # refiners choose tags by one rule, whatever the run's


def test_what_cannot_be_refined_is_told_before_anything_is_computed(make_context):
    context = make_context({**QUICK, "refiners.agreement": {"ratio": {"jiont": 1}}}, dry=True)
    with pytest.raises(UsageError, match=r"no teacher 'jiont' says tags here; there are: recognizer, joint\. Did"):
        context.refine(labelled_by(context, *TWO), "agreement")
    with pytest.raises(UsageError, match="the refiner 'agreement' needs the signal 'probabilities', but the t"):
        context.refine(labelled_by(context, "similarity"), "agreement")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (lambda words: {}, "gives the signals none, but provides probabilities"),
        (lambda words: {"probabilities": np.zeros((words + 1, 7))}, r"gives \d+ rows of 'probabilities' for \d+ words"),
        (
            lambda words: {"probabilities": np.full((words, 7), np.nan)},
            "gives a signal 'probabilities' of .* not fini",
        ),
    ],
)
def test_signals_that_do_not_fit_name_the_refiner(make_context, monkeypatch, row, message):
    context = with_part(make_context(QUICK), "refiners", "shifted", Shifted())
    monkeypatch.setattr(Shifted, "refine", lambda self, n, signals: row(len(signals.row(n)["probabilities"])))
    with pytest.raises(XnerError, match=f"^the refiner 'shifted' {message}"):
        context.refine(labelled_by(context, "recognizer"), "shifted")


class Choosing(Refiner):
    """Leaves out every sentence of odd number, and lets the others count half."""

    provides = ("weight",)

    def refine(self, sentence, signals):
        words = len(signals.row(sentence)["probabilities"])
        return {"weight": np.full((words, 1), 0.0 if sentence % 2 else 0.5, np.float32)}


def test_weights_of_several_refiners_are_multiplied(make_context):
    context = with_part(make_context(QUICK), "refiners", "choosing", Choosing())
    labelled = context.refine(context.refine(labelled_by(context, "recognizer"), "choosing"), "choosing")
    assert [labelled.signals().row(number)["weight"].max() for number in range(2)] == [0.25, 0]
    assert labelled.columns == ("probabilities", "weight")


def test_a_student_learns_only_from_sentences_that_have_weight(make_context, monkeypatch):
    context, learned = with_part(make_context(QUICK), "refiners", "choosing", Choosing()), []
    labelled = context.refine(labelled_by(context, "recognizer"), "choosing")
    train = Workbench.train

    def watched(self, tagger, objective, corpus, settings, columns):
        learned.append((len(corpus), corpus[1].tokens, [columns.row(n)["weight"].max() for n in range(len(corpus))]))
        train(self, tagger, objective, corpus, settings, columns)

    monkeypatch.setattr(Workbench, "train", watched)
    context.distill(labelled)
    half = (len(TARGET) + 1) // 2
    assert learned == [(half, TARGET[2].tokens, [0.5] * half)]
