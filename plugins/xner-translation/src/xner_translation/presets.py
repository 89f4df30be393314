"""The published settings of UniTrans and CoLaDa, from the code that their authors published."""

_LEARNING: dict[str, object] = {
    "epochs": 3,
    "batch_size": 32,
    "schedule": "linear",
    "warmup": 0.1,
    "weight_decay": 0.01,
    "max_grad_norm": 1.0,
    "head_rate": 1.0,
    "head_dropout": 0.1,
    "subwords": 0,  # the loss is over words, by their first sub-words
}
"""How all taggers of UniTrans are trained."""


def _of(part: str, settings: dict[str, object]) -> dict[str, object]:
    return {f"{part}.{name}": value for name, value in settings.items()}


UNITRANS: dict[str, object] = {
    "encoder": "google-bert/bert-base-multilingual-cased",
    **_of("teachers.recognizer", _LEARNING | {"learning_rate": 5e-5}),
    **_of("student", _LEARNING | {"learning_rate": 1e-4, "start": "encoder", "tag_coefficient": 1.0}),
    "auxiliary_tasks.voted-tags.coefficient": 1.0,
}

_STEPS: dict[str, object] = {"batch_size": 32, "max_grad_norm": 1.0, "subwords": 0}
"""How all taggers of CoLaDa are trained."""

COLADA: dict[str, object] = {
    "encoder": "google-bert/bert-base-multilingual-cased",
    "methods.colada.rounds": 8,
    "refiners.neighbour-agreement.share": 0.5,  # 500 neighbours even of a small text
    **_of("teachers.recognizer", _STEPS | {"epochs": 3, "learning_rate": 5e-5}),
    **_of("student", _STEPS | {"epochs": 10, "learning_rate": 2e-5, "start": "encoder"}),
}
