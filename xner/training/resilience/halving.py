"""Batches that are too large for the memory: the training begins anew with half as many sentences in each."""

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from xner.errors import XnerError
from xner.machine import processes
from xner.machine.memory import out_of_memory
from xner.store.files import write_durably
from xner.store.stages import SCRATCH
from xner.training.settings import TrainingSettings

Settings = TypeVar("Settings", bound=TrainingSettings)
_RECORD = "batch_size.json"
"""The file of how many sentences a training has in a step, if they are fewer than was asked for: among its scratch, and
in its folder when it is done."""


class SmallerBatchError(Exception):
    """A training must begin anew with fewer sentences in a step; it will if its stage is done again."""


def fitting(folder: Path, settings: Settings) -> Settings:
    """Return the settings of a training, with as few sentences in a step as were found to fit into the memory.

    Args:
        folder: the training's.
        settings: those that were asked for.
    """
    known = _known(folder / SCRATCH)
    return settings.model_copy(update={"batch_size": known["batch_size"]}) if known else settings


@contextmanager
def halving(folder: Path, batch_size: int) -> Iterator[None]:
    """Let a training that needs too much memory begin anew with half as many sentences in a step.

    Args:
        folder: the training's.
        batch_size: sentences in a step.

    Raises:
        SmallerBatchError: it is to begin anew.
        XnerError: there is no smaller batch, or several processes are at it, of which the others wait for this one.
    """
    try:
        yield
        if processes.first() and (known := _known(folder / SCRATCH)):  # what is scratch goes when the stage is done
            _write(folder, known)
    except (RuntimeError, MemoryError) as error:
        if not out_of_memory(error):
            raise
        if batch_size == 1 or processes.state().num_processes > 1:
            raise XnerError(
                f"the memory is too short for a step of {batch_size} sentences; lower max_length"
                f"{'' if batch_size == 1 else ' or the batch_size'}, or raise freeze"
            ) from error
        # first the checkpoints: one of larger batches must not meet smaller ones
        for checkpoint in (folder / SCRATCH).glob("checkpoint-*"):
            shutil.rmtree(checkpoint)
        _write(folder / SCRATCH, {"asked": batch_size, **_known(folder / SCRATCH), "batch_size": batch_size // 2})
        raise SmallerBatchError(f"the memory is too short for {batch_size} sentences in a step") from error


def told(stage: Path) -> list[str]:
    """Return what is to be said of a stage whose trainings had smaller batches than was asked for.

    Args:
        stage: its folder.
    """
    return [
        f"{known['batch_size']} sentences in a step, not {known['asked']}, since the memory was too short"
        for known in (_known(file.parent) for file in sorted(stage.rglob(_RECORD)) if file.parent.name != SCRATCH)
    ]


def _write(folder: Path, known: Mapping[str, int]) -> None:
    write_durably(folder / _RECORD, [memoryview(json.dumps(known).encode())])


def _known(folder: Path) -> dict[str, int]:
    """Return what is known of a training's batches; nothing if they are as was asked for."""
    with suppress(FileNotFoundError):
        found: dict[str, int] = json.loads((folder / _RECORD).read_text(encoding="utf-8"))
        return found
    return {}
