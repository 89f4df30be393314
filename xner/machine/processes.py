"""One run on several processes, as torchrun and `accelerate launch` start them; with one, nothing here costs time."""

import atexit
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

import torch
from torch import Tensor, distributed

if TYPE_CHECKING:  # what only tags is one process
    from accelerate import PartialState

Item = TypeVar("Item")


def state() -> "PartialState":
    """Return the process's rank and their number; the first call joins the group that the launcher's variables name."""
    from accelerate import PartialState

    joined = PartialState(cpu=not torch.cuda.is_available())
    if joined.num_processes > 1:
        _leave_at_exit()
    return joined


@cache
def _leave_at_exit() -> None:
    """Let the process leave its group before it ends; otherwise gloo's threads sometimes abort it."""
    from accelerate import PartialState

    atexit.register(PartialState().destroy_process_group)


def first() -> bool:
    """Whether this process is the one that writes and prints."""
    return bool(state().is_main_process)


def wait() -> None:
    """Wait until all processes are here."""
    state().wait_for_everyone()


def agreed(value: Item) -> Item:
    """Return the first process's value, in all of them.

    Args:
        value: anything that can be pickled.
    """
    if state().num_processes == 1:
        return value
    from accelerate.utils import broadcast_object_list

    values = [value]
    broadcast_object_list(values)
    return values[0]


def share(number: int) -> range:
    """Return the numbers, of 0 to `number` - 1, that this process works on: each takes every n-th."""
    return range(state().process_index, number, state().num_processes)


def collected(items: Sequence[Item], number: int) -> list[Item]:
    """Put the results of all processes into one list, in all of them.

    Args:
        items: this process's results, one for each of `share(number)`.
        number: how many results there are in all.
    """
    if state().num_processes == 1:
        return list(items)
    from accelerate.utils import gather_object

    numbered: list[Any] = gather_object(list(zip(share(number), items, strict=True)))
    return [item for _, item in sorted(numbered, key=lambda pair: pair[0])]


def gathered(values: Tensor) -> Tensor:
    """Put the rows of all processes below each other, in their order, so that gradients flow back through it.

    Args:
        values: (rows of this process, ...); the number of rows may differ between processes.

    Returns:
        (rows of all processes, ...), the same in every process.
    """
    if state().num_processes == 1:
        return values
    sizes = [torch.zeros(1, dtype=torch.int64, device=values.device) for _ in range(state().num_processes)]
    distributed.all_gather(sizes, torch.tensor([len(values)], device=values.device))
    result: Tensor = _Gather.apply(values, [int(size) for size in sizes])  # type: ignore[no-untyped-call]
    return result


def averaged(values: Sequence[Tensor]) -> list[Tensor]:
    """Return the means of tensors over all processes, such as gradients of a loss of `gathered` rows.

    Args:
        values: of the same shapes in every process.
    """
    number = state().num_processes
    if number == 1:
        return list(values)
    means = [value.contiguous() for value in values]
    for mean in means:
        distributed.all_reduce(mean)
    return [mean / number for mean in means]


class _Gather(torch.autograd.Function):
    """All processes compute the same loss of all rows.

    So a row's gradient is summed over the processes; the data-parallel wrapper divides it by their number again.
    """

    @staticmethod
    def forward(context: Any, values: Tensor, sizes: list[int]) -> Tensor:
        context.sizes = sizes
        padded = values.new_zeros((max(sizes), *values.shape[1:]))
        padded[: len(values)] = values
        parts = [torch.empty_like(padded) for _ in sizes]
        distributed.all_gather(parts, padded)
        return torch.cat([part[:size] for part, size in zip(parts, sizes, strict=True)])

    @staticmethod
    def backward(context: Any, gradient: Tensor) -> tuple[Tensor, None]:
        gradient = gradient.contiguous()
        distributed.all_reduce(gradient)
        return gradient.split(context.sizes)[state().process_index], None
