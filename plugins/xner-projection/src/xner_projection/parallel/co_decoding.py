"""Co-decoding: two taggers tag one text, and the one that finds an entity is heard."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import ClassVar

import numpy as np

from xner.base import TAGGER, Corpus, Tagger, Teacher, Workbench

_SOURCE = "source-tagger"


class CoDecoding(Teacher):
    """Joins a tagger of the source and one of projected labels, word by word (Ni et al., ACL 2017, "exclude-O").

    Args:
        source: the folder of the source's tagger.
        projected: that of the other.
    """

    provides: ClassVar[tuple[str, ...]] = ("probabilities",)
    scored: ClassVar[bool] = True
    _taggers: tuple[Tagger, Tagger]

    def __init__(self, source: Path = Path(), projected: Path = Path()) -> None:
        super().__init__()
        self._folders = source, projected

    def fit(self, source: Corpus, workbench: Workbench) -> None:
        """Read both taggers; nothing is learned."""
        self._taggers = workbench.load_tagger(self._folders[0], True), workbench.load_tagger(self._folders[1], True)

    def label(self, target: Corpus) -> Iterator[Mapping[str, np.ndarray]]:
        """Yield `probabilities` (words, tags) of each sentence."""
        one, other = self._taggers
        for pair in zip(one.probabilities(target), other.probabilities(target), strict=True):
            yield {"probabilities": heard(*pair)}

    def save(self, folder: Path) -> None:
        """Write both; a student starts from that of projected labels."""
        for tagger, name in zip(self._taggers, (_SOURCE, TAGGER), strict=True):
            tagger.save(folder / name)

    def restore(self, folder: Path, workbench: Workbench) -> None:
        """Read both."""
        self._taggers = workbench.load_tagger(folder / _SOURCE), workbench.load_tagger(folder / TAGGER)


def heard(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return, word by word, the probabilities of the tagger that is heard: (words, tags).

    Where one finds O best and the other a tag of an entity, the other is; where both find such a tag, the one that is
    surer; where both find O, the mean of both is taken.

    Args:
        one: (words, tags); class 0 is O.
        other: the same; of equally sure ones the first is heard.
    """
    outside = one.argmax(1) == 0, other.argmax(1) == 0
    surer = one.max(1) >= other.max(1)
    first_heard = np.where(outside[0] == outside[1], surer, outside[1])[:, None]
    both = (outside[0] & outside[1])[:, None]
    result: np.ndarray = np.where(both, (one + other) / 2, np.where(first_heard, one, other))
    return result
