"""Training on a CPU: what costs time there beside the matrix products is made cheap while a model learns."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from math import prod
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from transformers import PreTrainedModel


def kept(shape: Sequence[int], dropout: float, dtype: torch.dtype) -> tuple[Tensor, float]:
    """Draw what dropout keeps, one random byte a value; torch's own draws a double, which takes longer than a layer.

    Bytes are compared in place and then converted, since torch is several times slower with booleans.

    Args:
        shape: of the values.
        dropout: the share that is dropped, rounded to a multiple of 1/256.
        dtype: of the result.

    Returns:
        a tensor of that shape, 1 for what is kept and 0 for the rest; and the factor that keeps the mean.
    """
    dropped, size = round(256 * dropout), prod(shape)
    words = torch.empty(-(-size // 8), dtype=torch.int64).random_(-(2**63), None)
    drawn = words.view(torch.uint8)[:size].view(shape)
    return torch.ge(drawn, dropped, out=drawn).to(dtype), 256 / max(1, 256 - dropped)


class ByteDropout(nn.Dropout):
    """Dropout by `kept`."""

    def forward(self, values: Tensor) -> Tensor:
        """Return the values, some of them zero, the others larger, with the same mean."""
        if not (self.training and round(256 * self.p)):
            return values
        keep, factor = kept(values.shape, self.p, values.dtype)
        return values * keep.mul_(factor)


@contextmanager
def quickened(model: "PreTrainedModel", device: torch.device) -> Iterator[None]:
    """Let a model learn faster on a CPU, and leave it as it was; on a GPU nothing changes.

    Dropout takes bytes; attention, where it is torch's kernel, is computed as it is written, since the kernel does the
    same where there is dropout, with more copies.

    Args:
        model: what learns.
        device: where.
    """
    with ExitStack() as undo:
        if device.type == "cpu":
            if model.config._attn_implementation == "sdpa":
                undo.callback(model.set_attn_implementation, "sdpa")
                model.set_attn_implementation("eager")
            for parent in list(model.modules()):
                for name, child in list(parent.named_children()):
                    if type(child) is nn.Dropout:
                        undo.callback(setattr, parent, name, child)
                        setattr(parent, name, ByteDropout(child.p).train(child.training))
        yield
