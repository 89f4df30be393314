"""What is told of a teacher, refiner, task or weighting that misbehaves in its stage."""

import numpy as np
import pytest
import torch

from tests.misbehaving import assert_told, failure, mistake
from tests.stand_ins import FAST, SOURCE, TARGET, Mute, with_part
from xner.base import AuxiliarySettings, LossTerm, Transformer, Weights
from xner.students.task import AuxiliaryTask
from xner.students.vetting import vet, vetted_losses, vetted_weights
from xner.students.weighting import Weighting
from xner.tagging.states import WordStates
from xner.teachers.refiner import Refiner
from xner.testing.batches import SignalContract, signal_batch


@pytest.fixture
def labelled(make_context):
    """Lets a teacher with this `label` label the target."""

    def label(rows):
        class Odd(Mute):
            def label(self, target):
                return rows(target)

        context = with_part(make_context(FAST), "teachers", "odd", Odd())
        return context.label(TARGET, context.fit("odd", SOURCE))

    return label


# teachers and refiners


def array(change):
    """Return what makes the rows of a corpus from a good array of each sentence."""
    return lambda target: ({"probabilities": change(np.full((len(s.tokens), 7), 1 / 7))} for s in target)


def narrower(target):
    for number, sentence in enumerate(target):
        yield {"odd": np.ones((len(sentence.tokens), 7 - (number > 0)))}


@pytest.mark.parametrize(
    ("row", "rows"),
    [
        ("nothing", lambda target: None),
        ("a row that names no signals", lambda target: [[1.0] for _ in target]),
        ("other signals than it provides", lambda target: [{"vectors": np.ones((1, 1))} for _ in target]),
        ("no numpy arrays", array(lambda p: p.tolist())),
        ("arrays of something else than numbers", array(lambda p: p.astype(str))),
        ("a row too few", lambda target: list(array(lambda p: p)(target))[1:]),
        ("a word too few", array(lambda p: p[1:])),
        ("tags of another set", array(lambda p: p[:, :5] * 1.4)),
        ("a value that is not finite", array(lambda p: p * np.nan)),
        ("a negative probability", array(lambda p: p - 1)),
        ("probabilities that do not add up to one", array(lambda p: p / 2)),
    ],
)
def test_a_teacher(labelled, row, rows):
    assert_told(row, failure(lambda: labelled(rows)))


def test_a_teacher_that_changes_its_mind(make_context):
    class Odd(Mute):
        provides = ("odd",)
        label = staticmethod(narrower)

    context = with_part(make_context(FAST), "teachers", "odd", Odd())
    assert_told("another width than before", failure(lambda: context.label(TARGET, context.fit("odd", SOURCE))))


def test_a_teacher_that_does_not_say_what_it_gives(make_context, monkeypatch):
    monkeypatch.setattr(Mute, "provides", "probabilities")
    context = with_part(make_context(FAST), "teachers", "odd", Mute())
    assert_told("signals that it does not name", failure(lambda: context.fit("odd", SOURCE)))


def test_a_refiner_that_writes_into_what_it_reads(make_context):
    class Odd(Refiner):
        def refine(self, sentence, signals):
            row = signals.apart[0].files[0].row(sentence)
            row["probabilities"][:] = 0
            return row

    context = with_part(with_part(make_context(FAST), "teachers", "mute", Mute()), "refiners", "odd", Odd())
    said = context.label(TARGET, context.fit("mute", SOURCE))
    assert_told("writes into what a teacher said", failure(lambda: context.refine(said, "odd")))


# weightings and tasks


class OddWeighting(Weighting):
    def weigh(self, signals):
        return self.result


class OddTask(AuxiliaryTask):
    level = "words"

    def losses(self, student, signals):
        return self.result


@pytest.fixture
def signals():
    """Ten words, four of them paired."""
    return signal_batch("some of the words paired", ["probabilities"], SignalContract().column)


PAIRS, MASK = torch.ones(4, 4), torch.ones(10) > 0


@pytest.mark.parametrize(
    ("row", "result"),
    [
        ("something else than weights", torch.ones(10)),
        ("weights of another shape", Weights(torch.ones(9), PAIRS)),
        ("a weight that is negative", Weights(-torch.ones(10), PAIRS)),
        ("a weight that is not finite", Weights(torch.full((10,), float("inf")), PAIRS)),
    ],
)
def test_a_weighting(signals, row, result):
    odd = OddWeighting()
    odd.result = result
    assert_told(row, failure(lambda: vetted_weights(odd, signals)))


@pytest.mark.parametrize(
    ("row", "result"),
    [
        ("something else than losses", 1.0),
        ("losses of another shape", LossTerm(torch.ones(4, 4), MASK)),
        ("a mask of numbers", LossTerm(torch.ones(10), torch.ones(10))),
        ("a loss that is not finite", LossTerm(torch.full((10,), float("nan")), MASK)),
    ],
)
def test_a_task(signals, row, result):
    odd, student = OddTask(), WordStates(torch.zeros(10, 32), torch.zeros(10, 7))
    odd.result = result
    assert_told(row, failure(lambda: vetted_losses(odd, student, signals)))


def test_a_task_that_does_not_say_what_it_needs():
    odd = OddTask()
    odd.needs = "probabilities"
    assert_told("needs that are no names", failure(lambda: vet(odd)))


def test_what_writes_into_its_signals_changes_its_own_copy(signals):
    class Writer(OddWeighting):
        def weigh(self, signals):
            signals.columns["probabilities"].zero_()
            return Weights(torch.ones(10), PAIRS)

    before = signals.columns["probabilities"].clone()
    vetted_weights(Writer(), signals)
    assert torch.equal(signals.columns["probabilities"], before)


# anything that raises


STUDENT = {"student.start": "encoder", "student.epochs": 1}


class QuietRefiner(Refiner):
    def refine(self, sentence, signals):
        return signals.row(sentence)


class QuietTransformer(Transformer):
    def transform(self, corpus, beside, seed):
        return corpus


class QuietTask(AuxiliaryTask):
    level = "words"
    Config = AuxiliarySettings

    def losses(self, student, signals):
        return LossTerm(student.hidden.sum(-1), torch.ones(len(student.hidden), dtype=torch.bool))


class QuietWeighting(Weighting):
    def weigh(self, signals):
        words, pairs = len(signals.sentences), len(signals.pairs.words)
        return Weights(torch.ones(words), torch.ones(pairs, pairs))


METHODS = {
    "teachers": (Mute, ["fit", "label", "save", "restore", "identity"]),
    "refiners": (QuietRefiner, ["check", "readers", "prepare", "refine"]),
    "transformers": (QuietTransformer, ["transform", "identity"]),
    "auxiliary_tasks": (QuietTask, ["build", "losses"]),
    "weightings": (QuietWeighting, ["weigh"]),
}


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, (_, names) in METHODS.items() for name in names])
def test_what_it_raises_is_one_line_with_its_place(make_context, kind, name):
    odd = type("Odd", (METHODS[kind][0],), {name: mistake})()
    context = with_part(make_context(FAST | STUDENT), "teachers", "mute", Mute())
    with_part(context, kind, "odd", odd)

    def script():
        target = context.transform(TARGET, "odd") if kind == "transformers" else TARGET
        said = context.label(target, context.fit("odd" if kind == "teachers" else "mute", SOURCE))
        said = context.refine(said, "odd") if kind == "refiners" else said
        tasks = ["odd"] if kind == "auxiliary_tasks" else []
        context.distill(said, tasks, "odd" if kind == "weightings" else "uniform")

    assert_told("raises in a method", failure(script))
