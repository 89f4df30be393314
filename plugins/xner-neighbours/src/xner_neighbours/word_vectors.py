"""The teacher `word-vectors`: what a tagger's layers make of each word."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import ClassVar

import numpy as np
from pydantic import Field
from torch.nn.functional import normalize

from xner.base import TAGGER, Corpus, Settings, Tagger, Teacher, Workbench
from xner.errors import UsageError

_MODEL = "encoder"


class WordVectors(Teacher):
    """Gives each target word a vector of length one: the mean of the highest layers over all of its sub-words.

    A refiner lets it read the tagger of another teacher. Fitted itself, it learns nothing, and its vectors are those of
    the pretrained encoder.
    """

    class Config(Settings):
        """Which layers."""

        layers: int = Field(3, ge=1, description="The mean is taken over so many of the highest layers.")

    config: Config
    provides: ClassVar[tuple[str, ...]] = ("states",)  # not `vectors`, which a student's second task would learn
    embeddings: ClassVar[tuple[str, ...]] = ("states",)
    _tagger: Tagger

    def fit(self, source: Corpus, workbench: Workbench) -> None:
        """Take the encoder as it is."""
        self._tagger = workbench.new_tagger()

    def label(self, target: Corpus) -> Iterator[Mapping[str, np.ndarray]]:
        """Yield `states` (words, hidden) of each sentence, in half precision."""
        return self._tagger.vectors(
            target, self.config.layers, lambda vectors: {"states": normalize(vectors, dim=-1).half()}
        )

    def save(self, folder: Path) -> None:
        """Write the model; not as a tagger, since its tag head has learned nothing."""
        self._tagger.save(folder / _MODEL)

    def restore(self, folder: Path, workbench: Workbench) -> None:
        """Read the model, or the tagger of the teacher whose folder it is.

        Raises:
            UsageError: that teacher is no tagger.
        """
        found = next((place for name in (_MODEL, TAGGER) if (place := folder / name).is_dir()), None)
        if found is None:
            raise UsageError(
                "word-vectors: a teacher here says tags but is no tagger, so there are no states to read; name one "
                "that is, or that gives vectors, such as --set refiners.neighbour-agreement.vectors=recognizer"
            )
        self._tagger = workbench.load_tagger(found)
