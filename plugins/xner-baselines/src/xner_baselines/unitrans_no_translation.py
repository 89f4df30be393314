"""The method `unitrans-no-translation`."""

from collections.abc import Mapping
from typing import ClassVar

from xner_baselines.tsl import TSL

_LEARNING: dict[str, object] = {
    "epochs": 3,
    "batch_size": 32,
    "schedule": "linear",
    "warmup": 0.1,
    "weight_decay": 0.01,
    "max_grad_norm": 1.0,
    "head_rate": 1.0,
    "subwords": 0,  # the loss is over words, by their first sub-words
}
"""How UniTrans trains its taggers, according to its authors' code."""


class UniTransNoTranslation(TSL):
    """UniTrans (Wu et al., IJCAI 2020) without translations: one teacher, one student that learns by squared error.

    With the teacher alone every vote is its own, and what is left of the student's loss is the squared error on
    probabilities; that reading is ours. It is `tsl` with other defaults.
    """

    defaults: ClassVar[Mapping[str, object]] = {
        "max_length": 256,
        "freeze": "quarter",
        "decoding.rule": "legal",
        "student.tag_loss": "mse_prob",
    }
    presets: ClassVar[Mapping[str, Mapping[str, object]]] = {
        "authors": {
            "encoder": "google-bert/bert-base-multilingual-cased",
            **{
                f"{part}.{name}": value
                for part in ("teachers.recognizer", "student")
                for name, value in _LEARNING.items()
            },
            "teachers.recognizer.learning_rate": 5e-5,
            "student.learning_rate": 1e-4,
            "student.start": "encoder",
        }
    }
