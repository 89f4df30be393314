"""xner: named entity recognition for languages that nobody has labelled."""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xner.api import compare, export, report, train
    from xner.comparing.record import Comparison
    from xner.errors import XnerError
    from xner.runs.run import Run
    from xner.using.loading import load
    from xner.using.predicting import Entity, Predictor

__version__ = "0.1.0"
"""The version of all distributions; their pyproject.toml read this line."""

_HOMES = {
    "Comparison": "xner.comparing.record",
    "Entity": "xner.using.predicting",
    "Predictor": "xner.using.predicting",
    "Run": "xner.runs.run",
    "XnerError": "xner.errors",
    "compare": "xner.api",
    "export": "xner.api",
    "load": "xner.using.loading",
    "report": "xner.api",
    "train": "xner.api",
}

__all__ = ["Comparison", "Entity", "Predictor", "Run", "XnerError", "compare", "export", "load", "report", "train"]


def __getattr__(name: str) -> object:
    """Import public names on first use, so that `import xner` costs nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module 'xner' has no attribute '{name}'")
    return getattr(importlib.import_module(_HOMES[name]), name)
