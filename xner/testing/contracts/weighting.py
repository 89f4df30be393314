"""The contract of weightings."""

from collections.abc import Mapping
from pathlib import Path

import pytest
import torch
from transformers import set_seed

from xner.students.weighting import Weighting, Weights
from xner.testing.batches import BATCHES, SignalContract, signal_batch
from xner.testing.distilling import check_two_processes


class WeightingContract(SignalContract):
    """What every weighting must do."""

    kind = "weightings"

    def weigh(self, settings: Mapping[str, object], batch: str) -> Weights:
        """Return the weights of a batch, of which the weighting sees the signals that it `needs`."""
        weighting: Weighting = self.make(settings)
        set_seed(0)
        return weighting.weigh(signal_batch(batch, weighting.needs, self.column))

    @pytest.mark.parametrize("batch", BATCHES)
    def test_there_is_a_weight_for_every_word_and_pair(self, settings: Mapping[str, object], batch: str) -> None:
        weights, (words, paired) = self.weigh(settings, batch), BATCHES[batch]
        pairs = len(words if paired is None else paired)
        assert weights.words.shape == (len(words),), "its weights of words are not (W,)"
        assert weights.pairs.shape == (pairs, pairs), "its weights of pairs are not (K, K)"
        assert weights.words.is_floating_point() and weights.pairs.is_floating_point(), "its weights are no fractions"

    @pytest.mark.parametrize("batch", BATCHES)
    def test_weights_are_finite_and_not_negative(self, settings: Mapping[str, object], batch: str) -> None:
        weights = self.weigh(settings, batch)
        for what, values in (("words", weights.words), ("pairs", weights.pairs)):
            assert values.isfinite().all(), f"some weights of {what} are not finite: {values}"
            assert (values >= 0).all(), f"some weights of {what} are negative: {values}"

    def test_no_gradient_flows_through_the_weights(self, settings: Mapping[str, object]) -> None:
        weights = self.weigh(settings, "several sentences")
        assert not weights.words.requires_grad and not weights.pairs.requires_grad, "its weights are no constants"

    def test_the_signals_stay_as_they_are(self, settings: Mapping[str, object]) -> None:
        weighting = self.make(settings)
        signals = signal_batch("several sentences", weighting.needs, self.column)
        weighting.weigh(signals)
        for name, values in signals.columns.items():
            assert torch.equal(values, self.column(name, len(values))), f"it writes into the signal '{name}'"

    def test_the_same_seed_gives_the_same_weights(self, settings: Mapping[str, object]) -> None:
        one, other = (self.weigh(settings, "several sentences") for _ in range(2))
        assert torch.equal(one.words, other.words), "the weights of words differ from one time to the next"
        assert torch.equal(one.pairs, other.pairs), "the weights of pairs differ from one time to the next"

    def test_two_processes_learn_what_one_learns(
        self, settings: Mapping[str, object], sure_encoder_folder: Path, tmp_path: Path
    ) -> None:
        check_two_processes(self, settings, sure_encoder_folder, tmp_path)
