"""A Trainer whose checkpoints are whole: each is sealed before the one before it goes, and none has broken weights."""

import shutil
from pathlib import Path
from typing import Any

from torch import nn
from transformers import Trainer, TrainerState

from xner.errors import XnerError
from xner.machine import processes
from xner.store.integrity.stage import seal, sealed
from xner.training.checkpoints import load_changing, save_changing
from xner.training.objective import Objective
from xner.training.updates import Updates

WEIGHTS = "model.safetensors"
"""The file, in a checkpoint, of the weights and buffers that may change."""
_NAME = "checkpoint-"


class Saving(Trainer):
    """The Trainer as far as it writes and reads checkpoints.

    Attributes:
        objective: what is trained.
        rest: the names of its weights that no training changes.
        updates: its further updates, with optimizers of their own.
    """

    objective: Objective
    rest: frozenset[str]
    updates: Updates

    def _save_checkpoint(self, model: nn.Module, trial: Any) -> None:
        step, best = self.state.global_step, self.state.best_global_step
        check_finite(self.objective, step)
        super()._save_checkpoint(model, trial)
        processes.wait()  # each writes the state of its random numbers there
        if self.args.should_save:
            seal(Path(str(self.args.output_dir), f"{_NAME}{step}"), {"step": step}, "")
            keep_only(Path(str(self.args.output_dir)), {step, best})

    def _save(self, output_dir: str | None = None, state_dict: dict[str, Any] | None = None) -> None:
        if self.args.should_save:
            save_changing(self.objective, self.rest, Path(output_dir or str(self.args.output_dir)) / WEIGHTS)

    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: nn.Module | None = None) -> None:
        load_changing(self.objective, self.rest, Path(resume_from_checkpoint) / WEIGHTS)

    def _load_best_model(self) -> None:
        load_changing(self.objective, self.rest, Path(str(self.state.best_model_checkpoint)) / WEIGHTS)

    def _save_optimizer_and_scheduler(self, output_dir: str) -> None:
        super()._save_optimizer_and_scheduler(output_dir)
        if self.args.should_save:
            self.updates.save(Path(output_dir))

    def _load_optimizer_and_scheduler(self, checkpoint: str | None) -> None:
        super()._load_optimizer_and_scheduler(checkpoint)
        if checkpoint:
            self.updates.load(Path(checkpoint))


def check_finite(objective: nn.Module, step: int) -> None:
    """Refuse to save broken weights, since the last good ones go when others are saved.

    Args:
        objective: what is trained.
        step: after which.

    Raises:
        XnerError: a weight is not finite.
    """
    for name, weight in objective.named_parameters():
        if not weight.isfinite().all():
            raise XnerError(
                f"after step {step}, the weights '{name}' are not finite; lower the learning rate "
                "(student.learning_rate, or that of the teacher), or test whether a plugin's gradients are finite"
            )


def keep_only(folder: Path, steps: set[int | None]) -> None:
    """Remove the checkpoints of a training but those of some steps.

    Args:
        folder: where they are.
        steps: whose checkpoints stay.
    """
    for checkpoint in folder.glob(f"{_NAME}*"):
        if _step(checkpoint) not in steps:
            shutil.rmtree(checkpoint, ignore_errors=True)


def last_checkpoint(folder: Path) -> tuple[Path | None, TrainerState]:
    """Return the last whole checkpoint of a training, if there is one, and its state.

    One counts only if what was the best one then is whole, too.

    Args:
        folder: where they are.
    """
    whole = {_step(checkpoint): checkpoint for checkpoint in folder.glob(f"{_NAME}*") if sealed(checkpoint)}
    for _, checkpoint in sorted(whole.items(), reverse=True):
        state = TrainerState.load_from_json(str(checkpoint / "trainer_state.json"))
        if state.best_global_step is None or state.best_global_step in whole:
            return checkpoint, state
    return None, TrainerState()


def _step(checkpoint: Path) -> int:
    return int(checkpoint.name.removeprefix(_NAME))
