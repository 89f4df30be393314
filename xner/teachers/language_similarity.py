"""Language similarity: how similar every target sentence is to each source language (Wu et al., ACL 2020).

A classifier learns from the source sentences, without their tags, which language a sentence is in. Its
prediction for a target sentence is how much the teacher of each source language counts.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from pydantic import Field
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from transformers import get_linear_schedule_with_warmup, set_seed

from xner.corpora.corpus import Corpus
from xner.machine import processes
from xner.plugin.component import Settings
from xner.store.ragged import Ragged, Row
from xner.store.stages import SCRATCH
from xner.teachers.signals import write_rows
from xner.training.workbench import Workbench

_CLASSIFIER, _WEIGHTS = "classifier.safetensors", "weights.npy"
_VECTOR = "vector"
_CLIP = 1.0
"""Gradients are clipped to this norm, as in the authors' code."""


class CombinationSettings(Settings):
    """How the teachers of several source languages are combined; with one source language, nothing of this counts."""

    weights: Literal["uniform", "similarity", "sentence-similarity"] = Field(
        "similarity",
        description="Teachers count alike, or by their language's similarity to target or sentence.",
    )
    rank: int = Field(64, gt=0, description="Rank of the language classifier's bilinear form.")
    orthogonality: float = Field(
        0.01, ge=0, description="Factor of the penalty that keeps the language embeddings orthonormal."
    )
    epochs: int = Field(10, gt=0, description="The language classifier's passes over the source sentences.")
    learning_rate: float = Field(1e-4, gt=0, description="Its highest learning rate; it falls to zero linearly.")
    batch_size: int = Field(32, gt=0, description="Its sentences in a step.")
    weight_decay: float = Field(1e-5, ge=0, description="Its AdamW's weight decay.")


class LanguageClassifier(nn.Module):
    """Scores sentences for each of K languages: score(x, k) = (U g(x)) . (V mu_k).

    Args:
        languages: (K, hidden) the language embeddings mu_k to begin with.
        rank: the number of rows of U and of V.
    """

    def __init__(self, languages: Tensor, rank: int) -> None:
        super().__init__()
        self.languages = nn.Parameter(languages.clone())
        self.u = nn.Linear(languages.shape[1], rank, bias=False)
        self.v = nn.Linear(languages.shape[1], rank, bias=False)

    def forward(self, vectors: Tensor) -> Tensor:
        """Return the scores (N, K) of sentence vectors g(x) (N, hidden)."""
        scores: Tensor = self.u(vectors) @ self.v(self.languages).mT
        return scores

    def penalty(self) -> Tensor:
        """Return ||E E^T - I||^2 for the language embeddings E, which is ||E^T E - I||^2 up to a constant."""
        products = self.languages @ self.languages.mT
        return (products - torch.eye(len(products), dtype=products.dtype)).square().sum()


def similarities(scores: Tensor) -> Tensor:
    """Return softmax_k(tau score(x, k)) with tau = 1 / variance of all the scores.

    Args:
        scores: (N, K) of the target's sentences.

    Returns:
        (N, K) weights; every row sums to one.
    """
    # a common shift changes nothing in a softmax, and lets equal scores, whose variance is zero, come out even
    variance = scores.var().clamp(min=torch.finfo(scores.dtype).tiny)
    return ((scores - scores.mean()) / variance).softmax(-1)


def learn(sources: Sequence[Corpus], workbench: Workbench, settings: CombinationSettings) -> None:
    """Train a language classifier on source sentences and write it to the workbench's folder.

    Args:
        sources: one corpus for each language; tags are not looked at.
        workbench: the pretrained encoder, which stays as it is, the seed and the folder.
        settings: how the classifier learns.
    """
    vectors = _vectors(Corpus.concatenate(sources), workbench)
    if processes.first():
        languages = np.repeat(np.arange(len(sources)), [len(source) for source in sources])
        classifier = _trained(vectors, languages, workbench, settings)
        save_file(classifier.state_dict(), workbench.folder / _CLASSIFIER)


def weigh(target: Corpus, workbench: Workbench, learned: Path) -> None:
    """Write to the workbench's folder how similar every target sentence is to each source language.

    Args:
        target: the sentences.
        workbench: the same encoder as for `learn`, and the folder.
        learned: where `learn` wrote the classifier.
    """
    vectors = _vectors(target, workbench)
    if processes.first():
        classifier = restore(learned)
        with torch.inference_mode():
            scores = torch.cat([classifier(rows) for rows, _ in _batches(vectors, np.arange(len(vectors)))])
        np.save(workbench.folder / _WEIGHTS, similarities(scores.double()).numpy())


def restore(learned: Path) -> LanguageClassifier:
    """Read the classifier that `learn` wrote to a folder."""
    weights = load_file(learned / _CLASSIFIER)
    classifier = LanguageClassifier(weights["languages"], len(weights["u.weight"]))
    classifier.load_state_dict(weights)
    return classifier


def read(weighed: Path) -> np.ndarray:
    """Return the weights (sentences, K) that `weigh` wrote to a folder, mapped into memory."""
    weights: np.ndarray = np.load(weighed / _WEIGHTS, mmap_mode="r")
    return weights


def _vectors(corpus: Corpus, workbench: Workbench) -> Ragged:
    """Return g(x) of every sentence: the mean over its words of the pretrained encoder's last hidden states."""
    tagger = workbench.new_tagger()

    def rows_of(block: Corpus, _: range) -> list[Row]:
        hidden = tagger.states(block, lambda states: {_VECTOR: states.hidden})
        return [{_VECTOR: row[_VECTOR].mean(0, keepdims=True)} for row in hidden]

    path = workbench.folder / SCRATCH / "vectors.arrow"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_rows(path, corpus, rows_of, workbench.progress.advance)
    return Ragged(path)


def _trained(
    vectors: Ragged, languages: np.ndarray, workbench: Workbench, settings: CombinationSettings
) -> LanguageClassifier:
    """Minimise cross-entropy and penalty; languages (N,) are the numbers 0 to K - 1 of the sentences' languages."""
    set_seed(workbench.seed)
    means = [_mean(vectors, np.flatnonzero(languages == number)) for number in range(languages.max() + 1)]
    classifier = LanguageClassifier(torch.stack(means), settings.rank)
    optimizer = torch.optim.AdamW(
        classifier.parameters(), lr=settings.learning_rate, weight_decay=settings.weight_decay
    )
    steps = settings.epochs * -(-len(vectors) // settings.batch_size)
    schedule = get_linear_schedule_with_warmup(optimizer, 0, steps)
    draw = np.random.default_rng(workbench.seed)
    for _ in range(settings.epochs):
        for rows, chosen in _batches(vectors, draw.permutation(len(vectors)), settings.batch_size):
            loss = cross_entropy(classifier(rows), torch.from_numpy(languages[chosen]))
            loss = loss + settings.orthogonality * classifier.penalty()
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(classifier.parameters(), _CLIP)
            optimizer.step()
            schedule.step()
        workbench.progress.loss(loss.item())
    return classifier


def _mean(vectors: Ragged, numbers: np.ndarray) -> Tensor:
    return torch.stack([rows.double().sum(0) for rows, _ in _batches(vectors, numbers)]).sum(0).float() / len(numbers)


def _batches(vectors: Ragged, numbers: np.ndarray, size: int = 1024) -> Iterator[tuple[Tensor, np.ndarray]]:
    """Yield the vectors (size, hidden) of these sentences in this order, with their numbers."""
    for start in range(0, len(numbers), size):
        chosen = numbers[start : start + size]
        yield torch.from_numpy(np.concatenate([vectors.row(number)[_VECTOR] for number in chosen])), chosen
