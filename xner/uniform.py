"""The weighting `uniform`."""

import torch

from xner.base import SignalBatch, Weighting, Weights


class Uniform(Weighting):
    """Every word and every pair counts the same."""

    def weigh(self, signals: SignalBatch) -> Weights:
        """Return ones."""
        mask = signals.pairs.mask
        return Weights(
            torch.ones(len(signals.sentences), device=mask.device), torch.ones(mask.shape, device=mask.device)
        )
