"""Students as ONNX: the graph of a model, written for ONNX Runtime and compared with the model."""

import logging
import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

from xner.errors import XnerError, require
from xner.using.exported import EXTRA, MODEL, Session

_INPUTS = ("input_ids", "attention_mask")
LIBRARIES = ("onnx", "onnxruntime", "onnxscript")
"""What writing needs of that."""
_OPSET = 23  # the first in which attention is one operator
_PROTOBUF_BYTES = 2**31 - 2**24
"""Weights beyond this do not fit into one protobuf file; they go into a second file next to it."""


class RowScaled(nn.Module):
    """A linear layer that divides every row of its input by its largest magnitude, and multiplies its output by it.

    The result is the same. But one scale is found for the whole input when it is quantized, and without this the few
    words with huge activations, such as the first special token, would leave no steps for all the others.
    """

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        self.linear = linear

    def forward(self, x: Tensor) -> Tensor:
        """Return (..., out) for x (..., in)."""
        scale = x.abs().amax(-1, keepdim=True).clamp(min=1e-6)
        product = nn.functional.linear(x / scale, self.linear.weight) * scale
        return product if self.linear.bias is None else product + self.linear.bias


def write(model: PreTrainedModel, folder: Path, int8: bool) -> None:
    """Write the graph of a model, and check that it computes what the model computes.

    Args:
        model: on the CPU, in float32; it is not to be used any more.
        folder: where to.
        int8: weights of 8 bits, the word embeddings' as well, and integer matrix products.

    Raises:
        XnerError: the model cannot be expressed in ONNX.
    """
    model.eval()
    other_shape = _example(model, rows=3, longest=5)
    with torch.inference_mode():
        expected = model(**other_shape).logits
    if int8:
        _scale_rows(model)
    large = sum(weight.nbytes for weight in model.parameters()) > _PROTOBUF_BYTES
    whole = folder / "fp32" / MODEL if int8 else folder / MODEL
    whole.parent.mkdir(exist_ok=True)
    with _quiet():
        _trace(model, whole, large)
        seen = other_shape["attention_mask"].bool()
        found = Session(whole).scores(*(other_shape[name].numpy() for name in _INPUTS))
        _compare(torch.from_numpy(found)[seen], expected[seen], type(model).__name__)
        if int8:
            require(EXTRA, "onnxruntime.quantization").quantize_dynamic(
                whole,
                folder / MODEL,
                op_types_to_quantize=["MatMul", "Gather"],  # Gather: the embeddings
                per_channel=True,
                use_external_data_format=large,
            )
            shutil.rmtree(whole.parent)


def _compare(found: Tensor, expected: Tensor, model: str) -> None:
    if not torch.allclose(found, expected, rtol=1e-3, atol=1e-3):
        raise XnerError(
            f"ONNX Runtime {version('onnxruntime')} does not compute what {model} does: a tag score is off by "
            f"{(found - expected).abs().max():.2g}; keep the student in PyTorch, or try other versions of torch and "
            "onnxruntime"
        )


def _trace(model: PreTrainedModel, file: Path, large: bool) -> None:
    """Write a graph of a model that takes batches of any size."""
    axes = {0: "batch", 1: "sequence"}
    try:
        torch.onnx.export(
            model,
            kwargs=_example(model, rows=2, longest=8),
            f=file,
            input_names=list(_INPUTS),
            output_names=["logits"],
            dynamic_shapes={"input_ids": axes, "attention_mask": axes},
            opset_version=_OPSET,
            external_data=large,
            dynamo=True,  # of graphs of the older exporter, ONNX Runtime 1.31 computes something else
            verbose=False,
        )
    except torch.onnx.OnnxExporterError as error:
        reason = str(error.__cause__ or error).partition("\n")[0]
        raise XnerError(f"{type(model).__name__} cannot be exported to ONNX: {reason}; keep it in PyTorch") from error


def _example(model: PreTrainedModel, rows: int, longest: int) -> dict[str, Tensor]:
    """Return a batch in which all rows but the first end with padding."""
    words = torch.arange(rows * longest).reshape(rows, longest) % model.config.vocab_size
    mask = torch.ones_like(words)
    mask[1:, longest // 2 + 1 :] = 0
    return {"input_ids": words, "attention_mask": mask}


def _scale_rows(model: PreTrainedModel) -> None:
    """Scale the rows that go into the feed-forward layers, where the huge activations are; attention's are square."""
    linear = {name: module for name, module in model.named_modules() if isinstance(module, nn.Linear)}
    for name, module in linear.items():
        if module.in_features != module.out_features:
            model.set_submodule(name, RowScaled(module))


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence the libraries' logs and warnings."""
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(logging.NOTSET)
