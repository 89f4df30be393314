"""The refiner `tag-chain`."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

import numpy as np
from pydantic import Field

from xner.base import Chain, Corpus, DecodingSettings, Potentials, Refiner, Settings, Signals


class TagChain(Refiner):
    """A word's tags become those of the paths through its sentence: how probable each is over all, or the best path.

    A path y has the weight start(y_1) p_1(y_1) prod_i step(y_i-1, y_i) p_i(y_i). The factors start and step are 0 for
    what IOB2 forbids and otherwise (P(tag | tag before) / P(tag)) ** strength, counted in the sources.
    """

    class Config(Settings):
        """How much a tag's neighbours count, and what is made of it."""

        strength: float = Field(0.25, ge=0, description="How much the sources' tag bigrams count; 0: legal tags only.")
        output: Literal["marginals", "hard"] = Field(
            "marginals",
            description="marginals: of each tag over all paths, forward-backward; hard: the best path, Viterbi.",
        )

    config: Config
    _potentials: Potentials

    def prepare(self, target: Corpus, signals: Signals) -> None:
        """Look up how well tags fit together."""
        decoder, strength = signals.decoder, self.config.strength
        assert decoder is not None  # a run's signals have one
        self._potentials = replace(decoder, settings=DecodingSettings(rule="chain", strength=strength)).potentials
        unknown = "tag-chain: no teacher knows the tag bigrams of its source; illegal tags are ruled out, and no more"
        self.notes = (unknown,) if decoder.bigrams is None and strength else ()

    def refine(self, sentence: int, signals: Signals) -> Mapping[str, np.ndarray]:
        """Return `probabilities` (words, tags) of one sentence."""
        rows = signals.row(sentence)["probabilities"]
        chain = Chain.of([rows], self._potentials)
        hard = self.config.output == "hard"
        refined = np.eye(rows.shape[1])[chain.best()[0]] if hard else chain.marginals[0]
        return {"probabilities": refined.astype(np.float32)}
