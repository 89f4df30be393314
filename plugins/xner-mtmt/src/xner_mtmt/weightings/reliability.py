"""The weighting `reliability`: teachers count more where they are surer (Li et al. 2022, section 3.3)."""

from typing import ClassVar, Literal

import torch
from pydantic import Field
from torch import Tensor

from xner.base import Pairs, Settings, SignalBatch, Weighting, Weights
from xner_mtmt.similarity import scores


def pair_weights(alpha: Tensor, beta: Tensor, gamma: Tensor, pairs: Pairs, words: int) -> Weights:
    """Turn the loss over pairs, gamma_ij (alpha_i l_i + alpha_j l_j + beta_ij s_ij), into weights for words and pairs.

    The sum over pairs of the tag losses is, word by word, alpha_i l_i sum_j (gamma_ij + gamma_ji); so the mean
    over the P pairs that count equals the mean over all W words with weights W / P times that.

    Args:
        alpha: (K,) of the paired words.
        beta: (K, K) of the pairs.
        gamma: (K, K) of the pairs.
        pairs: which words are paired, and which pairs count.
        words: W, the number of words in the batch.
    """
    counted = torch.where(pairs.mask, gamma, 0.0)
    share = words / pairs.mask.sum().clamp(min=1)
    weights = alpha.new_zeros(words)
    weights[pairs.words] = alpha * (counted.sum(0) + counted.sum(1)) * share
    return Weights(weights, gamma * beta)


class Reliability(Weighting):
    """alpha from the recognizer's top probability, beta from the evaluator's, gamma from whether they agree."""

    class Config(Settings):
        """Which form of beta, and its size."""

        beta: Literal["paper", "authors"] = Field(
            "paper", description="paper: (2t - 1)^2; authors, their code: min((2t - 1)^2 + 0.5, 1)."
        )
        scale: float = Field(1.0, gt=0, description="Factor of the evaluator's cosine in beta and gamma; 1: the paper.")
        mean_one: bool = Field(
            False, description="beta is divided by its mean over the pairs of the batch that count; ours."
        )

    config: Config
    needs: ClassVar[tuple[str, ...]] = ("probabilities", "vectors")

    def weigh(self, signals: SignalBatch) -> Weights:
        """Return gamma alpha for the words and gamma beta for the pairs."""
        words = signals.pairs.words
        probabilities = signals.columns["probabilities"][words]
        alpha = probabilities.max(-1).values.square()
        score = scores(signals.columns["vectors"][words], self.config.scale)
        beta = (2 * score - 1).square()
        if self.config.beta == "authors":
            beta = (beta + 0.5).clamp(max=1)
        if self.config.mean_one:
            beta = of_mean_one(beta, signals.pairs.mask)
        gamma = 1 - (scores(probabilities) - score).abs()
        return pair_weights(alpha, beta, gamma, signals.pairs, len(signals.sentences))


def of_mean_one(weights: Tensor, mask: Tensor) -> Tensor:
    """Return the weights of pairs, divided by their mean over those that count.

    Args:
        weights: (K, K) not negative.
        mask: (K, K) which pairs count.
    """
    mean = torch.where(mask, weights, 0.0).sum() / mask.sum().clamp(min=1)
    return weights / mean.clamp(min=1e-9)


class Unweighted(Weighting):
    """The same sum over pairs with alpha = beta = gamma = 1."""

    def weigh(self, signals: SignalBatch) -> Weights:
        """Return how often each word is paired, and ones for the pairs."""
        ones = torch.ones(signals.pairs.mask.shape, device=signals.pairs.mask.device)
        return pair_weights(ones[0], ones, ones, signals.pairs, len(signals.sentences))
