"""The published settings of TOF, from its authors' code, as far as the settings of a run can say them."""

_LEARNING: dict[str, object] = {
    "epochs": 6,
    "schedule": "linear",
    "warmup": 0.1,
    "head_rate": 1.0,
    "subwords": 0,  # the loss is over words, by their first sub-words
    "learning_rate": 5e-5,
    "batch_size": 32,
}
"""How its taggers are trained; those of pseudo-labels have 64 sentences in a step, and the first of them 2e-5."""

TOF_AUTHORS: dict[str, object] = {
    "encoder": "google-bert/bert-base-multilingual-cased",
    "max_length": 128,
    **{f"teachers.recognizer.{name}": value for name, value in _LEARNING.items()},
    "methods.tof.reading_epochs": 6,
    "methods.tof.reading_batch": 16,
    "methods.tof.reading_rate": 2e-6,
    "methods.tof.reading_rate_again": 5e-5,
    "methods.tof.reading_length": 160,
}
