"""The teacher `adversarial`: a tagger whose encoder gives a language discriminator nothing to go by."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import ClassVar

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from xner.base import TAGGER, Corpus, Tagger, Teacher, WordStates, Workbench
from xner.errors import DataError
from xner_adversarial.discriminator import AdversarialSettings, AdversarialTags, Discriminator

_DISCRIMINATOR = "discriminator.safetensors"


class Adversarial(Teacher):
    """Learns the source's tags while its encoder learns not to show which language it reads.

    Keung et al., EMNLP 2019, with the discriminator on sentences; the published code of Chen et al., ACL 2021, with it
    on sub-words.
    """

    Config = AdversarialSettings
    config: AdversarialSettings
    provides: ClassVar[tuple[str, ...]] = ("probabilities", "source_probability")
    reads_target: ClassVar[bool] = True
    _tagger: Tagger
    _discriminator: Discriminator

    def fit(self, source: Corpus, workbench: Workbench) -> None:
        """Train on labelled sentences and on the text of both languages.

        Raises:
            DataError: the sentences have no labels.
            UsageError: all layers of the encoder are frozen.
        """
        if not source.labelled:
            raise DataError(f"{source}: has no labels, so no tagger can learn from it")
        assert workbench.target is not None  # the context sees to it
        tagger, settings = workbench.new_tagger(), self.config
        texts = (
            workbench.text_batches(tagger, source, settings.text_batch, "source"),
            workbench.text_batches(tagger, workbench.target, settings.text_batch, "target"),
        )
        rate = settings.learning_rate or workbench.encoder.learning_rate
        objective = AdversarialTags(tagger, settings, texts, rate)
        workbench.train(tagger, objective, source, settings)
        self._tagger, self._discriminator = tagger, objective.discriminator

    def label(self, target: Corpus) -> Iterator[Mapping[str, np.ndarray]]:
        """Yield `probabilities` (words, tags), and `source_probability` (words, 1), the same for a sentence's words.

        That is the discriminator's P(source): of the mean state of the sentence's sub-words, or the mean of theirs.
        """
        judged = self._tagger.states(target, self._of_pieces, pieces=True)
        for probabilities, pieces in zip(self._tagger.probabilities(target), judged, strict=True):
            source = np.full((len(probabilities), 1), self._of_sentence(pieces), np.float32)
            yield {"probabilities": probabilities, "source_probability": source}

    def save(self, folder: Path) -> None:
        """Write the tagger and the discriminator."""
        self._tagger.save(folder / TAGGER)
        save_file(self._discriminator.state_dict(), folder / _DISCRIMINATOR)

    def restore(self, folder: Path, workbench: Workbench) -> None:
        """Read the tagger and the discriminator."""
        self._tagger = workbench.load_tagger(folder / TAGGER)
        device = self._tagger.hardware.device
        self._discriminator = Discriminator(self._tagger.model.config.hidden_size, self.config.hidden).to(device)
        self._discriminator.load_state_dict(load_file(folder / _DISCRIMINATOR, str(device)))

    def _of_pieces(self, states: WordStates) -> dict[str, Tensor]:
        """Return P(source) of each sub-word (P, 1), or its state in half precision for the sentence's mean."""
        if self.config.level == "sentence":
            return {"states": states.hidden.half()}
        return {"source": self._discriminator(states.hidden).sigmoid()[:, None]}

    @torch.inference_mode()
    def _of_sentence(self, pieces: Mapping[str, np.ndarray]) -> float:
        """Return P(source) of a sentence."""
        if self.config.level == "token":
            return float(pieces["source"].mean())
        mean = torch.from_numpy(pieces["states"].mean(0, keepdims=True, dtype=np.float32))
        return float(self._discriminator(mean.to(self._tagger.hardware.device)).sigmoid())
