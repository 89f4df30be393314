"""Measurement: MTMT's student as a plain reading of Li et al. (2022) would train it, step by step."""

import random
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy, cosine_similarity, cross_entropy
from transformers import PreTrainedModel, get_linear_schedule_with_warmup, set_seed

from tests.scored import score
from xner.machine.hardware import Hardware
from xner.plugin.manager import Plugins
from xner.runs.components import Components
from xner.runs.loading import RunCorpora, load_corpora
from xner.runs.mixing import configure
from xner.students.settings import StudentSettings
from xner.tagging.tagger import Tagger
from xner.tagging.windows import Window

_MAX_LENGTH = 128


class Side(NamedTuple):
    """One sentence of each pair of a batch, and the place of the word that was drawn from it."""

    inputs: Mapping[str, Tensor]
    places: Tensor


def distill(settings: Mapping[str, Any], recognizer: str, evaluator: str, steps: int, pairs: int) -> dict[str, float]:
    """Train a student that starts from the recognizer.

    Args:
        settings: of the run, by dotted name; its target, the student's rate, warm-up and decay, and its seed are used.
        recognizer: folder of the teacher that tags.
        evaluator: folder of the teacher that compares.
        steps: how many batches.
        pairs: sentence pairs in each.

    Returns:
        "seconds" of the training; "sentences_per_second" after the first step; "f1" on the test split, and "f1_before".
    """
    config = configure(Plugins.load(), settings)
    data = load_corpora(config, Components(Plugins.load(), config))
    set_seed(config.seed)
    float32 = Hardware.choose("fp32")
    student, teacher, judge = (Tagger.load(Path(folder), float32) for folder in (recognizer, recognizer, evaluator))
    before = _f1(student, data)
    windows, draw, pad = _windows(student, data), random.Random(config.seed), student.tokenizer.pad_token_id or 0
    optimizer, schedule = _optimizer(student.model, config.student, steps)
    student.model.train(), teacher.model.eval(), judge.model.eval()
    times = [time.perf_counter()]
    for _ in range(steps):
        loss = pair_loss(student.model, teacher.model, judge.model, *_batch(windows, pairs, draw, pad))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        times.append(time.perf_counter())
    rate = 2 * pairs * (steps - 1) / (times[-1] - times[1])
    after = _f1(student, data)
    return {"seconds": times[-1] - times[0], "sentences_per_second": rate, "f1": after, "f1_before": before}


def _optimizer(
    model: PreTrainedModel, settings: StudentSettings, steps: int
) -> tuple[torch.optim.Optimizer, torch.optim.lr_scheduler.LRScheduler]:
    assert settings.learning_rate is not None
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=settings.learning_rate, weight_decay=settings.weight_decay, fused=True
    )
    return optimizer, get_linear_schedule_with_warmup(optimizer, round(settings.warmup * steps), steps)


def _windows(tagger: Tagger, data: RunCorpora) -> list[Window]:
    """Return the first window of each sentence, cut into sub-words as xner does; it does not count as training."""
    first = {window.sentence: window for window in reversed(list(tagger.windower.windows(data.target)))}
    return list(first.values())


def pair_loss(
    student: PreTrainedModel, recognizer: PreTrainedModel, evaluator: PreTrainedModel, left: Side, right: Side
) -> Tensor:
    """Return the mean of gamma (alpha_i l_i + alpha_j l_j + beta s) over a batch of word pairs (section 3.3)."""
    with torch.no_grad():
        p_i, p_j = (_read(recognizer, side)[1].softmax(-1) for side in (left, right))
        t = _similarity(_read(evaluator, left)[0], _read(evaluator, right)[0])
        alpha_i, alpha_j = p_i.max(-1).values ** 2, p_j.max(-1).values ** 2
        beta = (2 * t - 1) ** 2
        gamma = 1 - (_similarity(p_i, p_j) - t).abs()
    (h_i, q_i), (h_j, q_j) = _read(student, left), _read(student, right)
    l_i, l_j = cross_entropy(q_i, p_i, reduction="none"), cross_entropy(q_j, p_j, reduction="none")
    s = binary_cross_entropy(_similarity(h_i, h_j), t, reduction="none")
    return (gamma * (alpha_i * l_i + alpha_j * l_j + beta * s)).mean()


def _similarity(first: Tensor, second: Tensor) -> Tensor:
    return torch.sigmoid(cosine_similarity(first, second, dim=-1))


def _read(model: PreTrainedModel, side: Side) -> tuple[Tensor, Tensor]:
    """Return the last hidden states and the tag scores of the drawn words."""
    output = model(**side.inputs, output_hidden_states=True)
    rows = torch.arange(len(side.places), device=side.places.device)
    return output.hidden_states[-1][rows, side.places], output.logits[rows, side.places]


def _batch(windows: Sequence[Window], pairs: int, draw: random.Random, pad: int) -> tuple[Side, Side]:
    """Draw pairs of sentences, and a word of each."""
    left, right = zip(*(draw.sample(windows, 2) for _ in range(pairs)), strict=True)
    return _side(left, draw, pad), _side(right, draw, pad)


def _side(windows: Sequence[Window], draw: random.Random, pad: int) -> Side:
    inputs = torch.full((len(windows), _MAX_LENGTH), pad)
    for row, window in zip(inputs, windows, strict=True):
        row[: len(window.input_ids)] = torch.from_numpy(window.input_ids)
    mask = torch.arange(_MAX_LENGTH) < torch.tensor([len(window.input_ids) for window in windows])[:, None]
    places = torch.tensor([draw.choice(window.positions.tolist()) for window in windows])
    device = Hardware.choose("fp32").device
    return Side({"input_ids": inputs.to(device), "attention_mask": mask.long().to(device)}, places.to(device))


def _f1(tagger: Tagger, data: RunCorpora) -> float:
    assert data.test is not None
    predicted = [prediction.tags for prediction in tagger.tag(data.test)]
    return score([s.tags or [] for s in data.test], predicted, str(data.test)).overall.f1
