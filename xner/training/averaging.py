"""Averaged weights: the mean of a training's snapshots in place of its last step's weights."""

from typing import Any

import torch
from torch import nn
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

SNAPSHOTS = 10
"""So many snapshots, evenly spaced, the last of them at the last step (Schmidt et al. 2023)."""


class Average(nn.Module):
    """The running mean of the weights that are trained; it is part of a training's checkpoints, and so outlasts a kill.

    Args:
        weights: those that are trained.
    """

    def __init__(self, weights: list[nn.Parameter]) -> None:
        super().__init__()
        for number, weight in enumerate(weights):
            self.register_buffer(str(number), torch.zeros_like(weight))

    @torch.no_grad()
    def add(self, weights: list[nn.Parameter], count: int) -> None:
        """Take a snapshot into the mean: m_k = m_{k-1} + (w - m_{k-1}) / k.

        Args:
            weights: as they are now.
            count: k, how many there are with this one.
        """
        for mean, weight in zip(self.buffers(), weights, strict=True):
            mean.lerp_(weight, 1 / count)


class Averaging(TrainerCallback):
    """Takes the snapshots of a training.

    Args:
        objective: what is trained; its average becomes a part of it, and so of its checkpoints.
    """

    def __init__(self, objective: nn.Module) -> None:
        self.weights = trained(objective)
        self.average = objective.average = Average(self.weights)

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **unused: Any) -> None:
        """Take a snapshot where one is due."""
        if state.global_step in (steps := snapshots(state.max_steps)):
            self.average.add(self.weights, 1 + steps.index(state.global_step))


@torch.no_grad()
def put_average(objective: nn.Module) -> None:
    """Put the mean of the snapshots in place of the last step's weights.

    Args:
        objective: what was trained, with an `Averaging` beside it.
    """
    average = objective.average
    assert isinstance(average, Average)
    for mean, weight in zip(average.buffers(), trained(objective), strict=True):
        weight.copy_(mean)


def trained(objective: nn.Module) -> list[nn.Parameter]:
    """Return the weights that a training changes."""
    return [weight for weight in objective.parameters() if weight.requires_grad]


def snapshots(steps: int) -> list[int]:
    """Return after which steps of a training there is a snapshot; the last one is always among them.

    Args:
        steps: how many it has.
    """
    return sorted({-(-steps * number // SNAPSHOTS) for number in range(1, SNAPSHOTS + 1)})
