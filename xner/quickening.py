"""Training on a CPU: what costs time there beside the matrix products is made cheap while a model learns."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

from xner.hardware import Hardware


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
def quickened(model: PreTrainedModel, hardware: Hardware) -> Iterator[None]:
    """Let a model learn faster on a CPU, and leave it as it was; on a GPU nothing changes.

    Dropout takes bytes; attention is computed as it is written, since torch's kernel for it does so too where there
    is dropout, with more copies; with bfloat16, layers hand it on rather than float32.

    Args:
        model: what learns.
        hardware: where.
    """
    with ExitStack() as undo:
        if hardware.device.type == "cpu":
            undo.callback(model.set_attn_implementation, model.config._attn_implementation)
            model.set_attn_implementation("eager")
            for parent in list(model.modules()):
                for name, child in list(parent.named_children()):
                    if isinstance(child, nn.Dropout):
                        undo.callback(setattr, parent, name, child)
                        setattr(parent, name, ByteDropout(child.p))
            embeddings = getattr(model.base_model, "embeddings", None)
            if hardware.bf16 and isinstance(embeddings, nn.Module):
                undo.callback(embeddings.register_forward_hook(_lower).remove)
        yield


def _lower(module: nn.Module, inputs: object, output: object) -> object:
    return output.bfloat16() if isinstance(output, Tensor) else output
