"""Training on a CPU: what costs time there beside the matrix products is made cheap while a model learns."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel


class ByteDropout(nn.Dropout):
    """Dropout with one random byte a value; torch's own draws a double for each, which takes longer than a layer.

    The probability is rounded to a multiple of 1/256.
    """

    def forward(self, values: Tensor) -> Tensor:
        """Return the values, some of them zero, the others larger, with the same mean."""
        dropped = round(256 * self.p)
        if not (self.training and dropped):
            return values
        words = torch.empty(-(-values.numel() // 8), dtype=torch.int64).random_(-(2**63), None)
        draws = words.view(torch.uint8)[: values.numel()].view(values.shape)
        return values * (draws >= dropped).to(values.dtype).mul_(256 / max(1, 256 - dropped))


@contextmanager
def quickened(model: PreTrainedModel, device: torch.device) -> Iterator[None]:
    """Let a model learn faster on a CPU, and leave it as it was; on a GPU nothing changes.

    Dropout takes bytes; attention is computed as it is written, since torch's kernel for it does the same where there
    is dropout, with more copies.

    Args:
        model: what learns.
        device: where.
    """
    with ExitStack() as undo:
        if device.type == "cpu":
            undo.callback(model.set_attn_implementation, model.config._attn_implementation)
            model.set_attn_implementation("eager")
            for parent in list(model.modules()):
                for name, child in list(parent.named_children()):
                    if type(child) is nn.Dropout:
                        undo.callback(setattr, parent, name, child)
                        setattr(parent, name, ByteDropout(child.p).train(child.training))
        yield
