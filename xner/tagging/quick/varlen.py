"""Packed batches on a GPU: attention by torch's kernel for rows of any length, which spreads nothing out.

It multiplies in half precision and has no dropout, so it serves where a tagger tags; while one learns, batches
are padded.
No GPU has run this; the tests hold it on a CPU against attention row by row.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

_HALF = (torch.bfloat16, torch.float16)


def kernel() -> Callable[..., Any] | None:
    """Return torch's kernel; None where torch is older than it."""
    try:
        from torch.nn.attention.varlen import varlen_attn
    except ImportError:
        return None
    return varlen_attn


def serves(model: nn.Module) -> bool:
    """Whether the kernel can do what a model is doing now.

    Args:
        model: on a GPU.
    """
    half = next(model.parameters()).dtype in _HALF or torch.is_autocast_enabled("cuda")
    dropping = model.training and getattr(model.config, "attention_probs_dropout_prob", 0.0) > 0
    return half and not dropping and kernel() is not None


def attend(query: Tensor, key: Tensor, value: Tensor, bounds: Tensor, longest: int, scaling: float) -> Tensor:
    """Attend within each row of a packed batch.

    Args:
        query: (1, heads, N, width), and so are `key` and `value`; N may be more than the rows fill.
        key: see `query`.
        value: see `query`.
        bounds: (B + 1,) where each of the B rows begins, and where the last one ends.
        longest: length of the longest row, or more.
        scaling: factor of the products of queries and keys.

    Returns:
        (1, N, heads, width), zero behind the rows.
    """
    run = kernel()
    assert run is not None  # see `serves`
    filled, ends = int(bounds[-1]), bounds.to(torch.int32)
    rows = [part[0].transpose(0, 1) for part in (query, key, value)]
    result = torch.zeros_like(rows[0], memory_format=torch.contiguous_format)
    parts = (row[:filled].contiguous() for row in rows)
    result[:filled] = run(*parts, ends, ends, longest, longest, scale=scaling)
    return result[None]
