"""The manifest of a run: all that its result depends on, and how it came about."""

import os
import platform
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

import torch

from xner.corpora.corpus import Corpus
from xner.machine import processes
from xner.machine.hardware import Hardware
from xner.runs.components import Components
from xner.runs.settings import RunConfig
from xner.store.stages import Stage
from xner.tagging.encoder import Encoder
from xner.training.checkpoints import record_of
from xner.training.workbench import Workbench

_LIBRARIES = (
    "xner",
    "torch",
    "transformers",
    "tokenizers",
    "accelerate",
    "datasets",
    "numpy",
    "pyarrow",
    "safetensors",
    "scikit-learn",
    "seqeval",
)
"""Packages whose version may shape a result."""


def origin(config: RunConfig, corpora: Sequence[Corpus], stages: Sequence[Stage]) -> dict[str, Any]:
    """Return what a run's result depends on, as far as another run's must be compared with it."""
    return {
        "settings": config.model_dump(mode="json"),
        "corpora": [{"corpus": str(c), "fingerprint": c.fingerprint, "counts": c.counts} for c in corpora],
        "stages": [{"title": stage.title, "key": stage.key} for stage in stages],
    }


def manifest(
    components: Components, workbench: Workbench, corpora: Sequence[Corpus], stages: Sequence[Stage]
) -> Mapping[str, Any]:
    """Return what must be known of a run to do it again.

    Args:
        components: those that the run made, with its settings.
        workbench: what it trained with.
        corpora: all that it read.
        stages: what its method did.
    """
    return {
        "command": sys.argv,
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        **origin(components.config, corpora, stages),
        "components": components.used,
        "labels": workbench.labels.types,
        "encoder": _encoder(workbench.encoder),
        "epochs": {stage.key: record for stage in stages if (record := record_of(stage.folder))},
        "versions": {name: version(name) for name in _LIBRARIES} | {"python": platform.python_version()},
        "plugins": components.packages,
        "hardware": _hardware(workbench.hardware),
    }


def _encoder(encoder: Encoder) -> dict[str, Any]:
    """Return which pretrained weights these are, the rates that a setting left to them, and whether their code ran."""
    rates = {"learning_rate": encoder.learning_rate, "head_rate": encoder.head_rate}
    return {"weights": encoder.identity(), **rates, "trust_remote_code": encoder.trusted}


def _hardware(hardware: Hardware) -> dict[str, Any]:
    """Return what decides in which order and precision sums are taken."""
    cuda = hardware.device.type == "cuda"
    return {
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "device": torch.cuda.get_device_name(hardware.device) if cuda else "cpu",
        "vector_instructions": torch.backends.cpu.get_cpu_capability(),
        "precision": "bf16" if hardware.bf16 else "fp32",
        "threads": torch.get_num_threads(),
        "processes": processes.state().num_processes,
    }
