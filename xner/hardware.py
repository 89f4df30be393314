"""Where and in which precision the models run."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Literal

import torch

from xner.processes import state

Precision = Literal["auto", "fp32", "bf16"]


@dataclass(frozen=True)
class Hardware:
    """A device, and whether matrix products run in bfloat16 there."""

    device: torch.device
    bf16: bool

    @classmethod
    def choose(cls, precision: Precision = "auto") -> "Hardware":
        """Take a GPU where there is one; with "auto", bfloat16 only where the hardware multiplies it faster."""
        cuda = torch.cuda.is_available()
        device = torch.device("cuda", state().local_process_index) if cuda else torch.device("cpu")
        if precision != "auto":
            return cls(device, precision == "bf16")
        if device.type == "cuda":
            return cls(device, torch.cuda.is_bf16_supported(including_emulation=False))
        return cls(device, bool(torch.cpu._is_amx_tile_supported()))

    def autocast(self) -> AbstractContextManager[None]:
        """Return the context in which models run forward."""
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.bf16)
