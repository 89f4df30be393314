"""Corpora in the user's own files."""

from collections.abc import Iterable, Mapping
from itertools import chain
from pathlib import Path
from typing import ClassVar

from pydantic import Field

from xner.corpora.corpus import Corpus
from xner.corpora.formats.options import ReadOptions
from xner.corpora.formats.reading import READERS, read
from xner.corpora.source import CorpusReader
from xner.errors import DataError, did_you_mean
from xner.plugin.component import Settings
from xner.store.files import missing

_SPLITS = {"validation": "dev", "valid": "dev"}


class FolderConfig(ReadOptions):
    """Where the files are, and how to read them."""

    path: str = Field(description="A folder with <language>/<split>.<suffix> files, or one file for all that is asked.")


class Folder(CorpusReader):
    """Reads `<path>/<language>/<split>.<suffix>`, or the one file that `path` is for every language and split."""

    Config: ClassVar[type[Settings]] = FolderConfig
    config: FolderConfig

    def load(self, language: str, split: str) -> Corpus:
        """Read a corpus; its name is the path.

        Raises:
            DataError: there is no such language or split, or its file cannot be read or is empty.
        """
        file = self._file(language, split)
        sentences = read(file, self.config)
        first = next((sentence for sentence in sentences if sentence.tokens), None)
        if first is None:
            raise DataError(f"{file}: the file is empty; expected at least one sentence with a word")
        return Corpus.from_sentences(self.config.path, language, split, chain([first], sentences))

    def splits(self) -> Mapping[str, tuple[str, ...]]:
        """Return the languages and splits that there are files for; none if the path is a file."""
        return {language: tuple(files) for language, files in self._files().items()}

    def _file(self, language: str, split: str) -> Path:
        path = Path(self.config.path).expanduser()
        if not path.exists():
            raise missing(path)
        if path.is_file():
            return path
        languages = self._files()
        if not languages:
            raise DataError(
                f"{path}: no corpora here; expected files {path}/<language>/<split>.conll{_unread(path.glob('*/*'))}"
            )
        if language not in languages:
            known = ", ".join(languages)
            hint = did_you_mean(language, languages) or _unread((path / language).glob("*"))
            raise DataError(f"{path}: no language '{language}'; it has {known}.{hint}")
        files = languages[language].get(_SPLITS.get(split, split), [])
        if len(files) != 1:
            found = f"several files for '{split}', keep one: {', '.join(file.name for file in files)}"
            unread = _unread((path / language).glob(f"{split}*"))
            none = f"no split '{split}'; it has {', '.join(languages[language])}{unread}"
            raise DataError(f"{path / language}: {found if files else none}")
        return files[0]

    def _files(self) -> dict[str, dict[str, list[Path]]]:
        languages = dict[str, dict[str, list[Path]]]()
        for file in sorted(Path(self.config.path).expanduser().glob("[!.]*/[!.]*")):
            if file.suffix.lower() in READERS and file.is_file():
                splits = languages.setdefault(file.parent.name, {})
                splits.setdefault(_SPLITS.get(file.stem, file.stem), []).append(file)
        return languages


def _unread(files: Iterable[Path]) -> str:
    """Return a hint at the first of the files, if there is one, whose suffix says nothing."""
    strange = sorted(file for file in files if file.is_file() and file.suffix.lower() not in READERS)
    return f"; {strange[0]} is not read, since its suffix is none of {', '.join(READERS)}" if strange else ""
