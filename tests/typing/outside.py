"""Code as others write it on top of xner; mypy reads it in strict mode against the wheels."""

from collections.abc import Iterable

import xner
from xner.base import SignalBatch, Weighting, Weights
from xner.hookspecs import Offer, hookimpl
from xner.testing import WeightingContract


def f1(seed: int) -> float:
    run = xner.train(method="mtmt", src=["en", "es"], tgt="de", seed=seed, settings={"student.epochs": 1})
    assert run.metrics is not None
    return run.metrics.overall.f1


def people(run: str, texts: list[str]) -> list[str]:
    return [e.text for found in xner.load(run).predict(texts) for e in found if e.type == "PER"]


def names() -> list[str]:
    return [cell.method for cell in xner.compare(["direct", "tsl"], seeds=range(3)).cells]


class Even(Weighting):
    needs = ("probabilities",)

    def weigh(self, signals: SignalBatch) -> Weights:
        return Weights(words=signals.columns["probabilities"].sum(-1), pairs=signals.pairs.mask.float())


@hookimpl
def xner_weightings() -> Iterable[Offer]:
    yield Offer("even", "outside:Even", "All words count the same")


class TestEven(WeightingContract):
    component = "even"
