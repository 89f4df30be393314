"""Combination: what several teachers say of a word becomes one signal when it is read."""

from collections.abc import Sequence

import numpy as np

from xner.errors import UsageError


def combine(parts: Sequence[np.ndarray], weights: np.ndarray, embeddings: bool) -> np.ndarray:
    """Return what K teachers say of the words of a sentence as one array; one teacher's stays as it is.

    Args:
        parts: K arrays (words, width).
        weights: (K,) summing to one.
        embeddings: whether they are vectors that are compared by their cosine, and so are joined.

    Raises:
        UsageError: what is to be averaged differs in width.
    """
    if len(parts) == 1:
        return parts[0]
    if not embeddings and len({part.shape for part in parts}) > 1:
        widths = ", ".join(str(part.shape[-1]) for part in parts)
        raise UsageError(f"several teachers give one signal in different widths: {widths}; only equal ones go together")
    return joined(parts, weights) if embeddings else averaged(parts, weights)


def averaged(parts: Sequence[np.ndarray], weights: np.ndarray) -> np.ndarray:
    """Return sum_k w_k p_k (Wu et al. 2020).

    Args:
        parts: K arrays p_k (words, width).
        weights: (K,) summing to one, so that probabilities stay probabilities.
    """
    return np.tensordot(weights, np.stack(parts), axes=1).astype(np.float32)


def joined(parts: Sequence[np.ndarray], weights: np.ndarray) -> np.ndarray:
    """Return the vectors sqrt(w_k) v_k / |v_k| side by side, which are of length one.

    With the weights w' of another sentence, the cosine of two of them is sum_k sqrt(w_k w'_k) cos_k: within one
    sentence, and wherever all sentences have the same weights, the weighted mean of the teachers' cosines.

    Args:
        parts: K arrays v_k (words, width); widths may differ.
        weights: (K,) summing to one.
    """
    vectors = [part.astype(np.float32) for part in parts]
    lengths = [np.linalg.norm(vector, axis=-1, keepdims=True) for vector in vectors]
    scales = np.sqrt(weights, dtype=np.float32)
    scaled = [s * v / np.maximum(n, 1e-12) for v, n, s in zip(vectors, lengths, scales, strict=True)]
    return np.concatenate(scaled, axis=-1)
