"""xner: named entity recognition for languages that nobody has labelled."""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xner.api import compare, load, train
    from xner.errors import XnerError
    from xner.predicting import Entity, Predictor
    from xner.runs import Run
    from xner.summary import Comparison

__version__ = "0.1.0"
"""The version of all four distributions; their pyproject.toml read this line."""

_HOMES = {
    "Comparison": "xner.summary",
    "Entity": "xner.predicting",
    "Predictor": "xner.predicting",
    "Run": "xner.runs",
    "XnerError": "xner.errors",
    "compare": "xner.api",
    "load": "xner.api",
    "train": "xner.api",
}

__all__ = ["Comparison", "Entity", "Predictor", "Run", "XnerError", "compare", "load", "train"]


def __getattr__(name: str) -> object:
    """Import public names on first use, so that `import xner` costs nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module 'xner' has no attribute '{name}'")
    return getattr(importlib.import_module(_HOMES[name]), name)
