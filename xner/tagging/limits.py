"""What a pretrained model can do: how long its input may be, whether bfloat16 suits it, which of its weights rest."""

from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import nn

from xner.errors import DataError, UsageError
from xner.machine.hardware import Hardware
from xner.store.shared import lost
from xner.store.weights import check_index

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

    from xner.tagging.quick.pieces import Pieces

USUAL = 512
"""The longest window of a tagger that names no limit."""
_ENDLESS = 10**6
"""Tokenizers that know no limit have 1e30 in its place."""
_LEAST = 8
TOKENIZER_FILES = ("tokenizer*", "vocab*", "*.model")
"""Of the files of every tokenizer, at least one is called like this."""
_LEAST_PIECES = 10
"""An empty vocabulary has a few pieces beside the special ones."""


def longest_input(
    model: "PreTrainedModel", tokenizer: "PreTrainedTokenizerBase | Pieces", otherwise: int = USUAL
) -> int:
    """Return how many sub-words a model can read at once, special tokens included.

    Args:
        model: any model; where its embeddings of positions begin behind the padding's, that many fewer fit.
        tokenizer: its tokenizer, which may know a smaller number.
        otherwise: what is returned if neither knows one.

    Raises:
        DataError: no text fits.
    """
    named = [tokenizer.model_max_length, getattr(model.config, "max_position_embeddings", None)]
    limits = [number for number in named if isinstance(number, int) and 0 <= number < _ENDLESS]  # XLNet's is -1
    for name, module in model.named_modules():
        if isinstance(module, nn.Embedding) and "position" in name and module.padding_idx is not None:
            limits.append(module.num_embeddings - module.padding_idx - 1)
    found = min(limits, default=otherwise)
    if found < _LEAST:
        raise DataError(
            f"{type(model).__name__} reads {found} sub-words at most (model_max_length of the tokenizer, or "
            f"max_position_embeddings in config.json); expected {_LEAST} or more: correct that file"
        )
    return found


def check_files(place: str | Path) -> None:
    """Refuse a folder that has a model, but no file of its tokenizer, or not what its links and its index lead to.

    Raises:
        DataError: it has none, or a file that it shares with other stages is gone, or a file is elsewhere.
    """
    folder = Path(place)
    check_index(folder)
    if folder.is_dir() and (gone := lost(folder)):
        raise DataError(
            f"{gone[0]}: leads to a file that is not there; a stage is copied out of the cache with `cp -rL`, and in "
            "the cache it is computed again by the run that needs it"
        )
    there = any(next(folder.glob(pattern), None) for pattern in TOKENIZER_FILES)
    if (folder / "config.json").is_file() and not there:
        raise _no_tokenizer(place)


def check_vocabulary(place: str | Path, tokenizer: "PreTrainedTokenizerBase") -> None:
    """Refuse the empty tokenizer that transformers makes where its files are missing.

    Args:
        place: where it was looked for.
        tokenizer: what was found.

    Raises:
        DataError: it knows no word.
    """
    if len(tokenizer) - len(tokenizer.all_special_ids) < _LEAST_PIECES:
        raise _no_tokenizer(place)


def _no_tokenizer(place: str | Path) -> DataError:
    return DataError(
        f"{place}: there is no tokenizer here, only a model; expected tokenizer.json, vocab.txt or the like beside "
        "config.json: copy them from where the model comes from, or save its tokenizer into the same folder"
    )


@torch.inference_mode()
def check_precision(model: "PreTrainedModel", hardware: Hardware) -> None:
    """Try a model that is to run in bfloat16, since not all do.

    Args:
        model: still on the CPU.
        hardware: where and in which precision it will run.

    Raises:
        UsageError: it fails.
    """
    if not hardware.bf16:
        return
    learns = model.training
    try:
        with torch.autocast("cpu", torch.bfloat16):
            model.eval()(input_ids=torch.ones(1, _LEAST, dtype=torch.long), attention_mask=torch.ones(1, _LEAST))
    except RuntimeError as error:
        raise UsageError(
            f"{type(model).__name__} does not run in bf16 ({str(error).partition(chr(10))[0]:.120}); set the precision "
            "to fp32: --set precision=fp32 for train, evaluate and compare, --precision fp32 for predict and serve"
        ) from error
    finally:
        model.train(learns)


def word_embeddings(model: "PreTrainedModel") -> nn.Module:
    """Return the word embeddings of a model, those that `freeze` is about.

    Raises:
        UsageError: it does not say which they are.
    """
    try:
        found = model.get_input_embeddings()
    except (NotImplementedError, AttributeError):
        found = None
    if found is None:
        size = getattr(model.config, "vocab_size", None)
        rows = [part for part in model.modules() if isinstance(part, nn.Embedding) and part.num_embeddings == size]
        found = rows[0] if len(rows) == 1 else None
    if found is None:
        raise UsageError(f"{type(model).__name__} has no word embeddings that could be frozen; set freeze=none")
    return found


def freeze(model: "PreTrainedModel", what: str | int) -> None:
    """Take weights out of the training.

    Args:
        model: the model.
        what: "none"; "words" for the word embeddings; a number N for all embeddings and the lowest N layers;
            "quarter" for N a quarter of the layers, 3 of 12 as Wu et al. (IJCAI 2020) have it.

    Raises:
        UsageError: the model does not say which its word embeddings are, or how many layers it has.
    """
    if what == "none":
        return
    word_embeddings(model).requires_grad_(False)
    if what == "quarter":
        what = round(_layers(model) / 4)
    if isinstance(what, int):
        for name, weight in model.base_model.named_parameters():
            layer = next((part for part in name.split(".") if part.isdigit()), None)
            if "embeddings" in name or (layer is not None and int(layer) < what):
                weight.requires_grad_(False)


def _layers(model: "PreTrainedModel") -> int:
    layers = getattr(model.config, "num_hidden_layers", None)
    if not isinstance(layers, int):
        raise UsageError("freeze = quarter: the model does not say how many layers it has; set freeze to a number")
    return layers
