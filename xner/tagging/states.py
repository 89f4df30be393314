"""What a model makes of words: its states and tag scores at their sub-words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from xner.tagging.classes import reading_of
from xner.tagging.quick import packing
from xner.tagging.windows import FOLLOWING, MODEL_INPUTS

if TYPE_CHECKING:
    from transformers import PreTrainedModel


@dataclass(frozen=True)
class WordStates:
    """What the student makes of the same W words.

    Args:
        hidden: (W, hidden) its last hidden states at each word's first sub-word, with gradient.
        logits: (W, tags) its tag scores, with gradient.
        following: (F, tags) its tag scores at the further sub-words of these words, word by word; None: not known.
    """

    hidden: Tensor
    logits: Tensor
    following: Tensor | None = None


Places = tuple[Tensor, ...]
"""Where something is in a batch: rows and positions; none: (0)."""


def word_states(model: "PreTrainedModel", batch: Mapping[str, Tensor]) -> WordStates:
    """Run a model on a batch and return its states at each word's sub-words."""
    output, first, following = _run(model, batch)
    hidden, reading = output.hidden_states[-1][first].float(), reading_of(model)
    scores = [output.logits[where].float() for where in (first, following) if where]
    return WordStates(hidden, *(map(reading, scores) if reading else scores))


def word_vectors(model: "PreTrainedModel", batch: Mapping[str, Tensor], layers: int) -> Tensor:
    """Run a model on a batch and return a vector of each of its W words: (W, hidden).

    Args:
        model: the model.
        batch: the words, with the places of all their sub-words.
        layers: the mean is taken over the hidden states of so many of the highest layers, or of all if there are fewer,
            and over all sub-words of a word (Ma et al., ACL 2023, section 3.3).
    """
    output, first, following = _run(model, batch)
    states = torch.stack([layer.float() for layer in output.hidden_states[1:][-layers:]]).mean(0)
    # a segment is added up in its order on any device, which index_add does not promise
    further = torch.segment_reduce(states[following], "sum", lengths=batch["sizes"] - 1, initial=0)
    vectors: Tensor = (states[first] + further) / batch["sizes"][:, None]
    return vectors


def _run(model: "PreTrainedModel", batch: Mapping[str, Tensor]) -> tuple[Any, Places, Places]:
    """Return what a model makes of a batch, and where each word's first sub-word and all further ones are in it."""
    ids, mask, *first = (batch[name] for name in MODEL_INPUTS)
    following = [batch[name] for name in FOLLOWING if name in batch]
    if packing.packs(model):
        row = packing.pack(model, ids, mask)
        inputs = {"input_ids": row.input_ids, "position_ids": row.position_ids, "layout": row.layout}
        first, following = (row.place(*where) if where else where for where in (first, following))
    else:
        inputs = {"input_ids": ids, "attention_mask": mask}
    return model(**inputs, output_hidden_states=True, return_dict=True), tuple(first), tuple(following)
