"""A model on disk: plain and whole, but in a stage without what its training left alone, which stages share."""

import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from xner.errors import DataError, named
from xner.filenames import escape
from xner.store.shared import SharedFiles, links

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

WHOLE = "model.safetensors"
"""The file of the weights of a model that is whole."""
OWN = "own.safetensors"
"""The file, in a stage, of the weights that its model does not share."""
INDEX = f"{WHOLE}.index.json"
"""The file, in a stage, that says in which file each weight is; transformers reads it, too."""
_ABOUT = (
    "Weights that the training left alone are in files that all stages share, named by the SHA-256 of their bytes; "
    "here are links to them. `cp -rL` copies the folder with what they lead to."
)
_DTYPES = {torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16"}
"""What safetensors calls the kinds of numbers that are shared."""
_ALONE = 16 * 2**20
"""A weight of so many bytes has a file of its own, so that those who share it need not share all others."""
_LARGE = 2**20
"""Files of a tokenizer of so many bytes are shared."""


def save_model(model: "PreTrainedModel", tokenizer: "PreTrainedTokenizerBase", folder: Path) -> None:
    """Write a model and its tokenizer as a Hugging Face folder, which transformers reads in any case.

    In a stage, its frozen weights are links to shared files, and large files of the tokenizer, too; elsewhere, and if
    no weight is frozen, the folder is plain and whole.

    Args:
        model: the model.
        tokenizer: its tokenizer.
        folder: where to.
    """
    own, frozen = _split(model)
    shared = SharedFiles.around(folder) if frozen else None
    if shared is None:
        model.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
        return
    for link in list(links(folder)):  # of a start that was killed: what is written now must not go through it
        link.unlink()
    where = dict.fromkeys(own, OWN)
    # as the running model has them: what its first file has may be made of several weights, some of them frozen
    model.save_pretrained(folder, state_dict=own, save_original_format=False)
    (folder / WHOLE).replace(folder / OWN)
    for part in _parts(frozen):
        where |= dict.fromkeys(part, shared.share(folder, safetensors(part)).name)
    index = {"metadata": {"about": _ABOUT}, "weight_map": dict(sorted(where.items()))}
    (folder / INDEX).write_text(json.dumps(index, indent=2) + "\n", encoding="utf-8")
    for file in map(Path, tokenizer.save_pretrained(folder)):
        if file.is_file() and file.stat().st_size >= _LARGE:
            shared.share(folder, [memoryview(file.read_bytes())], file.name)


def check_index(folder: Path) -> None:
    """Refuse a model whose index says that weights are in files outside of its folder.

    Args:
        folder: the model's; if it has no index, there is nothing to refuse.

    Raises:
        DataError: it says so, or is no index.
    """
    if not (folder / INDEX).is_file():
        return
    try:
        files = [str(file) for file in json.loads((folder / INDEX).read_bytes())["weight_map"].values()]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(f"{folder / INDEX}: is no index of weights: {named(error)}; get the model anew") from None
    if (odd := next((file for file in files if escape(file)), None)) is not None:
        raise DataError(f"{folder / INDEX}: {odd!r} is not in this folder: {escape(odd)}; get the model anew")


def copy_whole(folder: Path, out: Path) -> None:
    """Copy a model out of a stage, so that the copy is plain and whole.

    Args:
        folder: what `save_model` wrote.
        out: a folder that is not there yet.

    Raises:
        DataError: its index names a file elsewhere.
    """
    check_index(folder)
    if not (folder / INDEX).is_file() or (folder / WHOLE).is_file():
        shutil.copytree(folder, out)
        return
    where = json.loads((folder / INDEX).read_text(encoding="utf-8"))["weight_map"]
    files = sorted(set(where.values()))
    shutil.copytree(folder, out, ignore=shutil.ignore_patterns(INDEX, *files))
    weights = {name: weight for file in files for name, weight in load_file(folder / file).items()}
    save_file(weights, out / WHOLE, metadata={"format": "pt"})


def safetensors(weights: Mapping[str, Tensor]) -> list[memoryview]:
    """Return the bytes of a safetensors file without writing or copying them, header first.

    Args:
        weights: by name, of any shapes, in float32, float16 or bfloat16.
    """
    header: dict[str, object] = {"__metadata__": {"format": "pt"}}
    pieces, end = list[memoryview](), 0
    for name, weight in sorted(weights.items()):
        begin, end = end, end + weight.nbytes
        header[name] = {"dtype": _DTYPES[weight.dtype], "shape": list(weight.shape), "data_offsets": [begin, end]}
        pieces.append(weight.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().data)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return [memoryview(len(text).to_bytes(8, "little") + text), *pieces]


def _split(model: "PreTrainedModel") -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """Return the weights of a model that may be its own, and its frozen ones, each under one name."""
    names = dict[int, list[str]]()
    for name, weight in model.state_dict(keep_vars=True).items():
        if isinstance(weight, nn.Parameter) and not weight.requires_grad and weight.dtype in _DTYPES:
            names.setdefault(id(weight), []).append(name)
    own, frozen = model.state_dict(), dict[str, Tensor]()
    for same in names.values():
        kept = [name for name in same if name not in model.all_tied_weights_keys]  # transformers ties the others again
        if len(kept) == 1:  # or else what ties them is not known, and `save_pretrained` is to say so
            frozen[kept[0]] = own[kept[0]]
            for name in same:
                del own[name]
    return own, frozen


def _parts(frozen: Mapping[str, Tensor]) -> Iterator[dict[str, Tensor]]:
    """Yield the weights of each file: large ones alone, all others together."""
    yield from ({name: weight} for name, weight in frozen.items() if weight.nbytes >= _ALONE)
    if small := {name: weight for name, weight in frozen.items() if weight.nbytes < _ALONE}:
        yield small
