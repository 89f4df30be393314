"""Further updates of a training's step, each with an optimizer of its own."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from xner.errors import UsageError, XnerError
from xner.machine import processes

Groups = list[dict[str, Any]]
_FILE = "updates.pt"


@dataclass(frozen=True)
class Update:
    """One more update of every step, after the training's own.

    It is how adversaries learn: an objective's `updates` say whose loss moves which weights. No other weight moves, and
    no gradient is left behind.

    Args:
        name: what it is called in messages.
        parameters: the weights that it moves, less the frozen ones; those outside the tagger's model are moved by
            updates alone.
        rate: highest learning rate; it rises and falls with the training's, and gradients are clipped as there.
        loss: from the step's batch to the loss; the objective's `step` is the number of the step.
        weight_decay: AdamW's, of matrices.
    """

    name: str
    parameters: Sequence[nn.Parameter]
    rate: float
    loss: Callable[[Mapping[str, Tensor]], Tensor]
    weight_decay: float = 0.0


@dataclass(eq=False)
class Updates(TrainerCallback):
    """The further updates of one training, in their order, and their optimizers.

    As a callback it comes before those that look at a step's weights, which are what all updates made of them.

    Args:
        updates: what the objective asks for.
        max_grad_norm: the gradients of each are clipped to it; 0: never.
        batch: the step's, for their losses.

    Raises:
        UsageError: all weights of an update are frozen.
    """

    updates: Sequence[Update]
    max_grad_norm: float
    batch: Mapping[str, Tensor] = field(default_factory=dict)
    _optimizers: Sequence[torch.optim.Optimizer] = field(init=False)

    def __post_init__(self) -> None:
        for update in self.updates:
            if not _learning(update):
                raise UsageError(f"all weights of the update '{update.name}' are frozen; freeze fewer layers (freeze)")
        self._optimizers = [
            torch.optim.AdamW(decaying(_learning(update), update.weight_decay), lr=update.rate, fused=True)
            for update in self.updates
        ]

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **given: Any) -> None:
        """Do all updates of the step that has just been counted."""
        step = state.global_step - 1
        self.run(step, given["lr_scheduler"].lr_lambdas[0](step))

    def run(self, step: int, factor: float) -> None:
        """Do all updates of a step.

        Args:
            step: its number, from 0.
            factor: what the schedule makes of the rates in this step.

        Raises:
            XnerError: a loss is not finite.
        """
        for update, optimizer in zip(self.updates, self._optimizers, strict=True):
            reached = _differentiated(update, self.batch, step)
            if self.max_grad_norm:
                nn.utils.clip_grad_norm_(reached, self.max_grad_norm)
            for group in optimizer.param_groups:
                group["lr"] = update.rate * factor
            optimizer.step()
            optimizer.zero_grad()

    def save(self, checkpoint: Path) -> None:
        """Write the optimizers into a checkpoint's folder, if there are any."""
        if self._optimizers:
            torch.save([optimizer.state_dict() for optimizer in self._optimizers], checkpoint / _FILE)

    def load(self, checkpoint: Path) -> None:
        """Go on with the optimizers that `save` wrote."""
        if self._optimizers:
            states = torch.load(checkpoint / _FILE, map_location="cpu", weights_only=True)
            for optimizer, state in zip(self._optimizers, states, strict=True):
                optimizer.load_state_dict(state)


def decaying(weights: Sequence[nn.Parameter], weight_decay: float) -> Groups:
    """Return groups of weights for an optimizer: matrices decay; biases and the weights of norms do not.

    Args:
        weights: all of them.
        weight_decay: of matrices.
    """
    matrices, others = ([w for w in weights if (w.ndim > 1) == matrix] for matrix in (True, False))
    groups = ((matrices, weight_decay), (others, 0.0))
    return [{"params": members, "weight_decay": decay} for members, decay in groups if members]


def _learning(update: Update) -> list[nn.Parameter]:
    return [weight for weight in update.parameters if weight.requires_grad]


def _differentiated(update: Update, batch: Mapping[str, Tensor], step: int) -> list[nn.Parameter]:
    """Return the weights that the loss depends on, each with its gradient, which is the same in all processes."""
    loss = update.loss(batch)
    if not loss.isfinite():
        raise XnerError(f"the loss of the update '{update.name}' in step {step + 1} is {loss.item()}; lower its rate")
    weights = _learning(update)
    # not loss.backward(), which leaves gradients with other weights and calls the hooks of the data-parallel wrapper
    found = torch.autograd.grad(loss, weights, allow_unused=True)
    reached = [weight for weight, gradient in zip(weights, found, strict=True) if gradient is not None]
    gradients = processes.averaged([gradient for gradient in found if gradient is not None])
    for weight, gradient in zip(reached, gradients, strict=True):
        weight.grad = gradient
    return reached
