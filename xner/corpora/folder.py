"""Corpora in the user's own files."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import ClassVar

from pydantic import Field

from xner.corpora.corpus import Corpus
from xner.corpora.formats.notes import Notes
from xner.corpora.formats.options import ReadOptions
from xner.corpora.formats.reading import READERS, SPLITS, is_saved, read, saved_splits, stem_of, suffix_of
from xner.corpora.source import CorpusReader
from xner.errors import DataError, did_you_mean
from xner.plugin.component import Settings
from xner.store.files import missing

_SPLITS = {"validation": "dev", "valid": "dev", "testa": "dev", "testb": "test"}


class FolderConfig(ReadOptions):
    """Where the files are, and how to read them."""

    path: str = Field(description="A folder with <language>/<split>.<suffix> files, or one file for all that is asked.")


class Folder(CorpusReader):
    """Reads `<path>/<language>/<split>.<suffix>`, or the one file that `path` is for every language and split.

    What `save_to_disk` of datasets wrote stands for a file, or, if it has splits, for a language.
    """

    Config: ClassVar[type[Settings]] = FolderConfig
    config: FolderConfig

    def load(self, language: str, split: str) -> Corpus:
        """Read a corpus; its name is the path.

        Raises:
            DataError: there is no such language or split, or its file cannot be read or is empty.
        """
        file, notes = self._file(language, split), Notes()
        sentences = read(file, self.config, notes)
        first = next((sentence for sentence in sentences if sentence.tokens), None)
        if first is None:
            raise DataError(f"{file}: the file is empty; expected at least one sentence with a word")
        corpus = Corpus.from_sentences(self.config.path, language, split, chain([first], sentences))
        return replace(corpus, layout=notes.layout, notes=notes.lines())

    def splits(self) -> Mapping[str, tuple[str, ...]]:
        """Return the languages and splits that there are files for; none if the path is a file."""
        if saved := saved_splits(self._path):
            return _EveryLanguage(dict.fromkeys(_SPLITS.get(name, name) for name in saved))
        return {language: tuple(files) for language, files in self._files().items()}

    @property
    def _path(self) -> Path:
        return Path(self.config.path).expanduser()

    def _file(self, language: str, split: str) -> Path:
        path = self._path
        if not path.exists():
            raise missing(path)
        if not path.is_dir() or is_saved(path):
            return path
        if saved := saved_splits(path):
            return _one(path, {_SPLITS.get(name, name): [path / name] for name in saved}, split)
        languages = self._files()
        if not languages:
            raise DataError(
                f"{path}: no corpora here; expected files {path}/<language>/<split>.conll{_unread(path.glob('*/*'))}"
            )
        if language not in languages:
            known = ", ".join(languages)
            hint = did_you_mean(language, languages) or _unread((path / language).glob("*"))
            raise DataError(f"{path}: no language '{language}'; it has {known}.{hint}")
        return _one(path / language, languages[language], split)

    def _files(self) -> dict[str, dict[str, list[Path]]]:
        languages = dict[str, dict[str, list[Path]]]()
        for file in sorted(self._path.glob("[!.]*/[!.]*")):
            if is_saved(file) or (file.is_file() and suffix_of(file) in READERS and not _is_inside(file)):
                splits = languages.setdefault(file.parent.name, {})
                splits.setdefault(_split_of(file), []).append(file)
        return languages


class _EveryLanguage(Mapping[str, tuple[str, ...]]):
    """The same splits for whatever language is asked for; listed, it is one without a name."""

    def __init__(self, splits: Iterable[str]) -> None:
        self.splits = tuple(splits)

    def __getitem__(self, language: str) -> tuple[str, ...]:
        return self.splits

    def __iter__(self) -> Iterator[str]:
        return iter(("",))

    def __len__(self) -> int:
        return 1


def _one(folder: Path, splits: Mapping[str, list[Path]], split: str) -> Path:
    """Return the only file of a split."""
    files = splits.get(_SPLITS.get(split, split), [])
    if len(files) != 1:
        found = f"several files for '{split}', keep one: {', '.join(file.name for file in files)}"
        none = f"no split '{split}'; it has {', '.join(splits)}{_unread(folder.glob(f'{split}*'))}"
        raise DataError(f"{folder}: {found if files else none}")
    return files[0]


def _split_of(file: Path) -> str:
    """Return the split that a file's name tells, or its suffix, as in eng.testa."""
    name = SPLITS.get(suffix_of(file)) or (file.name if file.is_dir() else stem_of(file))
    return _SPLITS.get(name, name)


def _is_inside(file: Path) -> bool:
    """Return whether a file is a part of what `save_to_disk` wrote."""
    return is_saved(file.parent) or bool(saved_splits(file.parent))


def _unread(files: Iterable[Path]) -> str:
    """Return a hint at the first of the files, if there is one, whose suffix says nothing."""
    strange = sorted(file for file in files if file.is_file() and suffix_of(file) not in READERS)
    return f"; {strange[0]} is not read, since its suffix is none of {', '.join(READERS)}" if strange else ""
