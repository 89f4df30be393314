"""Taggers that are only to tag, read in a fraction of the time that transformers takes to be imported."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

import torch

from xner.decoding.noted import noted_decoder
from xner.machine.hardware import Hardware
from xner.tagging.classes import Wanted, read_as
from xner.tagging.limits import longest_input
from xner.tagging.quick.pieces import FILES, Pieces, read_configuration
from xner.tagging.quick.plain import read_plain
from xner.tagging.tagger import Tagger, chosen_on_of

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


def load_quickly(folder: Path, hardware: Hardware, names: Sequence[str] = ()) -> Tagger | None:
    """Read a tagger without transformers; None if it is not one that can be read so.

    Args:
        folder: where it is.
        hardware: where it is to run.
        names: of its classes, where it does not name them.

    Raises:
        DataError: what its config.json says of its classes or its decoding is damaged.
        UsageError: the names do not fit.
    """
    if hardware.device.type != "cpu" or not all((folder / name).is_file() for name in FILES):
        return None
    try:
        config, tokenizer = read_configuration(folder), Pieces.read(folder)
        plain = read_plain(folder, config, torch.bfloat16 if hardware.bf16 else torch.float32)
    except Exception:  # tokenizers raises Exception itself; whoever reads it with transformers tells what is wrong
        return None
    if plain is None:
        return None
    model, pieces = cast("PreTrainedModel", plain), cast("PreTrainedTokenizerBase", tokenizer)  # used as these
    labels = read_as(Wanted(names=names), model, str(folder))
    decoder, limit = noted_decoder(model.config, labels, str(folder)), longest_input(model, tokenizer)
    chosen_on = chosen_on_of(model.config)
    return Tagger(model, pieces, labels, limit, hardware, chosen_on, decoder.settings, decoder.bigrams)
