"""Measurement: what the machine can multiply, and how fast a tagger tags."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch

from xner.machine.hardware import Hardware
from xner.plugin.manager import Plugins
from xner.runs.components import Components
from xner.runs.loading import load_corpora
from xner.runs.mixing import configure
from xner.tagging.tagger import Tagger

_WIDTH = 2048
_TOKENS = 1024
_REPEATS = 20


def peaks(tagger: str) -> dict[str, Any]:
    """Return the best GFLOP/s of products in the type that xner's models run in.

    Args:
        tagger: a folder with a tagger; its layers give the shapes.

    Returns:
        "weights": those of the encoder without embeddings; "square" for matrices of "width"; "shapes_forward" for one
        layer's products on "tokens" rows; "shapes_training" for these and the two gradients' products of each.
    """
    loaded = Tagger.load(Path(tagger))
    kind = torch.bfloat16 if loaded.hardware.bf16 else torch.float32
    device = loaded.hardware.device
    weights = {name: weight for name, weight in loaded.model.base_model.named_parameters() if "embeddings" not in name}
    layer = [weight.shape for name, weight in weights.items() if weight.ndim == 2 and ".0." in name]
    forward, training = [], []
    for out, width in layer:
        there = _best((_TOKENS, width), (width, out), kind, device)
        down = _best((_TOKENS, out), (out, width), kind, device)
        across = _best((out, _TOKENS), (_TOKENS, width), kind, device)
        forward.append(there)
        training.append(there + down + across)
    operations = sum(2 * _TOKENS * out * width for out, width in layer)
    return {
        "type": str(kind).removeprefix("torch."),
        "weights": sum(weight.numel() for weight in weights.values()),
        "width": _WIDTH,
        "tokens": _TOKENS,
        "square": 2 * _WIDTH**3 / _best((_WIDTH, _WIDTH), (_WIDTH, _WIDTH), kind, device) / 1e9,
        "shapes_forward": operations / sum(forward) / 1e9,
        "shapes_training": 3 * operations / sum(training) / 1e9,
    }


def tagging(settings: Mapping[str, Any], tagger: str) -> dict[str, float]:
    """Return the seconds that a tagger takes for a run's target."""
    config = configure(Plugins.load(), settings)
    target = load_corpora(config, Components(Plugins.load(), config)).target
    loaded = Tagger.load(Path(tagger), Hardware.choose())
    started = time.perf_counter()
    for _ in loaded.tag(target):
        pass
    return {"seconds": time.perf_counter() - started}


def _best(first: tuple[int, int], second: tuple[int, int], kind: torch.dtype, device: torch.device) -> float:
    """Return the fewest seconds of a product of matrices of these shapes."""
    left, right = (torch.randn(shape, device=device).to(kind) for shape in (first, second))
    return min(_seconds(lambda: left @ right, device) for _ in range(_REPEATS))


def _seconds(work: Callable[[], Any], device: torch.device) -> float:
    started = time.perf_counter()
    work()
    if device.type == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - started
