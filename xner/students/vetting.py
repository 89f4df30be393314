"""Vetting: a weighting or a task is checked before a training, and what it returns is checked in each step."""

import torch
from torch import Tensor

from xner.errors import XnerError
from xner.plugin.component import Component, place_of
from xner.students.batch import SignalBatch
from xner.students.task import AuxiliarySettings, AuxiliaryTask, LossTerm
from xner.students.weighting import Weighting, Weights
from xner.tagging.states import WordStates


def vet(part: Component) -> None:
    """Check, before anything is computed, that a weighting or a task declares what it must.

    Raises:
        XnerError: its `needs`, `level` or `Config` is not what `xner.base` says.
    """
    who = place_of(part)
    needs = getattr(part, "needs", None)
    if not isinstance(needs, tuple) or not all(isinstance(name, str) for name in needs):
        raise XnerError(f"{who}: its needs are {needs!r}; expected a tuple of names of signals")
    if isinstance(part, AuxiliaryTask):
        if not isinstance(part.config, AuxiliarySettings):
            raise XnerError(f"{who}: its Config must be a subclass of xner.base.AuxiliarySettings")
        if getattr(part, "level", None) not in ("words", "pairs"):
            raise XnerError(f"{who}: its level must be 'words' or 'pairs'")


def vetted_weights(weighting: Weighting, signals: SignalBatch) -> Weights:
    """Return a weighting's weights of a batch.

    Args:
        weighting: the weighting; it gets signals of its own, into which it may write.
        signals: what the teachers say.

    Raises:
        XnerError: there is not one weight for each word and each pair, or one is negative or not finite.
    """
    weights, who = weighting.weigh(_own(signals)), f"the weighting {place_of(weighting)}"
    if not isinstance(weights, Weights):
        raise XnerError(f"{who} returned {type(weights).__name__}; expected xner.base.Weights")
    words, pairs = len(signals.sentences), len(signals.pairs.words)
    for what, values, shape in (("words", weights.words, (words,)), ("pairs", weights.pairs, (pairs, pairs))):
        _fitting(f"{who}: weights of {what}", values, shape)
        counts = values.isfinite() & (values >= 0)
        if not counts.all():
            bad = values[~counts][0].item()
            raise XnerError(f"{who} gives {what} the weight {bad:.4g}; weights must be finite and not negative")
    return weights


def vetted_losses(task: AuxiliaryTask, student: WordStates, signals: SignalBatch) -> LossTerm:
    """Return a task's losses of a batch.

    Args:
        task: the task; it gets signals of its own, into which it may write.
        student: what the student makes of the batch.
        signals: what the teachers say.

    Raises:
        XnerError: there is not one loss for each word or pair, or one that counts is not finite, or the task does not
            say which of them count.
    """
    term, who = task.losses(student, _own(signals)), f"the task {place_of(task)}"
    if not isinstance(term, LossTerm):
        raise XnerError(f"{who} returned {type(term).__name__}; expected xner.base.LossTerm")
    words, pairs = len(signals.sentences), len(signals.pairs.words)
    shape = (words,) if task.level == "words" else (pairs, pairs)
    _fitting(f"{who}: losses of {task.level}", term.values, shape)
    _fitting(f"{who}: mask of {task.level}", term.mask, shape)
    if term.mask.dtype != torch.bool:
        raise XnerError(f"{who}: mask of {task.level}: expected truth values, not {term.mask.dtype}")
    bad = term.mask & ~term.values.isfinite()
    if bad.any():
        raise XnerError(f"{who} gives a loss of {term.values[bad][0].item()}; losses that count must be finite")
    return term


def _own(signals: SignalBatch) -> SignalBatch:
    """Return a copy, so that no component changes what the others read."""
    return SignalBatch({name: c.clone() for name, c in signals.columns.items()}, signals.sentences, signals.pairs)


def _fitting(what: str, values: Tensor, shape: tuple[int, ...]) -> None:
    if not isinstance(values, Tensor) or values.shape != shape:
        found = tuple(values.shape) if isinstance(values, Tensor) else type(values).__name__
        raise XnerError(f"{what}: expected the shape {shape}, not {found}")
