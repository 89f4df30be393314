"""What the aligners by similarity have in common: vectors of words from a layer of the run's encoder."""

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import ClassVar

import numpy as np
from pydantic import Field
from torch import Tensor, nn
from torch.nn.functional import normalize

from xner.base import Aligner, Links, Pair, Sentence, Settings, Sides, Tagger, Workbench
from xner.errors import UsageError


class LayerSettings(Settings):
    """Which vectors are compared."""

    layer: int | None = Field(
        None, ge=1, description="The encoder's layer whose states are compared; unset: two thirds of all, 8 of 12."
    )


class SimilarityAligner(Aligner):
    """An aligner by the cosine of words' vectors: means over sub-words of what the run's encoder makes of them.

    After Jalili Sabet et al., Findings of EMNLP 2020; the encoder is as it was pretrained.
    """

    Config: ClassVar[type[Settings]] = LayerSettings
    config: LayerSettings

    @abstractmethod
    def links(self, similarity: np.ndarray) -> Links:
        """Return the links of two sentences.

        Args:
            similarity: (words of the source, words of the target), from 0 to 1.
        """

    def identity(self, sides: Sides) -> str:
        """Return what the vectors depend on."""
        bench = sides.workbench
        return f"{bench.encoder.identity()} {bench.max_length} {bench.hardware.bf16}"

    def align(self, pairs: Sequence[Pair], sides: Sides) -> Iterator[Links]:
        """Yield the links of each pair.

        Raises:
            UsageError: the encoder does not have the layer of the settings.
        """
        tagger = cut(sides.workbench, self.config.layer)
        sources = tagger.vectors((Sentence(list(pair.source)) for pair in pairs), 1, _unit)
        targets = tagger.vectors((Sentence(list(pair.target)) for pair in pairs), 1, _unit)
        for source, target in zip(sources, targets, strict=True):
            yield self.links((source["vectors"] @ target["vectors"].T + 1) / 2)


def _unit(vectors: Tensor) -> dict[str, Tensor]:
    return {"vectors": normalize(vectors.float(), dim=-1)}


def cut(workbench: Workbench, layer: int | None) -> Tagger:
    """Return the pretrained encoder without the layers above one.

    Args:
        workbench: the run's.
        layer: which is the highest one that is kept, from 1; None: two thirds of all.

    Raises:
        UsageError: there is no such layer, or it cannot be seen how many there are.
    """
    tagger = workbench.new_tagger()
    total = getattr(tagger.model.config, "num_hidden_layers", 0)
    stacks = [m for m in tagger.model.modules() if isinstance(m, nn.ModuleList) and len(m) == total]
    layer = layer or max(1, round(total * 2 / 3))
    if not stacks or layer > total:
        raise UsageError(f"an aligner's layer = {layer}: the encoder has {total} layers; set one of these")
    del stacks[0][layer:]
    return tagger
