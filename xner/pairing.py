"""Which words of a batch are paired. Gold tags are never looked at; a target batch has none."""

from typing import Literal

import torch
from accelerate.utils import broadcast
from torch import Tensor

from xner.base import Pairs

Pairing = Literal["uniform", "balanced"]


def draw(pairing: Pairing, sentences: Tensor, size: int, probabilities: Tensor) -> Pairs:
    """Draw K words of a batch and pair each with every one that stands in another sentence.

    Args:
        pairing: `uniform`: words at random (Li et al. 2022, who draw a sentence first); `balanced`: half of them, where
            there are enough, words that the recognizer teacher takes for part of an entity.
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
