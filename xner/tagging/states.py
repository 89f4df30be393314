"""What a model makes of words: its states and tag scores at their sub-words."""

from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor
from transformers import PreTrainedModel

from xner.tagging.classes import reading_of
from xner.tagging.quick import packing
from xner.tagging.windows import FOLLOWING, MODEL_INPUTS


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


def word_states(model: PreTrainedModel, batch: Mapping[str, Tensor]) -> WordStates:
    """Run a model on a batch and return its states at each word's sub-words."""
    ids, mask, *first = (batch[name] for name in MODEL_INPUTS)
    following = [batch[name] for name in FOLLOWING if name in batch]
    if packing.enabled(model):
        row = packing.pack(model, ids, mask)
        inputs = {"input_ids": row.input_ids, "position_ids": row.position_ids, "layout": row.layout}
        first, following = (row.place(*where) if where else where for where in (first, following))
    else:
        inputs = {"input_ids": ids, "attention_mask": mask}
    output = model(**inputs, output_hidden_states=True, return_dict=True)
    hidden, reading = output.hidden_states[-1][tuple(first)].float(), reading_of(model)
    scores = [output.logits[tuple(where)].float() for where in (first, following) if where]
    return WordStates(hidden, *(map(reading, scores) if reading else scores))
