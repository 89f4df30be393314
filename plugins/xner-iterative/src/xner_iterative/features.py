"""What the policy sees of a sentence: what it is about, and how its teacher labels it."""

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from xner.base import Corpus, Signals, Tagger
from xner_iterative.shares import confidence

SAID = 4
"""How many features are of what the teacher says."""
_LEAST = 1e-6


def sentence_features(tagger: Tagger, target: Corpus, signals: Signals, size: int, seed: int) -> tuple[Tensor, Tensor]:
    """Return what is known of N sentences before the student is, standardised, and which the teacher is surer of.

    The features are the teacher's sentence vector, the mean of its words' last hidden states, projected by a random
    matrix; then the number of entities that it predicts, the number of words, the mean over words of the largest
    probability, and the mean over words of the entropy.

    Args:
        tagger: the teacher.
        target: the sentences.
        signals: what it says of them.
        size: P, that of the projected vector.
        seed: of the matrix.

    Returns:
        (N, P + SAID) and (N,) of truth values, see `surer`.
    """
    projected, said, matrix = list[np.ndarray](), list[list[float]](), None
    vectors = tagger.states(target, lambda states: {"hidden": states.hidden})
    for number, (vector, entities) in enumerate(zip(vectors, _entities(signals), strict=True)):
        hidden, rows = vector["hidden"].mean(0), signals.row(number)["probabilities"]
        if matrix is None:
            matrix = np.random.default_rng(seed).standard_normal((len(hidden), size)) / np.sqrt(len(hidden))
        projected.append(hidden @ matrix)
        said.append([entities, len(rows), confidence(rows), _entropy(rows)])
    features = standardised(torch.from_numpy(np.hstack([projected, said])).float())
    found, _, sure, _ = torch.tensor(said).T
    return features, surer(sure, found > 0)


def surer(sure: Tensor, found: Tensor) -> Tensor:
    """Return which sentences the teacher is surer of than of the median of their kind, (N,) of truth values.

    Those with entities are one kind, those without the other. The surer half of all has hardly any entity, and its
    students forget the types that are hard.

    Args:
        sure: (N,) mean largest probability.
        found: (N,) whether the teacher predicts an entity.
    """
    wanted = torch.zeros_like(found)
    for kind in (found, ~found):
        if kind.any():
            wanted[kind] = sure[kind] > sure[kind].median()
    return wanted


def standardised(values: Tensor) -> Tensor:
    """Return values with the mean 0 and the standard deviation 1 in each column; 0 where a column has one value only.

    Args:
        values: (N, features).
    """
    deviations = values - values.mean(0)
    return deviations / deviations.square().mean(0).sqrt().clamp(min=_LEAST)


def _entities(signals: Signals) -> Iterator[int]:
    """Yield how many entities the teacher predicts in each sentence."""
    assert signals.decoder is not None
    for decoded in signals.decoder.decode(signals.row(number)["probabilities"] for number in range(len(signals))):
        yield len(decoded.entities)


def _entropy(rows: np.ndarray) -> float:
    p = rows.astype(np.float64)
    return float(-(p * np.log(np.maximum(p, 1e-12))).sum(-1).mean())
