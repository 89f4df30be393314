"""A trained BERT or RoBERTa without transformers, for tagging on a CPU: its start is a fraction of the other's.

It computes what `AutoModelForTokenClassification` computes for packed batches, operation by operation. What it does not
know in a configuration, it leaves to transformers.
"""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn.functional import embedding, gelu, layer_norm, linear

from xner.tagging.quick.layout import Layout
from xner.tagging.quick.packing import FAMILIES, NAME, attend

WEIGHTS = "model.safetensors"
_PREFIXES = {"bert": "bert.", "electra": "electra."}
"""What the names of weights begin with; those of all other families with "roberta."."""
_USUAL = {
    "hidden_act": "gelu",
    "position_embedding_type": "absolute",
    "is_decoder": False,
    "add_cross_attention": False,
}
"""What a configuration may say, if it says anything of it."""
_WORDS, _POSITIONS, _TYPES = (f"embeddings.{name}_embeddings.weight" for name in ("word", "position", "token_type"))
_PARTS = (
    *(f"attention.self.{name}" for name in ("query", "key", "value")),
    *(f"{place}.{part}" for place in ("attention.output", "output") for part in ("dense", "LayerNorm")),
    "intermediate.dense",
)
"""What a layer consists of."""
_BUFFERS = {"embeddings.position_ids", "embeddings.token_type_ids"}
"""Are among the weights of older folders."""


class PlainModel(nn.Module):
    """A token-classification model of the families that read packed batches; it has functions in place of layers.

    Modules would draw weights at random before they get these, for which torch imports its compiler.

    Args:
        config: of the model.
        weights: by name, without the name of the family; the word embeddings may be of another type than the rest.

    Raises:
        ValueError: a weight is missing, or there are others.
    """

    def __init__(self, config: SimpleNamespace, weights: dict[str, Tensor]) -> None:
        super().__init__()
        if strange := weights.keys() ^ set(_names(config)):
            raise ValueError(f"{min(strange)} is missing, or too many")
        self.config, self._weights = config, weights
        behind = config.pad_token_id if FAMILIES[config.model_type] else None
        self.position_embeddings = nn.Embedding.from_pretrained(weights[_POSITIONS], padding_idx=behind)

    def forward(self, input_ids: Tensor, position_ids: Tensor, layout: Layout, **others: Any) -> SimpleNamespace:
        """Return the tag scores and the hidden states of all layers, as transformers does.

        Args:
            input_ids: (1, N) sub-words of a packed batch.
            position_ids: (1, N) their places.
            layout: where they are in the batch.
            others: what is asked of a model of transformers; there are always all hidden states.
        """
        found = self._weights
        words = embedding(input_ids, found[_WORDS]).to(found[_POSITIONS].dtype)
        states = words + embedding(torch.zeros_like(input_ids), found[_TYPES])
        every = [self._normal("embeddings", states + self.position_embeddings(position_ids))]
        for number in range(self.config.num_hidden_layers):
            every.append(self._through(f"encoder.layer.{number}", every[-1], layout))
        return SimpleNamespace(logits=self._product("classifier", every[-1]), hidden_states=tuple(every))

    def _through(self, layer: str, states: Tensor, layout: Layout) -> Tensor:
        """Return the states (1, N, hidden) behind a layer."""
        shape = (*states.shape[:-1], self.config.num_attention_heads, -1)
        products = (self._product(f"{layer}.attention.self.{name}", states) for name in ("query", "key", "value"))
        query, key, value = (product.view(shape).transpose(1, 2) for product in products)
        attended, _ = attend(self, query, key, value, None, query.shape[-1] ** -0.5, layout=layout)
        after, out = f"{layer}.attention.output", f"{layer}.output"
        states = self._normal(after, self._product(f"{after}.dense", attended.reshape(states.shape)) + states)
        wide = gelu(self._product(f"{layer}.intermediate.dense", states))
        return self._normal(out, self._product(f"{out}.dense", wide) + states)

    def _product(self, name: str, states: Tensor) -> Tensor:
        return linear(states, self._weights[f"{name}.weight"], self._weights[f"{name}.bias"])

    def _normal(self, name: str, states: Tensor) -> Tensor:
        weight, bias = (self._weights[f"{name}.LayerNorm.{part}"] for part in ("weight", "bias"))
        return layer_norm(states, weight.shape, weight, bias, self.config.layer_norm_eps)


def read_plain(folder: Path, config: SimpleNamespace, dtype: torch.dtype) -> PlainModel | None:
    """Read a model; None if this is not all that there is to it.

    Args:
        folder: where it is.
        config: its configuration.
        dtype: of the weights; the word embeddings stay as they are on the disk, and are read where they are needed.
    """
    family = getattr(config, "model_type", "")
    strange = family not in FAMILIES or any(getattr(config, name, value) != value for name, value in _USUAL.items())
    narrow = getattr(config, "embedding_size", None) not in (None, getattr(config, "hidden_size", None))
    if strange or narrow or hasattr(config, "auto_map") or not (folder / WEIGHTS).is_file():
        return None
    prefix, weights = _PREFIXES.get(family, "roberta."), dict[str, Tensor]()
    for name, weight in load_file(folder / WEIGHTS).items():
        short = name.removeprefix(prefix)
        if short not in _BUFFERS:
            weights[short] = weight if short == _WORDS else weight.to(dtype)
    config._attn_implementation = NAME
    try:
        return PlainModel(config, weights)
    except (AttributeError, ValueError):  # a setting or a weight is missing, or there are others
        return None


def _names(config: SimpleNamespace) -> Iterator[str]:
    """Yield the names of all weights of a model."""
    yield from (_WORDS, _POSITIONS, _TYPES)
    parts = ["embeddings.LayerNorm", "classifier"]
    for number in range(config.num_hidden_layers):
        parts += (f"encoder.layer.{number}.{part}" for part in _PARTS)
    yield from (f"{part}.{kind}" for part in parts for kind in ("weight", "bias"))
