"""The engine's own code as far as it shapes what every stage makes."""

from xner.plugin.code import ENGINE, digests

SHAPING = (
    "corpora/corpus.py",
    "corpora/words.py",
    "decoding/bigrams.py",
    "decoding/chain.py",
    "decoding/decoder.py",
    "machine/processes.py",
    "methods/context.py",
    "methods/steps.py",
    "methods/translating.py",
    "resources/translations.py",
    "resources/translator.py",
    "store/ragged.py",
    "store/weights.py",
    "students/batch.py",
    "students/distillation.py",
    "students/hard.py",
    "students/losses.py",
    "students/picked.py",
    "students/task.py",
    "tagging/classes.py",
    "tagging/limits.py",
    "tagging/quick/batching.py",
    "tagging/quick/compiling.py",
    "tagging/quick/dropout.py",
    "tagging/quick/layout.py",
    "tagging/quick/packing.py",
    "tagging/quick/varlen.py",
    "tagging/states.py",
    "tagging/subwords.py",
    "tagging/tagger.py",
    "tagging/windows.py",
    "tagging/wordwise.py",
    "teachers/combination.py",
    "teachers/labelled.py",
    "teachers/signals.py",
    "training/averaging.py",
    "training/batches.py",
    "training/checkpoints.py",
    "training/loop.py",
    "training/objective.py",
    "training/updates.py",
    "training/workbench.py",
)


def engine_code() -> dict[str, str]:
    """Return a hash of each of these files by its place in the engine."""
    return digests((ENGINE / file for file in SHAPING), ENGINE)
