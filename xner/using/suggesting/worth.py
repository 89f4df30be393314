"""What a label would teach, word by word: where the student doubts, and where taggers disagree."""

from collections.abc import Sequence

import numpy as np

from xner.decoding.decoder import Decoded

_TINY = 1e-12


def doubts(decoded: Decoded, marginals: np.ndarray) -> np.ndarray:
    """Return how unsure a tagger is of the entities of a sentence, word by word (words,).

    The words of an entity e that was found share 1 - P(e) evenly; any other word has the probability that an entity
    begins there. So the sum over a sentence is how many of the entities found are expected to be wrong, and how many
    to begin where none was found.

    Args:
        decoded: the tags that it chose, with P(e) of each entity.
        marginals: (words, tags) how probable each tag is; odd columns are the B- tags.
    """
    found: np.ndarray = marginals[:, 1::2].sum(1)
    for (_, start, end), certain in zip(decoded.entities, decoded.certain, strict=True):
        found[start:end] = max(0.0, 1 - certain) / (end - start)
    return found


def disagreement(marginals: Sequence[np.ndarray]) -> np.ndarray:
    """Return how far K taggers disagree on each word (words,), from 0 to 1.

    It is the Jensen-Shannon divergence of their tag probabilities p_k, over its largest value:
    (H(mean_k p_k) - mean_k H(p_k)) / log K. Times log K, that is the mean divergence from the mean of McCallum and
    Nigam, "Employing EM and Pool-Based Active Learning for Text Classification" (ICML 1998). Of one tagger it is 0.

    Args:
        marginals: K times (words, tags).
    """
    if len(marginals) == 1:
        return np.zeros(len(marginals[0]))
    stacked = np.stack(marginals)
    apart = _entropy(stacked.mean(0)) - _entropy(stacked).mean(0)
    found: np.ndarray = np.clip(apart / np.log(len(marginals)), 0, 1)
    return found


def _entropy(probabilities: np.ndarray) -> np.ndarray:
    entropy: np.ndarray = -(probabilities * np.log(np.maximum(probabilities, _TINY))).sum(-1)
    return entropy
