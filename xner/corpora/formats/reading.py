"""Sentences of a file in any format that is known by its suffix."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from xner.corpora.corpus import Sentence
from xner.corpora.formats.columns import read_columns
from xner.corpora.formats.lines import COMPRESSED
from xner.corpora.formats.notes import Notes
from xner.corpora.formats.options import ReadOptions
from xner.corpora.formats.records.arrow import STATE, read_parquet, read_saved
from xner.corpora.formats.records.objects import read_json
from xner.corpora.formats.records.tables import read_csv
from xner.corpora.formats.text import read_text
from xner.errors import DataError
from xner.store.files import missing

Reader = Callable[[Path, ReadOptions, Notes], Iterator[Sentence]]

SPLITS: Mapping[str, str] = {".train": "train", ".testa": "dev", ".testb": "test", ".dev": "dev", ".test": "test"}
"""Suffixes that name a split, as those of CoNLL's eng.testa, and the split."""

READERS: Mapping[str, Reader] = {
    ".conll": read_columns,
    ".iob": read_columns,
    ".iob2": read_columns,
    ".bio": read_columns,
    ".tsv": read_columns,
    ".conllu": read_columns,
    **dict.fromkeys(SPLITS, read_columns),
    ".jsonl": read_json,
    ".json": read_json,
    ".csv": read_csv,
    ".parquet": read_parquet,
    ".txt": read_text,
}
"""The reader of each suffix; each may have .gz behind it."""

_SAVED_SPLITS = "dataset_dict.json"


def suffix_of(path: Path) -> str:
    """Return the suffix that tells a file's format, in lower case."""
    return Path(path.stem if path.suffix.lower() == COMPRESSED else path.name).suffix.lower()


def stem_of(path: Path) -> str:
    """Return a file's name without the suffixes that tell its format."""
    return Path(path.stem if path.suffix.lower() == COMPRESSED else path.name).stem


def is_saved(path: Path) -> bool:
    """Return whether a folder is a data set that `save_to_disk` wrote."""
    return (path / STATE).is_file()


def saved_splits(path: Path) -> list[str]:
    """Return the splits of a folder that `save_to_disk` of several data sets wrote; none if it is none."""
    return sorted(inner.parent.name for inner in path.glob(f"*/{STATE}")) if (path / _SAVED_SPLITS).is_file() else []


def read(path: Path | str, options: ReadOptions, notes: Notes | None = None) -> Iterator[Sentence]:
    """Read the sentences of a file, in the format that its suffix tells; tags of any scheme become IOB2.

    Args:
        path: a column file, JSON, CSV, Parquet, .txt (a sentence a line, or a column file), any of these with .gz; or a
            folder that `save_to_disk` wrote.
        options: the columns and the encoding; what is unset is recognised.
        notes: gets what is to be said of the file; it is complete after the last sentence.

    Raises:
        DataError: there is no such file, or something in it cannot be read; the message names the line.
    """
    path, notes = Path(path), Notes() if notes is None else notes
    if not path.exists():
        raise missing(path)
    if path.is_dir():
        if is_saved(path):
            return read_saved(path, options, notes)
        raise DataError(f"{path}: is a folder; expected a file")
    reader = READERS.get(suffix_of(path))
    if reader is None:
        known = ", ".join(READERS)
        raise DataError(f"{path}: cannot tell the format from '{path.suffix}'; expected {known}, each also with .gz")
    return reader(path, options, notes)
