"""The device on which models run, and their precision."""

import os
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from xner.errors import UsageError

if TYPE_CHECKING:  # what only tags an export needs none
    import torch

Precision = Literal["auto", "fp32", "bf16"]


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
    return [
        {"OMP_NUM_THREADS": threads} | ({"CUDA_VISIBLE_DEVICES": gpus[number % len(gpus)]} if gpus else {})
        for number in range(processes)
    ]
