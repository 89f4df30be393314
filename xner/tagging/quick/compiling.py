"""Layers compiled by torch.compile, with which a GPU may be quicker."""

from torch import nn

from xner.errors import UsageError


def compile_layers(model: nn.Module, backend: str = "inductor") -> None:
    """Compile the layers of an encoder in place, each when it first runs; names and values of weights stay as they are.

    Layers are compiled apart, since they all share one compilation, and what lies around them does not compile.

    Args:
        model: the model.
        backend: torch.compile's.

    Raises:
        UsageError: it has no list of layers.
    """
    found = [part for part in model.modules() if isinstance(part, nn.ModuleList)]
    lists = [part for part in found if len({type(layer) for layer in part}) == 1]
    if not lists:
        raise UsageError(f"{type(model).__name__} has no list of layers that could be compiled; leave compile out")
    for layer in max(lists, key=len):
        layer.compile(dynamic=True, backend=backend)
