"""The teacher `similarity`: a siamese encoder that says whether two words have the same tag."""

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np
import torch
from pydantic import Field
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, normalize

from xner.base import Corpus, Judge, Objective, Tagger, Teacher, TrainingSettings, WordStates, Workbench
from xner_mtmt.pair_auc import Same, pair_auc
from xner_mtmt.similarity import cosines

_MODEL = "evaluator"


class PairSettings(TrainingSettings):
    """How a teacher learns from pairs of words."""

    same: Same = Field("tag", description="Two words are alike if they have the same tag, or the same type.")
    words: Literal["even", "uniform"] = Field(
        "even", description="Pairs are drawn of words even over the tags, or as the tags come."
    )
    scale: float = Field(1.0, gt=0, description="Factor of the cosine while it learns; 1: the paper.")
    negatives: Literal["all", "hard"] = Field(
        "all", description="Pairs of different tags count all the same, or each by how similar it is taken to be."
    )


class EvaluatorSettings(PairSettings):
    """How the evaluator learns."""

    sentences: Literal["entities", "all"] = Field(
        "entities", description="It learns from the sentences that have entities, or from all."
    )


def pair_loss(vectors: Tensor, labels: Tensor, sentences: Tensor, settings: PairSettings) -> Tensor:
    """Return L_SIM over all word pairs of a batch that span two sentences (Li et al. 2022, section 3.2.2).

    Pairs of equal and of different tags count half each. Every pair of the batch enters with the probability
    with which it would have been drawn, which is the expectation of drawing pairs one by one. Hard negatives, ours: a
    pair of different tags counts by its present score sigmoid(scale cos), which is no part of the gradient.

    Args:
        vectors: (W, hidden) last hidden states.
        labels: (W,) class numbers; odd ones are B- and the even one after it I- of the same type.
        sentences: (W,) the sentence that each word stands in.
        settings: what counts as the same, which words are drawn, the scale, and which negatives count.
    """
    if settings.same == "type":
        labels = (labels + 1) // 2
    weights = torch.ones_like(labels, dtype=torch.float32)
    if settings.words == "even":
        weights = 1 / torch.bincount(labels)[labels].float()
    same = (labels[:, None] == labels[None, :]).float()
    logits = settings.scale * cosines(vectors)
    values = binary_cross_entropy_with_logits(logits, same, reduction="none")
    drawn = weights[:, None] * weights[None, :] * (sentences[:, None] != sentences[None, :])
    alike, different = drawn * same, drawn * (1 - same)
    if settings.negatives == "hard":
        different = different * logits.detach().sigmoid()
    halves = [(part * values).sum() / part.sum().clamp(min=1e-9) for part in (alike, different)]
    return (halves[0] + halves[1]) / 2


def unit_vectors(states: WordStates) -> dict[str, Tensor]:
    """Return the signal column `vectors`: hidden states of length one, in half precision."""
    return {"vectors": normalize(states.hidden, dim=-1).half()}


class SimilarityLoss(Objective):
    """L_SIM on the gold tags of the source."""

    def __init__(self, tagger: Tagger, settings: PairSettings) -> None:
        super().__init__(tagger)
        self.settings = settings

    def forward(self, batch: Mapping[str, Tensor]) -> Tensor:
        """Return the mean loss of the batch's pairs."""
        return pair_loss(self.states(batch).hidden, batch["labels"], batch["sentences"], self.settings)


class SimilarityEvaluator(Teacher):
    """Learns which source words have the same tag, and gives each target word a vector to compare."""

    Config = EvaluatorSettings
    config: EvaluatorSettings
    provides: ClassVar[tuple[str, ...]] = ("vectors",)
    embeddings: ClassVar[tuple[str, ...]] = ("vectors",)
    _tagger: Tagger

    def fit(self, source: Corpus, workbench: Workbench) -> None:
        """Train on labelled sentences; the model's tag head is not used, so epochs are judged by their word pairs."""
        self._tagger = workbench.new_tagger()
        if self.config.sentences == "entities":
            source = source.with_entities()
        judge = Judge("AUC of word pairs", partial(pair_auc, same=self.config.same))
        workbench.train(self._tagger, SimilarityLoss(self._tagger, self.config), source, self.config, judge=judge)

    def label(self, target: Corpus) -> Iterator[Mapping[str, np.ndarray]]:
        """Yield `vectors` (words, hidden) of each sentence."""
        return self._tagger.states(target, unit_vectors)

    def save(self, folder: Path) -> None:
        """Write the model; not as a tagger, since its tag head has learned nothing."""
        self._tagger.save(folder / _MODEL)

    def restore(self, folder: Path, workbench: Workbench) -> None:
        """Read the model."""
        self._tagger = workbench.load_tagger(folder / _MODEL)
