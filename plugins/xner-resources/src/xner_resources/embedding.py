"""The dictionary `embedding`: words whose vectors are near."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from pydantic import Field
from torch import Tensor

from xner.base import Corpus, Dictionary, Sentence, Settings, Sides, Workbench, frequencies_of
from xner.errors import DataError
from xner_resources.csls import nearest
from xner_resources.vector_file import read_vectors


class Embedding(Dictionary):
    """Induced by CSLS from vectors of words (Conneau et al., ICLR 2018): of files, or of the run's encoder.

    Vectors of files must lie in one space, as those that MUSE has mapped. Without files they are those that the
    pretrained encoder gives to each word alone, less their mean, of the words of both texts.
    """

    class Config(Settings):
        """Whose vectors, and how they are compared."""

        path: str = Field(
            "", description="Files of vectors, word2vec's text; {language} stands for each code; empty: the encoder's."
        )
        limit: int = Field(100_000, ge=1, description="At most so many words of each language, the most frequent.")
        neighbours: int = Field(10, ge=1, description="How many neighbours tell how crowded it is around a word.")
        mutual: bool = Field(False, description="Only pairs of which each is the nearest of the other.")

    config: Config

    def identity(self, sides: Sides) -> str:
        """Return a hash of the files, or what the encoder's vectors depend on.

        Raises:
            DataError: there is no such file.
        """
        if self.config.path:
            return " ".join(_digest(self._file(language)) for language in sides.languages)
        bench = sides.workbench
        texts = f"{sides.source.fingerprint} {sides.target.fingerprint}"
        return f"{bench.encoder.identity()} {bench.max_length} {bench.hardware.bf16} {texts}"

    def pairs(self, sides: Sides) -> Iterator[tuple[str, str]]:
        """Yield each word of the source's language with the nearest one of the target's.

        Raises:
            DataError: there is no such file, or it cannot be read, or both have vectors of different lengths.
        """
        (words, source), (others, target) = (
            self._vectors(text, sides.workbench) for text in (sides.source, sides.target)
        )
        if source.shape[1] != target.shape[1]:
            raise DataError(
                f"embedding: vectors of {sides.languages[0]} have {source.shape[1]} numbers and those of "
                f"{sides.languages[1]} {target.shape[1]}; they must lie in one space"
            )
        found = nearest(source, target, self.config.neighbours)
        back = nearest(target, source, self.config.neighbours) if self.config.mutual else None
        for number, other in enumerate(found):
            if back is None or back[other] == number:
                yield words[number], others[other]

    def _vectors(self, text: Corpus, workbench: Workbench) -> tuple[list[str], np.ndarray]:
        """Return the words of a language and their vectors of length one."""
        if self.config.path:
            words, rows = read_vectors(self._file(text.language), self.config.limit)
        else:
            words = [w for w, _ in frequencies_of(text).most_common() if any(map(str.isalpha, w))][: self.config.limit]
            if not words:
                raise DataError(f"{text}: has no words of letters, so there is nothing to make a dictionary of")
            rows = _of_encoder(words, workbench)
        return words, rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)

    def _file(self, language: str) -> Path:
        file = Path(self.config.path.replace("{language}", language)).expanduser()
        if not file.is_file():
            raise DataError(f"{file}: no such vectors of {language}; set resources.embedding.path")
        return file


def _of_encoder(words: list[str], workbench: Workbench) -> np.ndarray:
    """Return what the pretrained encoder's highest layer makes of each word alone, less the mean: (words, hidden)."""
    tagger = workbench.new_tagger()
    rows = np.concatenate([row["v"] for row in tagger.vectors((Sentence([word]) for word in words), 1, _named)])
    centred: np.ndarray = rows - rows.mean(0)
    return centred


def _named(vectors: Tensor) -> dict[str, Tensor]:
    return {"v": vectors.float()}


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()[:16]
