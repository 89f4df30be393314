"""Students as ONNX: written for ONNX Runtime, and run by it in place of the PyTorch model."""

import logging
import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import cast

import torch
from torch import Tensor, nn
from transformers import AutoConfig, AutoTokenizer, PreTrainedModel
from transformers.modeling_outputs import TokenClassifierOutput

from xner.decoding.noted import noted_decoder
from xner.errors import DataError, XnerError, require
from xner.machine.hardware import Hardware
from xner.tagging.classes import Wanted, read_as
from xner.tagging.tagger import Tagger, chosen_on_of

MODEL = "model.onnx"
"""The file by which a folder is known to hold an exported student."""
EXTRA = "onnx"
"""What is installed for it."""
LIBRARIES = ("onnx", "onnxruntime", "onnxscript")
"""What writing needs of that."""
_OPSET = 23  # the first in which attention is one operator
_PROTOBUF_BYTES = 2**31 - 2**24
"""Weights beyond this do not fit into one protobuf file; they go into a second file next to it."""
_SLOW_FUSIONS = ("SkipLayerNormFusion", "BiasGeluFusion")
"""On a CPU, these fused operators are slower than those that they replace."""


class OnnxModel(nn.Module):
    """A session of ONNX Runtime that is called like a token-classification model of transformers.

    Args:
        file: the graph, with the inputs `input_ids` and `attention_mask` and the output `logits`.
    """

    def __init__(self, file: Path) -> None:
        super().__init__()
        runtime = require(EXTRA, "onnxruntime")
        options = runtime.SessionOptions()
        options.intra_op_num_threads = torch.get_num_threads()
        options.log_severity_level = 3  # errors only
        providers = ["CPUExecutionProvider"]
        self._session = runtime.InferenceSession(str(file), options, providers, disabled_optimizers=_SLOW_FUSIONS)

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor, output_hidden_states: bool = False, return_dict: bool = True
    ) -> TokenClassifierOutput:
        """Return the tag scores of each sub-word; there are no hidden states, so they have the width 0.

        Args:
            input_ids: (B, longest) sub-words.
            attention_mask: (B, longest) 1 where there is one.
            output_hidden_states: as in transformers; without effect.
            return_dict: as in transformers; without effect.
        """
        inputs = {"input_ids": input_ids.numpy(), "attention_mask": attention_mask.numpy()}
        logits = torch.from_numpy(self._session.run(["logits"], inputs)[0])
        return TokenClassifierOutput(logits=logits, hidden_states=(logits[..., :0],))


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


def load(folder: Path) -> Tagger:
    """Read a tagger from a folder that `export` wrote; it tags as a student does, but has no hidden states.

    Raises:
        XnerError: ONNX Runtime is not installed.
        DataError: the folder is damaged.
    """
    require(EXTRA, "onnxruntime")
    try:
        config = AutoConfig.from_pretrained(folder, trust_remote_code=False)
        tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
        model = cast(PreTrainedModel, OnnxModel(folder / MODEL))  # it is called as one
        labels = read_as(Wanted(), model, config, str(folder))
        decoder = noted_decoder(config, labels, str(folder))
    except Exception as error:  # ONNX Runtime's errors have no common base class
        reason = str(error).partition("\n")[0]
        raise DataError(f"{folder}: cannot be loaded as a tagger: {reason}; `xner export` makes one") from error
    cpu = Hardware(torch.device("cpu"), bf16=False)
    limit, chosen_on = tokenizer.model_max_length, chosen_on_of(config)
    return Tagger(model, tokenizer, labels, limit, cpu, chosen_on, decoder.settings, decoder.bigrams)


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
        _compare(OnnxModel(whole)(**other_shape).logits[seen], expected[seen], type(model).__name__)
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
            input_names=["input_ids", "attention_mask"],
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
