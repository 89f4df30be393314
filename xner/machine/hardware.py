"""The device on which models run, and their precision."""

import os
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from xner.errors import UsageError

if TYPE_CHECKING:  # what only tags an export needs none
    import torch

Precision = Literal["auto", "fp32", "bf16"]
_LIMITS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS")
"""All of them, since torch asks MKL first; with more threads than cores, a training takes several times as long."""


@dataclass(frozen=True)
class Hardware:
    """A device, whether matrix products run in bfloat16 there, and whether layers are compiled by torch.compile."""

    device: "torch.device"
    bf16: bool
    compiled: bool = False

    @classmethod
    def choose(cls, precision: str = "auto", compiled: bool = False) -> "Hardware":
        """Choose a GPU if there is one; with "auto", bfloat16 only if the hardware multiplies it faster.

        Raises:
            UsageError: there is no such precision.
        """
        import torch

        from xner.machine.processes import state

        check_precision(precision)
        cuda = torch.cuda.is_available()
        device = torch.device("cuda", state().local_process_index) if cuda else torch.device("cpu")
        if precision != "auto":
            return cls(device, precision == "bf16", compiled)
        if device.type == "cuda":
            return cls(device, torch.cuda.is_bf16_supported(including_emulation=False), compiled)
        return cls(device, fast_in_bf16(), compiled)

    def autocast(self) -> AbstractContextManager[None]:
        """Return the context in which models run forward."""
        import torch

        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.bf16)


def check_precision(precision: str) -> None:
    """Look whether there is such a precision.

    Raises:
        UsageError: there is not.
    """
    if precision not in get_args(Precision):
        raise UsageError(f"precision = {precision}: there is none; there are: {', '.join(get_args(Precision))}")


def fast_in_bf16() -> bool:
    """Whether this processor multiplies bfloat16 in hardware: in tiles (AMX) or in vectors (AVX-512)."""
    import torch

    return bool(torch.cpu._is_amx_tile_supported() or torch.cpu._is_avx512_bf16_supported())


def waiting() -> dict[str, str]:
    """Return environment variables that let a thread which waits for another one sleep soon, if none says how long.

    GNU's OpenMP, which torch uses on Linux, looks 300,000 times and keeps the core from the other one meanwhile: with
    one more busy program than there are cores, a training step takes tens of times as long. It reads this when it is
    loaded. Looking 2,000 times makes steps on a quiet machine some 6 % longer.
    """
    told = {"OMP_WAIT_POLICY", "GOMP_SPINCOUNT"} & set(os.environ)
    return {} if told else {"GOMP_SPINCOUNT": "2000"}


def shares(processes: int) -> list[dict[str, str]]:
    """Divide this process's threads and GPUs among others.

    Args:
        processes: how many.

    Returns:
        for each, the environment variables that limit it to its share; with too few GPUs, several processes share one.
    """
    import torch

    threads = str(max(1, torch.get_num_threads() // processes))
    visible = os.environ.get("CUDA_VISIBLE_DEVICES") or ",".join(map(str, range(torch.cuda.device_count())))
    gpus = visible.split(",")[: torch.cuda.device_count()]
    limits = dict.fromkeys(_LIMITS, threads)
    return [
        limits | ({"CUDA_VISIBLE_DEVICES": gpus[number % len(gpus)]} if gpus else {}) for number in range(processes)
    ]
