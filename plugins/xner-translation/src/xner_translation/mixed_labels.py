"""Mixed labels: the tags that sentences have, and what a tagger says of them, as far as its neighbours agree."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from xner.base import Context, Corpus, Labelled, Method, code_of

_COLUMNS = "probabilities", "weight"


def mixed(given: np.ndarray, said: np.ndarray, weights: np.ndarray, own: float) -> tuple[np.ndarray, np.ndarray]:
    """Return soft labels that add up to one (words, tags), and how much each word counts (words, 1).

    Their product is the soft label of Ma et al. (ACL 2023), which adds up to less than one where w < 1:

        a onehot(y) + (1 - a) w p

    Args:
        given: (words,) numbers of the tags y.
        said: (words, tags) the tagger's probabilities p.
        weights: (words, 1) of the words, w.
        own: what the tags count, a.
    """
    labels = own * np.eye(said.shape[1])[given] + (1 - own) * weights * said
    mass = labels.sum(-1, keepdims=True)
    safe = np.where(mass > 0, mass, 1)
    return np.where(mass > 0, labels / safe, said).astype(np.float32), mass.astype(np.float32)


def mixed_labels(labelled: Labelled, own: float, context: Context, method: Method) -> Labelled:
    """Mix the tags of sentences with what a tagger says of them; a stage does it.

    Args:
        labelled: sentences with tags, labelled by a tagger, with weights of words or without.
        own: what their tags count, between 0 and 1.
        context: makes the stage.
        method: whose code it is.
    """
    corpus, ids = labelled.target, context.workbench.labels.ids
    description = {
        "stage": "mix labels",
        "own": own,
        "code": code_of(method),
        **labelled.identity(),
        "corpus": corpus.fingerprint,
        "labels": context.workbench.labels.tags,
    }

    def work(folder: Path) -> None:
        signals = labelled.signals()

        def speak(block: Corpus, numbers: range) -> Iterator[Mapping[str, np.ndarray]]:
            for sentence, number in zip(block, numbers, strict=True):
                row, given = signals.row(number), np.array([ids[tag] for tag in sentence.tags or []])
                weights = row.get("weight", np.ones((len(given), 1)))
                yield dict(zip(_COLUMNS, mixed(given, row["probabilities"], weights, own), strict=True))

        context.record(folder, corpus, _COLUMNS, speak, "the method's mixture of labels")

    title = f"labels of {corpus.language} in its translation, mixed with those of {labelled.teachers[0].name}"
    stage = context.stage(title, description, work, labelled.inputs)
    # the weights are in the mixture, so what gave them must not count once more
    return replace(labelled, refined=(), columns=("probabilities",)).with_refined("mixed labels", stage, _COLUMNS)
