"""Tables of Arrow: Parquet files, and folders that `save_to_disk` of datasets wrote."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from xner.corpora.corpus import Sentence
from xner.corpora.formats.lines import opened
from xner.corpora.formats.notes import Notes
from xner.corpora.formats.options import ReadOptions
from xner.corpora.formats.records.fields import SPANS, TAGS, TEXTS, TOKENS
from xner.corpora.formats.records.sentences import Rows, sentences_of
from xner.errors import DataError
from xner.filenames import escape

if TYPE_CHECKING:  # they take longer to import than a short text to tag
    from datasets import Features

_ROWS = 1000
STATE = "state.json"
"""The file of a data set that `save_to_disk` wrote, with the names of its other files."""


def read_parquet(path: Path, options: ReadOptions, notes: Notes) -> Iterator[Sentence]:
    """Read a row a sentence; see `xner.corpora.formats.reading.read`."""
    import pyarrow as pa
    import pyarrow.parquet as pq
    from datasets import Features

    try:
        with ExitStack() as stack:
            file = stack.enter_context(pq.ParquetFile(stack.enter_context(opened(path))))
            features = Features.from_arrow_schema(file.schema_arrow)
            columns = _needed(features, options)
            batches = (batch.to_pylist() for batch in file.iter_batches(_ROWS, columns=columns))
            rows = ((f"{path}: row {number}", row) for number, row in enumerate((r for b in batches for r in b), 1))
            yield from sentences_of(rows, options, notes, _names(features, options))
    except (pa.ArrowException, ValueError) as error:
        reason = str(error).partition("\n")[0]
        raise DataError(f"{path}: not a Parquet file that can be read: {reason}") from None


def read_saved(path: Path, options: ReadOptions, notes: Notes) -> Iterator[Sentence]:
    """Read a data set that `save_to_disk` wrote; see `xner.corpora.formats.reading.read`."""
    import pyarrow as pa
    from datasets import load_from_disk

    _check_files(path)
    try:
        data = load_from_disk(str(path))
    except (pa.ArrowException, OSError, ValueError, KeyError, TypeError) as error:
        reason = str(error).partition("\n")[0]
        raise DataError(f"{path}: not a data set that can be read: {reason}") from None
    data = data.select_columns(_needed(data.features, options))
    table = data.with_format("arrow")
    rows = (row for batch in table.iter(_ROWS) for row in batch.to_pylist())
    numbered: Rows = ((f"{path}: row {number}", row) for number, row in enumerate(rows, 1))
    return sentences_of(numbered, options, notes, _names(data.features, options))


def _check_files(path: Path) -> None:
    """Refuse a data set whose list of files leads out of its folder; what else is wrong, `load_from_disk` tells.

    Raises:
        DataError: it does.
    """
    with suppress(OSError, ValueError, KeyError, TypeError):
        names = [str(file["filename"]) for file in json.loads((path / STATE).read_bytes())["_data_files"]]
        if (odd := next((name for name in names if escape(name)), None)) is not None:
            raise DataError(f"{path / STATE}: the file {odd!r} is not in this folder: {escape(odd)}; save it anew")


def _needed(features: "Features", options: ReadOptions) -> list[str]:
    """Return the columns to read: those of words and labels, or all where none has labels."""
    labels = {*TAGS, *SPANS, options.tag_column}
    if labels.isdisjoint(features):
        return list(features)
    wanted = {*labels, *TOKENS, *TEXTS, options.token_column, "answer"}
    return [name for name in features if name in wanted]


def _names(features: "Features", options: ReadOptions) -> list[str]:
    """Return the classes of the column with the tags, if they have names."""
    for name in (options.tag_column, *TAGS):
        inner = getattr(features.get(name), "feature", None)
        if names := getattr(inner, "names", None):
            return list(names)
    return []
