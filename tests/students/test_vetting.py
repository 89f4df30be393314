"""What a plugin's weighting or task returns stops a training at once where the student could not learn from it."""

import pytest
import torch

from xner.errors import XnerError
from xner.plugin.component import Settings
from xner.students.task import AuxiliaryTask, LossTerm
from xner.students.vetting import vet, vetted_losses, vetted_weights
from xner.students.weighting import Weighting, Weights
from xner.tagging.states import WordStates
from xner.testing.batches import SignalContract, signal_batch

HERE = "tests.students.test_vetting" if __name__.startswith("tests.") else "test_vetting"
ALL = torch.ones(10) > 0
STUDENT = WordStates(torch.zeros(10, 32), torch.zeros(10, 7))


@pytest.fixture
def signals():
    """Ten words, four of them paired."""
    return signal_batch("some of the words paired", ["probabilities"], SignalContract().column)


class Given(Weighting):
    """Returns what the test gives it."""

    given = Weights(torch.ones(10), torch.ones(4, 4))

    def weigh(self, signals):
        return self.given


class Task(AuxiliaryTask):
    """Returns what the test gives it."""

    level = "pairs"
    given = LossTerm(torch.ones(4, 4), torch.eye(4) == 0)

    def losses(self, student, signals):
        return self.given


def weights_of(signals, words=Given.given.words, pairs=Given.given.pairs):
    weighting = Given()
    weighting.given = Weights(words, pairs)
    return vetted_weights(weighting, signals)


def losses_of(signals, term, level="pairs"):
    task = Task()
    task.given, task.level = term, level
    return vetted_losses(task, STUDENT, signals)


def with_one(values, place, value):
    changed = values.clone()
    changed[place] = value
    return changed


def test_good_weights_are_passed_on(signals):
    assert vetted_weights(Given(), signals) is Given.given
    assert weights_of(signals, words=torch.zeros(10)).words.sum() == 0  # zero is a weight
    assert weights_of(signals, words=torch.ones(10, dtype=torch.long)).words.sum() == 10


@pytest.mark.parametrize(("value", "said"), [(-0.25, "-0.25"), (float("nan"), "nan"), (float("inf"), "inf")])
def test_a_weight_that_is_negative_or_not_finite(signals, value, said):
    message = rf"^the weighting \S*{HERE}:Given gives %s the weight {said}; weights must be finite and not negative$"
    with pytest.raises(XnerError, match=message % "words"):
        weights_of(signals, words=with_one(torch.ones(10), 7, value))
    with pytest.raises(XnerError, match=message % "pairs"):
        weights_of(signals, pairs=with_one(torch.ones(4, 4), (1, 2), value))


@pytest.mark.parametrize(
    ("words", "pairs", "message"),
    [
        (torch.ones(9), torch.ones(4, 4), r"weights of words: expected the shape \(10,\), not \(9,\)"),
        (torch.ones(10, 1), torch.ones(4, 4), r"weights of words: expected the shape \(10,\), not \(10, 1\)"),
        (torch.tensor(1.0), torch.ones(4, 4), r"weights of words: expected the shape \(10,\), not \(\)"),
        (torch.ones(10), torch.ones(10, 10), r"weights of pairs: expected the shape \(4, 4\), not \(10, 10\)"),
        (torch.ones(10), None, r"weights of pairs: expected the shape \(4, 4\), not NoneType"),
    ],
)
def test_weights_of_another_form(signals, words, pairs, message):
    with pytest.raises(XnerError, match=rf"^the weighting \S*{HERE}:Given: {message}$"):
        weights_of(signals, words, pairs)


def test_something_else_than_weights(signals):
    weighting = Given()
    weighting.given = torch.ones(10)
    with pytest.raises(XnerError, match=r"Given returned Tensor; expected xner.base.Weights$"):
        vetted_weights(weighting, signals)


def test_good_losses_are_passed_on(signals):
    assert vetted_losses(Task(), STUDENT, signals) is Task.given
    on_words = LossTerm(torch.ones(10), torch.ones(10) > 0)
    assert losses_of(signals, on_words, "words") is on_words
    nowhere = LossTerm(torch.full((4, 4), float("nan")), torch.zeros(4, 4) > 0)
    assert losses_of(signals, nowhere) is nowhere  # what does not count may be anything


@pytest.mark.parametrize("value", ["nan", "inf"])
def test_a_loss_that_counts_and_is_not_finite(signals, value):
    values = with_one(torch.ones(4, 4), (1, 2), float(value))
    with pytest.raises(XnerError, match=rf"^the task \S*{HERE}:Task gives a loss of {value}; losses that count must"):
        losses_of(signals, LossTerm(values, torch.eye(4) == 0))


@pytest.mark.parametrize(
    ("term", "level", "message"),
    [
        (
            LossTerm(torch.ones(10), torch.ones(4, 4) > 0),
            "pairs",
            r"losses of pairs: expected the shape \(4, 4\), not \(10,\)",
        ),
        (
            LossTerm(torch.tensor(1.0), torch.ones(10) > 0),
            "words",
            r"losses of words: expected the shape \(10,\), not \(\)",
        ),
        (
            LossTerm(torch.ones(10), torch.ones(9) > 0),
            "words",
            r"mask of words: expected the shape \(10,\), not \(9,\)",
        ),
        (LossTerm(torch.ones(4, 4), True), "pairs", r"mask of pairs: expected the shape \(4, 4\), not bool"),
    ],
)
def test_losses_of_another_form(signals, term, level, message):
    with pytest.raises(XnerError, match=rf"^the task \S*{HERE}:Task: {message}$"):
        losses_of(signals, term, level)


def test_a_mask_of_numbers(signals):
    with pytest.raises(XnerError, match=r"Task: mask of words: expected truth values, not torch.int64$"):
        losses_of(signals, LossTerm(torch.ones(10), ALL.long()), "words")


class Settingless(Task):
    """Its settings have no coefficient."""

    Config = Settings


@pytest.mark.parametrize(
    ("kind", "attribute", "value", "message"),
    [
        (Task, "level", "sentences", "Task: its level must be 'words' or 'pairs'$"),
        (Task, "needs", "probabilities", "Task: its needs are 'probabilities'; expected a tuple of names of signals$"),
        (Given, "needs", ("probabilities", 1), r"Given: its needs are \('probabilities', 1\); expected a tuple"),
        (Settingless, "level", "words", "Settingless: its Config must be a subclass of xner.base.AuxiliarySettings$"),
    ],
)
def test_a_part_that_does_not_say_what_it_must(kind, attribute, value, message):
    part = kind()
    setattr(part, attribute, value)
    with pytest.raises(XnerError, match=message):
        vet(part)


def test_parts_that_say_what_they_must():
    vet(Task())
    vet(Given())


def test_something_else_than_losses(signals):
    with pytest.raises(XnerError, match=r"Task returned float; expected xner.base.LossTerm$"):
        losses_of(signals, 1.0)


def test_a_part_that_writes_into_its_signals_changes_nothing(signals):
    class Writer(Given):
        def weigh(self, signals):
            signals.columns["probabilities"].zero_()
            return self.given

    class TaskWriter(Task):
        def losses(self, student, signals):
            signals.columns["probabilities"].zero_()
            return self.given

    before = signals.columns["probabilities"].clone()
    vetted_weights(Writer(), signals)
    vetted_losses(TaskWriter(), STUDENT, signals)
    assert torch.equal(signals.columns["probabilities"], before)
