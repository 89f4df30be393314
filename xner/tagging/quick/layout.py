"""Where the sub-words of a packed row stand in the padded rows of attention, and how they get there and back."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn

_WEIGHTS = 2**18
"""So many weights of attention are computed at once: with what belongs to them they fill the second cache."""


@dataclass(frozen=True)
class Layout:
    """How attention spreads a packed row of R sub-words out to B rows of T places.

    Args:
        rows: B.
        columns: T.
        heads: of attention.
        origins: (B * T,) the place in the packed row of what stands at each place; 0 for padding.
        absent: (B * T - R,) the places of padding.
        pieces: (R * heads,) for each sub-word the rows of its heads in (B * heads * T, width).
        mask: (B, 1, 1, T) minus infinity for padding, 0 elsewhere.
        bounds: (B + 1,) where each row begins in the packed one, and where the last one ends.
    """

    rows: int
    columns: int
    heads: int
    origins: Tensor
    absent: Tensor
    pieces: Tensor
    mask: Tensor
    bounds: Tensor

    @classmethod
    def of(cls, present: Tensor, heads: int) -> "Layout":
        """Return the layout of a batch.

        Args:
            present: (B, T) false for padding.
            heads: of attention.
        """
        (rows, columns), flat, device = present.shape, present.flatten(), present.device
        places, absent = flat.nonzero()[:, 0], (~flat).nonzero()[:, 0]
        origins = torch.zeros(len(flat), dtype=torch.int64, device=device)
        origins[places] = torch.arange(len(places), device=device)
        first = places + places // columns * (heads - 1) * columns
        pieces = first[:, None] + torch.arange(heads, device=device) * columns
        mask = torch.zeros(rows, 1, 1, columns, device=device).masked_fill_(~present[:, None, None], -torch.inf)
        bounds = nn.functional.pad(present.sum(1).cumsum(0), (1, 0))
        return cls(rows, columns, heads, origins, absent, pieces.flatten(), mask, bounds)

    def parts(self) -> Iterator[tuple[slice, slice]]:
        """Yield the batch in parts whose attention weights stay in a processor's cache: rows, and rows of heads."""
        size = max(1, _WEIGHTS // (self.heads * self.columns**2))
        for first in range(0, self.rows, size):
            last = min(first + size, self.rows)
            yield slice(first, last), slice(first * self.heads, last * self.heads)

    def spread(self, values: Tensor) -> Tensor:
        """Return (1, heads, N, width) as padded rows (B * heads, T, width), zero where there is padding."""
        width = values.shape[-1]
        flat = values[0].transpose(0, 1).reshape(-1, self.heads * width)
        rows = flat.index_select(0, self.origins).index_fill_(0, self.absent, 0)
        parts = rows.view(self.rows, self.columns, self.heads, width).transpose(1, 2)
        return parts.reshape(-1, self.columns, width)

    def pack(self, values: Tensor, length: int) -> Tensor:
        """Return padded rows (B * heads, T, width) as (1, N, heads, width), zero behind the sub-words."""
        width = values.shape[-1]
        packed = values.new_empty(length * self.heads, width)
        size = len(self.pieces)
        torch.index_select(values.view(-1, width), 0, self.pieces, out=packed[:size])
        packed[size:] = 0
        return packed.view(1, length, self.heads, width)
