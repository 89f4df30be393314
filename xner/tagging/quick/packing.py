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
    layout: "Layout"
    starts: Tensor

    def place(self, rows: Tensor, positions: Tensor) -> list[Tensor]:
        """Return where in the row sub-words are, by row and position in the batch."""
        return [torch.zeros_like(rows), self.starts[rows] + positions]


@dataclass(frozen=True)
class Layout:
    """How attention spreads a packed row out.

    Args:
        rows: B.
        columns: T, rounded up.
        places: (R,) the place, among B * T, of each sub-word that is no padding.
        absent: (B, 1, 1, T) true for padding.
        bounds: (B + 1,) where each row begins in the packed one, and where the last one ends.
    """

    rows: int
    columns: int
    places: Tensor
    absent: Tensor
    bounds: Tensor

    def spread(self, values: Tensor) -> Tensor:
        """Return (1, heads, N, width) as padded rows (B * heads, T, width), zero where there is padding."""
        heads, _, width = values.shape[1:]
        flat = values[0].transpose(0, 1).reshape(-1, heads * width)
        rows = flat.new_zeros(self.rows * self.columns, heads * width)
        rows.index_copy_(0, self.places, flat[: len(self.places)])
        parts = rows.view(self.rows, self.columns, heads, width).transpose(1, 2)
        return parts.reshape(self.rows * heads, self.columns, width)

    def pack(self, values: Tensor, length: int) -> Tensor:
        """Return padded rows (B * heads, T, width) as (1, N, heads, width), zero behind the sub-words."""
        width = values.shape[-1]
        parts = values.view(self.rows, -1, self.columns, width).transpose(1, 2)
        heads = parts.shape[2]
        flat = values.new_zeros(length, heads * width)
        flat[: len(self.places)] = parts.reshape(-1, heads * width)[self.places]
        return flat.view(1, length, heads, width)


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
    rows, longest = input_ids.shape
    columns = -(-longest // _COLUMNS) * _COLUMNS
    present = nn.functional.pad(attention_mask, (0, columns - longest)) != 0
    places = present.flatten().nonzero()[:, 0]
    length = -(-len(places) // _STEP) * _STEP
    pad = model.config.pad_token_id or 0
    first = pad + 1 if FAMILIES[model.config.model_type] else 0
    ids, positions = input_ids.new_full((1, length), pad), input_ids.new_full((1, length), first)
    ids[0, : len(places)] = input_ids[attention_mask != 0]
    positions[0, : len(places)] += places % columns
    sizes = attention_mask.sum(1)
    bounds = nn.functional.pad(sizes.cumsum(0), (1, 0))
    layout = Layout(rows, columns, places, ~present[:, None, None, :], bounds)
    return Packed(ids, positions, layout, bounds[:-1])


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
        scores = torch.bmm(query, key.mT).mul_(scaling)
        rows = scores.view(layout.rows, -1, layout.columns, layout.columns)
        weights = rows.masked_fill_(layout.absent, float("-inf")).softmax(-1).view_as(scores)
        keep, factor = kept(weights.shape, dropout) if dropout else (None, 1.0)
        dropped = weights if keep is None else (weights * keep).mul_(factor)
        context.save_for_backward(query, key, value, weights, keep, dropped)
        context.rest = layout, scaling, factor, length
        return layout.pack(torch.bmm(dropped, value), length)

    @staticmethod
    @once_differentiable
    def backward(context: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        query, key, value, weights, keep, dropped = context.saved_tensors
        layout, scaling, factor, length = context.rest
        gradient = layout.spread(gradient.transpose(1, 2))
        scores = torch.bmm(gradient, value.mT)
        if keep is not None:
            scores.mul_(keep).mul_(factor)
        # of softmax: each weight's gradient less the row's weighted mean of them, times the weight
        scores = (scores - (scores * weights).sum(-1, keepdim=True)).mul_(weights).mul_(scaling)
        parts = torch.bmm(scores, key), torch.bmm(scores.mT, query), torch.bmm(dropped.mT, gradient)
        return *(layout.pack(part, length).transpose(1, 2) for part in parts), None, None, None
