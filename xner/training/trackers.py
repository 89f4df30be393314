"""Trackers, which keep the curves of a run's trainings, by the names that transformers' Trainer gives them."""

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from transformers import Trainer
from transformers.integrations.integration_utils import (
    INTEGRATION_TO_CALLBACK,
    TensorBoardCallback,
    get_available_reporting_integrations,
)

from xner.errors import UsageError, XnerError, did_you_mean, require
from xner.machine import processes

TENSORBOARD = "tensorboard"
"""The tracker of this name, and the folder of its files, next to the run folders."""


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
