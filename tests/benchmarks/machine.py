"""Measurement: what everything runs on."""

import os
import platform
from importlib.metadata import version
from pathlib import Path

import psutil
import torch

from xner.corpora.labels import LabelSet
from xner.machine.hardware import Hardware
from xner.plugin.manager import Plugins
from xner.runs.components import Components
from xner.runs.config import build


def describe(encoder: str) -> dict[str, str]:
    """Return what a reader must know of the machine, the libraries and the encoder.

    Args:
        encoder: name or folder; it is loaded once, so that whatever its first use prepares is ready for all rows.
    """
    hardware = Hardware.choose()
    device = torch.cuda.get_device_name() if hardware.device.type == "cuda" else "none"
    model, _ = Components(Plugins.load(), build({"encoder": encoder})).encoder().load(LabelSet(("LOC", "ORG", "PER")))
    words = sum(weight.numel() for weight in model.get_input_embeddings().parameters())
    others = sum(weight.numel() for weight in model.parameters()) - words
    return {
        "processor": f"{_processor()}, {os.cpu_count()} cores",
        "memory": f"{psutil.virtual_memory().total / 2**30:.0f} GB",
        "GPU": device,
        "bfloat16": _bfloat16(hardware),
        "threads": str(torch.get_num_threads()),
        "encoder": f"{_name(encoder)}: {others / 1e6:.1f} M weights and {words / 1e6:.1f} M in word embeddings",
        "system": f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
        "libraries": ", ".join(f"{name} {version(name)}" for name in ("torch", "transformers", "tokenizers", "xner")),
    }


def _name(encoder: str) -> str:
    return Path(encoder).name


def _processor() -> str:
    """Return the processor's name as Linux gives it, or as much as Python knows."""
    information = Path("/proc/cpuinfo")
    if information.is_file():
        for line in information.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _bfloat16(hardware: Hardware) -> str:
    used = "xner uses it" if hardware.bf16 else "xner runs in float32"
    if hardware.device.type == "cuda":
        return used
    if torch.cpu._is_amx_tile_supported():
        return f"in hardware (AMX); {used}"
    return f"{'AVX-512' if torch.cpu._is_avx512_bf16_supported() else 'not in hardware'}; {used}"
