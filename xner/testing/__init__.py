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
    from xner.testing.contract import Contract
    from xner.testing.contracts.auxiliary_task import AuxiliaryTaskContract
    from xner.testing.contracts.corpus_reader import CorpusReaderContract
    from xner.testing.contracts.encoder import EncoderContract
    from xner.testing.contracts.method import MethodContract
    from xner.testing.contracts.refiner import RefinerContract
    from xner.testing.contracts.resource import (
        AlignerContract,
        DictionaryContract,
        GazetteerContract,
        ResourceContract,
        TranslatorContract,
    )
    from xner.testing.contracts.section import SectionContract
    from xner.testing.contracts.teacher import TeacherContract
    from xner.testing.contracts.transformer import TransformerContract
    from xner.testing.contracts.weighting import WeightingContract
    from xner.testing.tiny import tiny_corpus, tiny_encoder, tiny_folder, tiny_workbench

HOMES = {
    "AlignerContract": "contracts.resource",
    "AuxiliaryTaskContract": "contracts.auxiliary_task",
    "Contract": "contract",
    "CorpusReaderContract": "contracts.corpus_reader",
    "DictionaryContract": "contracts.resource",
    "EncoderContract": "contracts.encoder",
    "GazetteerContract": "contracts.resource",
    "MethodContract": "contracts.method",
    "RefinerContract": "contracts.refiner",
    "ResourceContract": "contracts.resource",
    "SectionContract": "contracts.section",
    "TeacherContract": "contracts.teacher",
    "TransformerContract": "contracts.transformer",
    "TranslatorContract": "contracts.resource",
    "WeightingContract": "contracts.weighting",
    "tiny_workbench": "tiny",
    "tiny_corpus": "tiny",
    "tiny_encoder": "tiny",
    "tiny_folder": "tiny",
}
"""The module of this package that defines each name."""

__all__ = [
    "AlignerContract",
    "AuxiliaryTaskContract",
    "Contract",
    "CorpusReaderContract",
    "DictionaryContract",
    "EncoderContract",
    "GazetteerContract",
    "MethodContract",
    "RefinerContract",
    "ResourceContract",
    "SectionContract",
    "TeacherContract",
    "TransformerContract",
    "TranslatorContract",
    "WeightingContract",
    "tiny_corpus",
    "tiny_encoder",
    "tiny_folder",
    "tiny_workbench",
]


def __getattr__(name: str) -> object:
    """Import public names on first use: pytest imports this package at its start, with or without tests of xner."""
    if name not in HOMES:
        raise AttributeError(f"module 'xner.testing' has no attribute '{name}'")
    return getattr(importlib.import_module(f"xner.testing.{HOMES[name]}"), name)
