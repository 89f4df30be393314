"""The translator `precomputed`: a file of translations that were made elsewhere."""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

from pydantic import Field

from xner.base import Settings, Sides, Translation, Translator
from xner.errors import DataError


class Precomputed(Translator):
    """A file of texts and their translations: a text, a tab, and its translation in each line.

    Texts are sentences and, for methods that ask for them, entities; spaces at their ends and doubled ones do not
    matter. Lines that begin with # are remarks, but for those with a tab.
    """

    class Config(Settings):
        """Which file."""

        path: str = Field("", description="The file, UTF-8; {source} and {target} stand for the languages' codes.")
        missing: Literal["stop", "keep"] = Field(
            "stop", description="Texts that it lacks: an error that lists them in a file, or they stay as they are."
        )

    config: Config

    def identity(self, sides: Sides) -> str:
        """Return a hash of the file.

        Raises:
            DataError: there is no such file.
        """
        return hashlib.sha256(self._file(sides).read_bytes()).hexdigest()[:16]

    def translate(self, texts: Sequence[str], sides: Sides) -> Iterator[Translation]:
        """Yield what the file has.

        Raises:
            DataError: there is no such file, a line of it is not two texts, or it lacks a text.
        """
        file = self._file(sides)
        known = _read(file)
        lacking = [text for text in texts if _plain(text) not in known]
        if lacking and self.config.missing == "stop":
            listed = file.with_name(f"{file.name}.missing")
            try:
                listed.write_text("".join(f"{text}\n" for text in lacking), encoding="utf-8")
            except OSError as error:
                raise DataError(f"{listed}: cannot be written: {error.strerror}") from error
            raise DataError(
                f"{file}: lacks {len(lacking):,} of {len(texts):,} texts, such as {lacking[0][:60]!r}; all are in "
                f"{listed}, to be translated. Or keep them as they are: resources.precomputed.missing=keep"
            )
        for text in texts:
            there = known.get(_plain(text))
            yield Translation(text, len(text.split())) if there is None else Translation(there, 0)

    def _file(self, sides: Sides) -> Path:
        source, target = sides.languages
        if not self.config.path:
            raise DataError("precomputed: which file? --set resources.precomputed.path=FILE")
        file = Path(self.config.path.replace("{source}", source).replace("{target}", target)).expanduser()
        if not file.is_file():
            raise DataError(f"{file}: no such translations from {source} to {target}; set resources.precomputed.path")
        return file


def _plain(text: str) -> str:
    return " ".join(text.split())


def _read(file: Path) -> dict[str, str]:
    """Return the translations of a file; of a text that is there twice the first.

    Raises:
        DataError: a line is not two texts, or the file is not UTF-8.
    """
    known = dict[str, str]()
    try:
        lines = file.read_text(encoding="utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        raise DataError(f"{file}: is not UTF-8 (byte {error.start}); convert it") from error
    for number, line in enumerate(lines, 1):
        if not line.strip() or (line.startswith("#") and "\t" not in line):
            continue
        cells = [_plain(cell) for cell in line.split("\t")]
        if len(cells) != 2 or not all(cells):
            raise DataError(f"{file}:{number}: expected a text, a tab, and its translation: {line.strip()[:60]!r}")
        known.setdefault(*cells)
    return known
