"""Sentences of a file in any format that is known by its suffix."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from xner.corpora.corpus import Sentence
from xner.corpora.formats.columns import read_columns
from xner.corpora.formats.options import ReadOptions
from xner.corpora.formats.records import read_json, read_parquet
from xner.corpora.formats.text import read_text
from xner.errors import DataError
from xner.store.files import missing

READERS: Mapping[str, Callable[[Path, ReadOptions], Iterator[Sentence]]] = {
    ".conll": read_columns,
    ".iob": read_columns,
    ".iob2": read_columns,
    ".bio": read_columns,
    ".tsv": read_columns,
    ".conllu": read_columns,
    ".jsonl": read_json,
    ".json": read_json,
    ".parquet": read_parquet,
    ".txt": read_text,
}
"""The reader of each suffix."""


def read(path: Path | str, options: ReadOptions) -> Iterator[Sentence]:
    """Read the sentences of a file, in the format that its suffix tells; tags of any scheme become IOB2.

    Args:
        path: a column file, .jsonl or .json (an object a line), .parquet, or .txt (a sentence a line, unlabelled).
        options: the columns and the encoding.

    Raises:
        DataError: there is no such file, or something in it cannot be read; the message names the line.
    """
    path = Path(path)
    if not path.exists():
        raise missing(path)
    if path.is_dir():
        raise DataError(f"{path}: is a folder; expected a file")
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise DataError(f"{path}: cannot tell the format from '{path.suffix}'; expected {', '.join(READERS)}")
    return reader(path, options)
