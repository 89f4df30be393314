"""What a student gets of a batch: the signals of its words, and which words are paired."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import torch
from accelerate.utils import broadcast
from torch import Tensor


@dataclass(frozen=True)
class Pairs:
    """The word pairs of a batch: all ordered pairs among K of its words.

    Args:
        words: (K,) places of the paired words among the batch's W words.
        mask: (K, K) true where the two words stand in different sentences.
    """

    words: Tensor
    mask: Tensor


@dataclass(frozen=True)
class SignalBatch:
    """What the teachers say of the W words of a batch; nothing in it comes from the student.

    Args:
        columns: the signals by name, each (W, width), as float32 without gradient.
        sentences: (W,) the number of the sentence that each word stands in.
        pairs: the word pairs drawn for this step.
    """

    columns: Mapping[str, Tensor]
    sentences: Tensor
    pairs: Pairs


Pairing = Literal["uniform", "balanced"]


def draw(pairing: Pairing, sentences: Tensor, size: int, probabilities: Tensor) -> Pairs:
    """Draw K words of a batch and pair each with every one that stands in another sentence.

    Args:
        pairing: `uniform`: words at random (Li et al. 2022, who draw a sentence first); `balanced`: half of them, where
            there are enough, words that the recognizer teacher considers part of an entity.
        sentences: (W,) the sentence that each word stands in.
        size: the largest K; a batch with fewer words pairs them all.
        probabilities: (W, tags) of the recognizer teacher; class 0 is O.
    """
    order = broadcast(torch.randperm(len(sentences), device=sentences.device))  # one draw for all processes
    if pairing == "balanced":
        entity = probabilities.argmax(-1)[order] > 0
        entities = order[entity][: (size + 1) // 2]
        # as many others as entities, so that a batch with few entities still pairs half and half
        others = order[~entity][: min(max(len(entities), 1), size // 2)]
        words = torch.cat([entities, others]).sort().values
    else:
        words = order[:size].sort().values
    chosen = sentences[words]
    return Pairs(words, chosen[:, None] != chosen[None, :])
