"""The one training loop: a `transformers.Trainer` that minimises any objective over words."""

import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.data import Sampler
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments
from transformers.trainer_callback import PrinterCallback

from xner.errors import XnerError
from xner.machine import processes
from xner.machine.progress import Progress
from xner.machine.stopping import Held, held
from xner.store.stages import SCRATCH
from xner.tagging.quick.dropout import quickened
from xner.tagging.tagger import Tagger
from xner.tagging.windows import FOLLOWING, MODEL_INPUTS
from xner.training.averaging import Averaging, put_average
from xner.training.batches import Order, TrainingData, collate_with_signals
from xner.training.checkpoints import EVAL_SCORE, Trial, load_changing, resting
from xner.training.objective import Objective
from xner.training.resilience.halving import halving
from xner.training.resilience.saving import WEIGHTS, Saving, last_checkpoint
from xner.training.settings import Rates, TrainingSettings
from xner.training.trackers import NOBODY, EpochMetrics, Trackers, write_curves
from xner.training.updates import Updates

_CHECKPOINT_SECONDS = 120
_FEW_STEPS = 100
"""Below this, teachers on real text learned little (docs/results-several-sources.md: 94 steps against 282)."""


@dataclass(frozen=True)
class Training:
    """One training: what learns, from what and how.

    Args:
        tagger: what learns.
        objective: the loss, with the tagger's model inside it.
        data: windows and signals.
        settings: epochs, batch size and so on.
        rates: the learning rates.
        seed: of the order of batches, of dropout and of the pairs.
        folder: where checkpoints go, and the scores of the epochs.
        progress: reports progress.
        trial: judges every epoch, and the best one's weights are kept; None: the last step's are.
        trackers: record losses, rates and scores.
        averaged: the mean of the snapshots' weights is kept, and not the last step's.
    """

    tagger: Tagger
    objective: Objective
    data: TrainingData
    settings: TrainingSettings
    rates: Rates
    seed: int
    folder: Path
    progress: Progress
    trial: Trial | None = None
    trackers: Trackers = NOBODY
    averaged: bool = False

    @property
    def checkpoints(self) -> Path:
        """The folder of its checkpoints."""
        return self.folder / SCRATCH


class _Loop(Saving):
    """The Trainer with xner's batches, parameter groups, loss and judge."""

    def __init__(self, training: Training, signals: Held) -> None:
        self.data, self.rates, self.trial = training.data, training.rates, training.trial
        self.objective: Objective = training.objective
        self.rest = resting(training.objective)
        dev: Any = self.trial and self.trial.dev.corpora  # the Trainer only asks whether there is something
        collator = partial(collate_with_signals, pad=training.tagger.tokenizer.pad_token_id or 0)
        args = _arguments(training)
        super().__init__(self.objective, args, train_dataset=self.data, eval_dataset=dev, data_collator=collator)
        self.remove_callback(PrinterCallback)
        self.updates = Updates(self.objective.updates(), args.max_grad_norm)
        self.add_callback(self.updates)
        self.add_callback(EpochMetrics(self, self.objective.epoch_metrics, training.progress))
        self.add_callback(_Report(training.progress, self.data.windows.words, signals))
        if training.averaged:
            self.add_callback(Averaging(self.objective))

    def _get_train_sampler(self, train_dataset: Any = None) -> Sampler[int]:
        batch = self.args.train_batch_size * self.args.world_size
        return Order(batch, self.data.windows.lengths, self.args.seed)

    def _prepare_inputs(self, inputs: dict[str, Any]) -> dict[str, Any]:
        own: dict[str, Tensor] = super()._prepare_inputs(inputs)
        alone = (*MODEL_INPUTS, *FOLLOWING)
        return {name: column if name in alone else processes.gathered(column) for name, column in own.items()}

    def create_optimizer(self, model: Any = None) -> torch.optim.Optimizer:
        groups = dict[tuple[bool, bool], list[Tensor]]()
        elsewhere = {id(weight) for update in self.updates.updates for weight in update.parameters}
        for name, weight in self.objective.named_parameters():
            if weight.requires_grad and (id(weight) not in elsewhere or name.startswith("model.")):
                groups.setdefault((weight.ndim > 1, name.startswith("model.classifier")), []).append(weight)
        self.optimizer = torch.optim.AdamW(
            [
                {
                    "params": weights,
                    "lr": self.rates.head if head else self.rates.encoder,
                    "weight_decay": self.args.weight_decay if matrix else 0.0,
                }
                for (matrix, head), weights in groups.items()
            ],
            fused=True,
        )
        return self.optimizer

    def compute_loss(
        self, model: nn.Module, inputs: dict[str, Any], return_outputs: bool = False, num_items_in_batch: Any = None
    ) -> Any:
        self.objective.step, self.updates.batch = self.state.global_step, inputs
        loss = model(inputs)
        if not loss.isfinite():
            raise XnerError(
                f"the loss of step {self.state.global_step + 1} is {loss.item()}; lower the learning rate "
                "(student.learning_rate, or that of the teacher), or test whether a plugin's gradients are finite"
            )
        return (loss, {}) if return_outputs else loss

    def evaluate(
        self, eval_dataset: Any = None, ignore_keys: list[str] | None = None, metric_key_prefix: str = "eval"
    ) -> dict[str, float]:
        assert self.trial is not None
        metrics = {EVAL_SCORE: self.trial.score(self.state.epoch or 0.0)}
        self.log(dict(metrics))
        self.control = self.callback_handler.on_evaluate(self.args, self.state, self.control, metrics)
        return metrics


class _Report(TrainerCallback):
    """Passes the Trainer's state on to the progress line, asks for a checkpoint every two minutes and at a signal."""

    def __init__(self, progress: Progress, words: int, signals: Held) -> None:
        self.progress, self.words, self.saved = progress, words, time.monotonic()
        self.signals, self.ending = signals, 0

    def on_train_begin(self, args: TrainingArguments, state: TrainerState, *unused: Any, **also_unused: Any) -> None:
        if state.best_global_step:  # the Trainer keeps the whole path, but since a kill the cache may have been moved
            state.best_model_checkpoint = str(Path(str(args.output_dir), f"checkpoint-{state.best_global_step}"))
        self.progress.go_on(state.global_step / state.max_steps, int(self.words * (state.epoch or 0)))
        if state.max_steps < _FEW_STEPS:
            steps = "1 step is" if state.max_steps == 1 else f"{state.max_steps} steps are"
            self.progress.say(f"{self.progress.title}: {steps} few; more epochs or sentences may help a lot")

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **unused: Any) -> None:
        self.progress.advance(state.global_step / state.max_steps, int(self.words * (state.epoch or 0)))
        if state.global_step == state.max_steps or (args.load_best_model_at_end and (state.epoch or 0) % 1 == 0):
            return  # the epoch is judged next, and a checkpoint of this step must hold its score
        overdue, self.ending = processes.agreed((self._overdue(), self.signals.number))
        if overdue or self.ending:
            self.saved = time.monotonic()
            control.should_save = True

    def on_save(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **unused: Any) -> None:
        if self.ending:
            self.signals.act(self.ending)

    def _overdue(self) -> bool:
        return time.monotonic() - self.saved > _CHECKPOINT_SECONDS

    def on_log(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **unused: Any) -> None:
        if "loss" in state.log_history[-1]:
            self.progress.loss(state.log_history[-1]["loss"])


def train(training: Training) -> None:
    """Minimise an objective, going on from the last checkpoint in the training's folder if there is one."""
    with held() as signals:
        state = _trained(training, signals)
    if training.averaged:
        put_average(training.objective)
    if not processes.first():
        return
    write_curves(training.folder, state.log_history)
    if training.trial:
        training.trial.record(training.folder, state.log_history, state.best_global_step)


def _trained(training: Training, signals: Held) -> TrainerState:
    """Return the Trainer's state after the last step."""
    loop, tagger = _Loop(training, signals), training.tagger
    if told := training.settings.told(len(training.data)):
        training.progress.say(f"{training.progress.title}: {told}")
    device = tagger.hardware.device
    last, state = last_checkpoint(training.checkpoints)
    if last and state.global_step >= state.max_steps:
        # killed after the last step, which was the best; the Trainer would do one more
        load_changing(loop.objective, loop.rest, last / WEIGHTS)
    else:
        following = training.trackers.follow(loop, training.progress.title, state.global_step)
        fits = halving(training.folder, training.settings.batch_size)
        with fits, quickened(tagger.model, device), following:
            loop.train(resume_from_checkpoint=str(last) if last else None)
        state = loop.state
    return state


def _arguments(training: Training) -> TrainingArguments:
    settings, judged = training.settings, training.trial is not None
    device = training.tagger.hardware.device.type
    loaders = _loaders(device)
    return TrainingArguments(
        output_dir=str(training.checkpoints),
        num_train_epochs=settings.passes(len(training.data)),
        per_device_train_batch_size=max(1, settings.batch_size // processes.state().num_processes),
        learning_rate=training.rates.encoder,
        lr_scheduler_type="linear" if settings.schedule == "linear" else "constant_with_warmup",
        warmup_steps=settings.warmup,
        max_grad_norm=settings.max_grad_norm,
        weight_decay=settings.weight_decay,
        seed=training.seed,
        use_cpu=device == "cpu",
        eval_strategy="epoch" if judged else "no",
        save_strategy="best" if judged else "no",  # _Report asks for more checkpoints, by the clock
        load_best_model_at_end=judged,
        metric_for_best_model=EVAL_SCORE if judged else None,
        greater_is_better=True,
        logging_steps=10,
        logging_nan_inf_filter=False,
        report_to="none",  # trackers.follow
        disable_tqdm=True,
        log_level_replica="passive",
        ddp_find_unused_parameters=False,
        ddp_static_graph=True,  # a teacher need not use its tag head, and the graph is not searched in every step
        remove_unused_columns=False,
        dataloader_num_workers=loaders,
        dataloader_pin_memory=device != "cpu",
        accelerator_config={"non_blocking": loaders > 0},
    )


def _loaders(device: str) -> int:
    """Return how many processes prepare the next batches: a GPU is not to wait for them; a CPU would only be shared."""
    return 2 if device == "cuda" else 0
