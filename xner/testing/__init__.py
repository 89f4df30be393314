"""For tests of xner and of plugins: a contract class for each kind of component, and tiny things made in memory.

```python
from xner.testing import WeightingContract


class TestMine(WeightingContract):
    component = "mine"
```

Contracts need pytest; its fixtures are in `xner.testing.fixtures`, which pytest finds by itself.
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xner.testing.auxiliary_task import AuxiliaryTaskContract
    from xner.testing.contract import Contract
    from xner.testing.corpus_reader import CorpusReaderContract
    from xner.testing.encoder import EncoderContract
    from xner.testing.method import MethodContract
    from xner.testing.teacher import TeacherContract
    from xner.testing.tiny import tiny_corpus, tiny_encoder, tiny_folder, tiny_workbench
    from xner.testing.weighting import WeightingContract

_HOMES = {
    "AuxiliaryTaskContract": "auxiliary_task",
    "Contract": "contract",
    "CorpusReaderContract": "corpus_reader",
    "EncoderContract": "encoder",
    "MethodContract": "method",
    "TeacherContract": "teacher",
    "WeightingContract": "weighting",
    "tiny_workbench": "tiny",
    "tiny_corpus": "tiny",
    "tiny_encoder": "tiny",
    "tiny_folder": "tiny",
}

__all__ = [
    "AuxiliaryTaskContract",
    "Contract",
    "CorpusReaderContract",
    "EncoderContract",
    "MethodContract",
    "TeacherContract",
    "WeightingContract",
    "tiny_corpus",
    "tiny_encoder",
    "tiny_folder",
    "tiny_workbench",
]


def __getattr__(name: str) -> object:
    """Import public names on first use: pytest imports this package at its start, with or without tests of xner."""
    if name not in _HOMES:
        raise AttributeError(f"module 'xner.testing' has no attribute '{name}'")
    return getattr(importlib.import_module(f"xner.testing.{_HOMES[name]}"), name)
