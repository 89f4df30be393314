"""The aligner `eflomal`."""

from collections.abc import Iterator, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from pydantic import Field

from xner.base import Aligner, Links, Pair, Settings, Sides
from xner.errors import DataError


class Eflomal(Aligner):
    """Statistics of which words stand together in many pairs, by eflomal (Östling and Tiedemann, 2016).

    It needs many pairs, and no encoder. It draws at random, so its links are others the next time.
    """

    class Config(Settings):
        """What of its two directions is taken."""

        joined: Literal["intersection", "union"] = Field(
            "intersection", description="Links that both directions have, or those of either."
        )
        model: Literal[1, 2, 3] = Field(3, description="IBM1, with an HMM, or with fertility, too.")

    config: Config

    def identity(self, sides: Sides) -> str:
        """Return nothing of its own: which links there are depends on the pairs.

        Raises:
            DataError: eflomal is not installed.
        """
        if not find_spec("eflomal"):
            raise DataError(
                'eflomal: it is not installed: pip install "xner-resources[eflomal]", which compiles it; '
                "or --set resources.aligner=itermax"
            )
        return ""

    def align(self, pairs: Sequence[Pair], sides: Sides) -> Iterator[Links]:
        """Yield the links of each pair, once it has learned from all.

        Raises:
            DataError: eflomal is not installed.
        """
        self.identity(sides)
        aligner = import_module("eflomal").Aligner(model=self.config.model)
        with TemporaryDirectory() as folder:
            files = [Path(folder) / name for name in ("forward", "reverse")]
            aligner.align(
                [_line(pair.source) for pair in pairs],
                [_line(pair.target) for pair in pairs],
                links_filename_fwd=str(files[0]),
                links_filename_rev=str(files[1]),
            )
            forward, reverse = (file.read_text(encoding="utf-8").splitlines() for file in files)
        for pair in zip(forward, reverse, strict=True):
            one, other = map(_links, pair)
            yield tuple(sorted(one & other if self.config.joined == "intersection" else one | other))


def _line(words: Sequence[str]) -> str:
    """Return words with spaces between; spaces within a word would make it two."""
    return " ".join("_".join(word.split()) or "_" for word in words) + "\n"


def _links(line: str) -> set[tuple[int, int]]:
    """Read links such as "0-0 1-2"."""
    return {(int(a), int(b)) for a, _, b in (link.partition("-") for link in line.split())}
