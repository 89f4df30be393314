"""The dictionary `dictionary-file`: a user's file."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from pydantic import Field

from xner.base import Dictionary, Settings, Sides
from xner.errors import DataError
from xner_resources.cedict_lines import Script, is_cedict, line_pairs


class DictionaryFile(Dictionary):
    """A file of words and translations: two columns, as MUSE's and PanLex's, or CC-CEDICT's lines.

    Columns are cut at tabs, or where there is none at the space; further columns behind a tab are not read. A word has
    as many lines as translations, the best first. Lines that begin with # are remarks.
    """

    class Config(Settings):
        """Which file."""

        path: str = Field("", description="The file, UTF-8; {source} and {target} stand for the languages' codes.")
        inverted: bool = Field(False, description="The target's word comes first, as in CC-CEDICT from English.")
        script: Script = Field("simplified", description="Which characters, of a file in CC-CEDICT's form.")

    config: Config

    def identity(self, sides: Sides) -> str:
        """Return a hash of the file.

        Raises:
            DataError: there is no such file.
        """
        return hashlib.sha256(self._file(sides).read_bytes()).hexdigest()[:16]

    def pairs(self, sides: Sides) -> Iterator[tuple[str, str]]:
        """Yield words and translations, in the file's order.

        Raises:
            DataError: there is no such file, or a line of it is not two words.
        """
        file = self._file(sides)
        try:
            lines = file.read_text(encoding="utf-8-sig").splitlines()
        except UnicodeDecodeError as error:
            raise DataError(f"{file}: is not UTF-8 (byte {error.start}); convert it") from error
        for number, line in enumerate(lines, 1):
            for pair in self._pairs(line, f"{file}:{number}"):
                yield pair[::-1] if self.config.inverted else pair

    def _pairs(self, line: str, where: str) -> Iterator[tuple[str, str]]:
        if not line.strip() or line.startswith("#"):
            return
        if is_cedict(line):
            yield from line_pairs(line, self.config.script)
            return
        cells = line.split("\t") if "\t" in line else line.split()
        words = [cell.strip() for cell in cells[:2]]
        if len(words) < 2 or not all(words) or ("\t" not in line and len(cells) > 2):
            raise DataError(f"{where}: expected a word, a tab or a space, and a translation: {line.strip()[:60]!r}")
        yield words[0], words[1]

    def _file(self, sides: Sides) -> Path:
        source, target = sides.languages
        if not self.config.path:
            raise DataError("dictionary-file: which file? --set resources.dictionary-file.path=FILE")
        file = Path(self.config.path.replace("{source}", source).replace("{target}", target)).expanduser()
        if not file.is_file():
            raise DataError(f"{file}: no such dictionary from {source} to {target}; set resources.dictionary-file.path")
        return file
