"""A student of given signals, in one process and in two: what auxiliary tasks and weightings are tried with."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from torch import Tensor
from transformers import set_seed

from xner.corpora.corpus import Corpus
from xner.store.ragged import Row
from xner.students.distillation import Distillation
from xner.students.settings import StudentSettings
from xner.students.task import AuxiliaryTask
from xner.students.weighting import Uniform, Weighting
from xner.teachers.signals import Signals, record
from xner.testing.batches import SignalContract
from xner.testing.contract import create
from xner.testing.tiny import tiny_corpus, tiny_workbench
from xner.testing.two_processes import on_two_processes

_SETTINGS = StudentSettings(epochs=2, learning_rate=1e-3, batch_size=8)


class Recorded(Distillation):
    """The student's objective, which writes down its losses."""

    losses: list[float]

    def forward(self, batch: Mapping[str, Tensor]) -> Tensor:
        """Return the loss of one batch."""
        loss = super().forward(batch)
        self.losses.append(float(loss.detach()))
        return loss


def parts_of(part: AuxiliaryTask | Weighting) -> tuple[list[AuxiliaryTask], Weighting]:
    """Return the tasks and the weighting of a student that has this part and nothing else beside its tags."""
    return ([part], Uniform()) if isinstance(part, AuxiliaryTask) else ([], part)


def losses_of(kind: str, name: str, settings: Mapping[str, object], encoder: Path, signals: Path) -> list[float]:
    """Train a student with one auxiliary task or weighting, and return the loss of every step.

    Args:
        kind: "auxiliary_tasks" or "weightings".
        name: the component's name.
        settings: its settings.
        encoder: the folder of an encoder.
        signals: what the teachers say of the corpus.
    """
    set_seed(0)
    tasks, weighting = parts_of(create(kind, name, settings))
    workbench = tiny_workbench(encoder, signals.parent / "stage")
    tagger = workbench.new_tagger()
    objective = Recorded(tagger, tasks, weighting, _SETTINGS)
    objective.losses = []
    workbench.train(tagger, objective, _target(), _SETTINGS, Signals.open([signals]))
    return objective.losses


def check_two_processes(contract: SignalContract, settings: Mapping[str, object], encoder: Path, folder: Path) -> None:
    """Fail if a student in two processes has other losses than in one.

    Args:
        contract: of the auxiliary task or weighting.
        settings: its settings.
        encoder: the folder of an encoder without dropout.
        folder: an empty one.
    """
    needed = {"probabilities", *contract.make(settings).needs}
    found = []
    for run in ("one", "two"):
        (folder / run).mkdir()
        path = folder / run / "signals.arrow"
        record(path, _target(), needed, lambda block, _: _rows(contract, needed, block), lambda *_: None)
        arguments = (contract.kind, contract.component, dict(settings), encoder, path)
        found += [losses_of(*arguments)] if run == "one" else on_two_processes(losses_of, arguments, folder / "said")
    alone, first, second = found
    assert first == pytest.approx(second, rel=1e-4), "two processes compute two losses; all must see all words alike"
    assert first == pytest.approx(alone, rel=1e-2), "two processes compute another loss than one process does"


def _rows(contract: SignalContract, names: set[str], block: Corpus) -> Iterator[Row]:
    columns = {name: contract.column(name, block.words).numpy() for name in sorted(names)}
    start = 0
    for sentence in block:
        stop = start + len(sentence.tokens)
        yield {name: values[start:stop] for name, values in columns.items()}
        start = stop


def _target() -> Corpus:
    return tiny_corpus("xx", size=16).without_labels()
