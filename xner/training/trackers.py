"""The curves of a run's trainings: trackers, by the names that transformers' Trainer gives them, and a file."""

import importlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from transformers import Trainer, TrainerCallback, TrainerState, TrainingArguments
from transformers.integrations.integration_utils import (
    INTEGRATION_TO_CALLBACK,
    TensorBoardCallback,
    get_available_reporting_integrations,
)

from xner.errors import UsageError, XnerError, did_you_mean, require
from xner.machine import processes
from xner.machine.progress import Progress

TENSORBOARD = "tensorboard"
"""The tracker of this name, and the folder of its files, next to the run folders."""
_CURVE = "epoch_"
"""What the names of an objective's metrics of an epoch begin with, among those that the Trainer logs."""
_CURVES = "curves.json"
"""The file, inside a stage, with these metrics, and with the losses and rates between them."""
_LOGGED = ("loss", "learning_rate", "grad_norm")
"""What the Trainer logs every few steps."""


@dataclass(frozen=True)
class Trackers:
    """The trackers of a run.

    Args:
        names: their names.
        run: the run folder.
    """

    names: tuple[str, ...] = ()
    run: Path = Path()

    def check(self) -> None:
        """Refuse trackers that are not installed, before anything is computed.

        Raises:
            UsageError: the Trainer has no tracker of that name.
            XnerError: its package is not installed.
        """
        for name in self.names:
            if name not in INTEGRATION_TO_CALLBACK:
                known = sorted(INTEGRATION_TO_CALLBACK)
                hint = did_you_mean(name, known)
                raise UsageError(f"report_to = {name}: there is no such tracker.{hint} There are: {', '.join(known)}")
            if name == TENSORBOARD:
                require("tracking", TENSORBOARD)
            elif name not in get_available_reporting_integrations():
                raise XnerError(
                    f"report_to = {name}: this needs the package {name}; install it with: pip install {name}"
                )

    @contextmanager
    def follow(self, trainer: Trainer, training: str, step: int) -> Iterator[None]:
        """Let the trackers follow a training as "RUN: TRAINING"; they see each training as a run of its own.

        Args:
            trainer: what is about to train.
            training: what the training is called.
            step: where it starts; what a killed process wrote from there on is not shown.
        """
        trainer.args.run_name = f"{self.run.name}: {training}"
        for name in self.names:
            if name != TENSORBOARD:
                trainer.add_callback(INTEGRATION_TO_CALLBACK[name])
            elif processes.first():
                trainer.add_callback(self._tensorboard(training, step))
        try:
            yield
        finally:
            if "wandb" in self.names and processes.first():
                importlib.import_module("wandb").finish()  # or the next training goes on in the same run

    def _tensorboard(self, training: str, step: int) -> TensorBoardCallback:
        """Return what writes a training's curves into tensorboard/RUN/TRAINING, next to the run folder."""
        from torch.utils.tensorboard import SummaryWriter  # needs the package tensorboard

        folder = self.run.parent / TENSORBOARD / self.run.name / training.replace("/", ".")
        return TensorBoardCallback(SummaryWriter(str(folder), purge_step=step))


NOBODY = Trackers()
"""The trackers of a run without any."""


class EpochMetrics(TrainerCallback):
    """Tells and logs what an objective measured in an epoch, before a checkpoint of the epoch's last step is saved.

    Args:
        trainer: what trains.
        measured: returns it by name, and begins anew.
        progress: is told.
    """

    def __init__(self, trainer: Trainer, measured: Callable[[], Mapping[str, float]], progress: Progress) -> None:
        self.trainer, self.measured, self.progress = trainer, measured, progress

    def on_step_end(self, args: TrainingArguments, state: TrainerState, *unused: Any, **also_unused: Any) -> None:
        """Ask for it where an epoch ends; the last one may be partial."""
        ends = (state.epoch or 0) % 1 == 0 or state.global_step == state.max_steps
        if ends and (values := self.measured()):
            said = ", ".join(f"{name.replace('_', ' ')} {value:.3g}" for name, value in values.items())
            self.progress.say(f"epoch {state.epoch:g}: {said}")
            self.trainer.log({f"{_CURVE}{name}": value for name, value in values.items()})


def write_curves(folder: Path, history: Sequence[Mapping[str, Any]]) -> None:
    """Write what was to be seen of a training: losses and rates, and what its objective said of every epoch.

    Args:
        folder: the stage's.
        history: the Trainer's log.
    """
    epochs = [
        {"epoch": entry["epoch"], "step": entry["step"]}
        | {name.removeprefix(_CURVE): value for name, value in entry.items() if name.startswith(_CURVE)}
        for entry in history
        if any(name.startswith(_CURVE) for name in entry)
    ]
    steps = [
        {"epoch": entry["epoch"], "step": entry["step"]} | {name: entry[name] for name in _LOGGED if name in entry}
        for entry in history
        if "loss" in entry
    ]
    if epochs or steps:
        (folder / _CURVES).write_text(json.dumps({"epochs": epochs, "steps": steps}, indent=2), encoding="utf-8")


def curves_of(stage: Path) -> list[dict[str, float]]:
    """Return what was to be seen of every epoch of a stage's training: epoch, step and metrics by name; or nothing."""
    return _read(stage, "epochs")


def steps_of(stage: Path) -> list[dict[str, float]]:
    """Return what was logged every few steps of a stage's training: epoch, step, loss and rate; or nothing."""
    return _read(stage, "steps")


def _read(stage: Path, what: str) -> list[dict[str, float]]:
    file = stage / _CURVES
    if not file.is_file():
        return []
    rows: list[dict[str, float]] = json.loads(file.read_text(encoding="utf-8")).get(what, [])
    return rows  # stages of before this was written have none
