"""Two processes that are one run, as torchrun would start them, but within a second."""

import multiprocessing
import os
import pickle
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import torch
from torch import distributed
from torch.multiprocessing.spawn import ProcessException, start_processes

Result = TypeVar("Result")
_SECONDS = 300
_ERROR = "error"
_HEAVY = ("xner.testing.contracts.method", "xner.testing.distilling", "transformers.models.bert.modeling_bert")
"""What the server imports once, so that the processes that it forks need not."""


def on_two_processes(work: Callable[..., Result], arguments: tuple[object, ...], folder: Path) -> list[Result]:
    """Call a function in two processes of one run on the CPU, and return what each returns.

    Args:
        work: a function of a module, since the processes import it.
        arguments: what it is called with; they are pickled.
        folder: an empty one, for what the processes say.

    Raises:
        RuntimeError: one of them failed; the message has the traceback of the first that did.
        TimeoutError: they wait for each other, or for something else, for ever.
    """
    method = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
    multiprocessing.set_forkserver_preload(list(_HEAVY))
    folder.mkdir(parents=True, exist_ok=True)
    given = (folder, dict(os.environ), work, arguments)
    running: Any = start_processes(_one, given, nprocs=2, join=False, start_method=method)
    try:
        _join(running)
    except ProcessException as error:
        raise RuntimeError(file.read_text() if (file := folder / _ERROR).exists() else str(error)) from None
    return [pickle.loads((folder / f"result{rank}").read_bytes()) for rank in range(2)]  # nosec B301 # our own


def _join(running: Any) -> None:
    end = time.monotonic() + _SECONDS
    while not running.join(max(0.0, end - time.monotonic())):
        if time.monotonic() > end:
            for process in running.processes:
                process.kill()
            raise TimeoutError(f"two processes are not done after {_SECONDS} seconds; does one wait for the other?")


def _one(rank: int, folder: Path, environment: dict[str, str], work: Callable[..., object], arguments: Any) -> None:
    place = {"RANK": rank, "LOCAL_RANK": rank, "WORLD_SIZE": 2, "LOCAL_WORLD_SIZE": 2, "OMP_NUM_THREADS": 1}
    os.environ.clear()  # what was set when the server began may be set no more
    os.environ.update(environment | {name: str(value) for name, value in place.items()})
    torch.set_num_threads(1)
    # a file, not a port, which another program might take
    distributed.init_process_group("gloo", init_method=f"file://{folder}/meeting", rank=rank, world_size=2)
    try:
        result = work(*arguments)
    except Exception:
        # if one fails, the other fails for want of it, and that is not what one wants to read
        with suppress(FileExistsError), (folder / _ERROR).open("x", encoding="utf-8") as file:
            file.write(traceback.format_exc())
        raise
    (folder / f"result{rank}").write_bytes(pickle.dumps(result))
    distributed.barrier()  # on a busy machine one may be done before the other has found it
    distributed.destroy_process_group()
