"""The gazetteer `gazetteer-file`: a user's file."""

import gzip
import hashlib
from collections.abc import Iterator
from math import isfinite
from pathlib import Path

from pydantic import Field

from xner.base import Gazetteer, Name, Settings, Sides
from xner.errors import DataError


class GazetteerFileSettings(Settings):
    """Which file."""

    path: str = Field(
        "", description="The file, UTF-8, may be gzip; {source} and {target} stand for the languages' codes."
    )


class GazetteerFile(Gazetteer):
    """A file of names: name, type and, if there is a third column, prior, with tabs between.

    Without a prior it is 1. A name of several types has a line of each. Lines that begin with # are remarks. `xner
    resource wikidata` makes such a file.
    """

    Config = GazetteerFileSettings
    config: GazetteerFileSettings

    def identity(self, sides: Sides) -> str:
        """Return a hash of the file.

        Raises:
            DataError: there is no such file.
        """
        with self._file(sides).open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()[:16]

    def names(self, sides: Sides) -> Iterator[Name]:
        """Yield the rows, in the file's order.

        Raises:
            DataError: there is no such file, or a line of it is not a name and a type.
        """
        file = self._file(sides)
        with (gzip.open if file.suffix == ".gz" else open)(file, "rt", encoding="utf-8-sig") as lines:
            try:
                for number, line in enumerate(lines, 1):
                    if line.strip() and not line.startswith("#"):
                        yield _row(line, f"{file}:{number}")
            except UnicodeDecodeError as error:
                raise DataError(f"{file}: is not UTF-8 (byte {error.start}); convert it") from error
            except (gzip.BadGzipFile, EOFError) as error:
                raise DataError(f"{file}: is not whole gzip ({error}); fetch it again") from error

    def _file(self, sides: Sides) -> Path:
        source, target = sides.languages
        if not self.config.path:
            raise DataError("gazetteer-file: which file? --set resources.gazetteer-file.path=FILE")
        file = Path(self.config.path.replace("{source}", source).replace("{target}", target)).expanduser()
        if not file.is_file():
            raise DataError(f"{file}: no such gazetteer for {source} and {target}; set resources.gazetteer-file.path")
        return file


def _row(line: str, where: str) -> Name:
    cells = [cell.strip() for cell in line.rstrip("\r\n").split("\t")]
    try:
        surface, kind, prior = cells[0], cells[1], float(cells[2]) if len(cells) > 2 and cells[2] else 1.0
    except (IndexError, ValueError):
        surface, kind, prior = "", "", 0.0
    if not (surface and kind and isfinite(prior) and prior > 0):
        raise DataError(
            f"{where}: expected a name, a type and perhaps a prior above 0, with tabs: {line.strip()[:60]!r}"
        )
    return Name(surface, kind, prior)
