"""Packing: a batch runs as one long row without padding, which costs as much as text.

Everything but attention works word piece by word piece and does not notice; attention spreads its inputs out to
padded rows and packs its result again, or on a GPU has a kernel for packed rows.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from xner.tagging.quick import varlen
from xner.tagging.quick.dropout import kept
from xner.tagging.quick.layout import Layout

if TYPE_CHECKING:
    from transformers import PreTrainedModel

NAME = "xner_packed"
"""The attention of packed batches, as transformers calls it."""
FAMILIES = {"bert": False, "electra": False, "camembert": True, "roberta": True, "xlm-roberta": True}
"""Encoders that read positions and attend through transformers' interface; whether they count from behind the pad."""
_STEP = 64
"""Packed rows are filled up to a multiple of this, so that few shapes occur: each new one costs torch a plan."""
_COLUMNS = 8
"""The padded rows of attention are, for the same reason, as long as a multiple of this."""


@dataclass(frozen=True)
class Packed:
    """A batch of B rows and T columns as one row of N places.

    Args:
        input_ids: (1, N) sub-words, row after row, then a few pads.
        position_ids: (1, N) their places in their own rows, counted as the encoder counts.
        layout: where they are in the batch.
        starts: (B,) where each row begins.
    """

    input_ids: Tensor
    position_ids: Tensor
    layout: Layout
    starts: Tensor

    def place(self, rows: Tensor, positions: Tensor) -> list[Tensor]:
        """Return where in the row sub-words are, by row and position in the batch."""
        return [torch.zeros_like(rows), self.starts[rows] + positions]


def enable(model: nn.Module) -> None:
    """Let a model run packed batches from now on, if it is of a family that can; padded ones run as before.

    Args:
        model: any model; one that is not of transformers, such as an exported one, is left alone.
    """
    from transformers import AttentionInterface, AttentionMaskInterface, PreTrainedModel
    from transformers.masking_utils import sdpa_mask

    if isinstance(model, PreTrainedModel) and model.config.model_type in FAMILIES:
        AttentionInterface.register(NAME, attend)
        AttentionMaskInterface.register(NAME, sdpa_mask)
        model.set_attn_implementation(NAME)


def enabled(model: nn.Module) -> bool:
    """Whether a model runs packed batches."""
    return getattr(getattr(model, "config", None), "_attn_implementation", None) == NAME


def packs(model: nn.Module) -> bool:
    """Whether a batch is to be packed for what a model is doing now: on a CPU always, on a GPU where its kernel can."""
    device = device_of(model) if enabled(model) else ""
    return device == "cpu" or (device == "cuda" and varlen.serves(model))


def device_of(model: nn.Module) -> str:
    """Return where a model is, such as "cpu"."""
    return next(model.parameters()).device.type


def pack(model: "PreTrainedModel", input_ids: Tensor, attention_mask: Tensor) -> Packed:
    """Pack a padded batch.

    Args:
        model: who is to run it.
        input_ids: (B, T) sub-words.
        attention_mask: (B, T) 0 for padding.
    """
    longest = input_ids.shape[1]
    columns = -(-longest // _COLUMNS) * _COLUMNS
    present = nn.functional.pad(attention_mask, (0, columns - longest)) != 0
    places = present.flatten().nonzero()[:, 0]
    length = -(-len(places) // _STEP) * _STEP
    pad = model.config.pad_token_id or 0
    first = pad + 1 if FAMILIES[model.config.model_type] else 0
    ids, positions = input_ids.new_full((1, length), pad), input_ids.new_full((1, length), first)
    ids[0, : len(places)] = input_ids[attention_mask != 0]
    positions[0, : len(places)] += places % columns
    layout = Layout.of(present, model.config.num_attention_heads)
    return Packed(ids, positions, layout, layout.bounds[:-1])


def attend(
    module: nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    scaling: float,
    dropout: float = 0.0,
    layout: Layout | None = None,
    **others: Any,
) -> tuple[Tensor, None]:
    """Attend within each row of a packed batch; transformers' own kernel does those that are not packed.

    Args:
        module: the attention layer.
        query: (1, heads, N, width), and so are `key` and `value`.
        key: see `query`.
        value: see `query`.
        attention_mask: None for a packed batch.
        scaling: factor of the products of queries and keys.
        dropout: share of attention that is dropped.
        layout: how the batch is packed; None: it is not.
        others: what transformers hands to every attention.

    Returns:
        (1, N, heads, width), and no attention weights.
    """
    if layout is None:
        from transformers.integrations.sdpa_attention import sdpa_attention_forward

        return sdpa_attention_forward(
            module, query, key, value, attention_mask, dropout=dropout, scaling=scaling, **others
        )
    if query.is_cuda:
        return varlen.attend(query, key, value, layout.bounds, layout.columns, scaling), None
    return _Attention.apply(query, key, value, layout, scaling, dropout), None  # type: ignore[no-untyped-call]


class _Attention(torch.autograd.Function):
    """softmax(scaling Q K^T) V with dropout, and its gradients, so that nothing is kept twice or copied for a view."""

    @staticmethod
    def forward(
        context: Any, query: Tensor, key: Tensor, value: Tensor, layout: Layout, scaling: float, dropout: float
    ) -> Tensor:
        length = query.shape[2]
        query, key, value = (layout.spread(part) for part in (query, key, value))
        size = len(query), layout.columns, layout.columns
        keep, factor = kept(size, dropout, query.dtype) if dropout else (None, 1.0)
        weights, result = query.new_empty(size), query.new_empty(query.shape)
        for rows, part in layout.parts():
            scores = torch.bmm(query[part], key[part].mT).view(-1, layout.heads, *size[1:])
            # in float32: torch's softmax of bfloat16 takes twice as long where rows are no multiple of 32
            found = torch.add(layout.mask[rows], scores, alpha=scaling).softmax(-1)
            dropped = weights[part] = found.view(-1, *size[1:]).to(query.dtype)
            if keep is not None:
                dropped = dropped * keep[part]
            torch.bmm(dropped, value[part], out=result[part])
        context.save_for_backward(query, key, value, weights, keep)
        context.rest = layout, scaling, factor, length
        return layout.pack(result.mul_(factor), length)

    @staticmethod
    @once_differentiable
    def backward(context: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        query, key, value, weights, keep = context.saved_tensors
        layout, scaling, factor, length = context.rest
        gradient = layout.spread(gradient.transpose(1, 2)).mul_(factor)
        wide = torch.promote_types(query.dtype, layout.mask.dtype)
        found = [query.new_empty(query.shape) for _ in range(3)]
        for _, part in layout.parts():
            scores, dropped = torch.bmm(gradient[part], value[part].mT), weights[part]
            if keep is not None:
                scores, dropped = scores.mul_(keep[part]), dropped * keep[part]
            # of softmax: each weight's gradient less the row's weighted mean of them, times the weight
            scores = torch._softmax_backward_data(scores.to(wide), weights[part].to(wide), -1, wide)
            scores = scores.mul_(scaling).to(query.dtype)
            torch.bmm(scores, key[part], out=found[0][part])
            torch.bmm(scores.mT, query[part], out=found[1][part])
            torch.bmm(dropped.mT, gradient[part], out=found[2][part])
        return *(layout.pack(each, length).transpose(1, 2) for each in found), None, None, None
