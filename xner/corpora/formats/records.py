"""Files with a record for each sentence: JSON Lines and Parquet."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from datasets import Features

from xner.corpora.corpus import Sentence
from xner.corpora.formats.options import ReadOptions
from xner.corpora.formats.text import lines
from xner.corpora.labels import TagError, to_iob2
from xner.corpora.words import split_words
from xner.errors import DataError


def read_json(path: Path, options: ReadOptions) -> Iterator[Sentence]:
    """Read an object a line; see `xner.corpora.formats.reading.read`."""
    for number, line in lines(path, options.encoding):
        if line.strip():
            try:
                fields = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise DataError(f"{path}:{number}: not JSON ({error}); expected one object a line") from None
            if not isinstance(fields, dict):
                raise DataError(f'{path}:{number}: expected an object such as {{"tokens": [...], "tags": [...]}}')
            yield _sentence(fields, f"{path}:{number}")


def read_parquet(path: Path, options: ReadOptions) -> Iterator[Sentence]:
    """Read a row a sentence; see `xner.corpora.formats.reading.read`."""
    try:
        with pq.ParquetFile(path) as file:
            features = Features.from_arrow_schema(file.schema_arrow)
            names = getattr(getattr(features.get("tags", features.get("ner_tags")), "feature", None), "names", None)
            columns = [name for name in ("tokens", "tags", "ner_tags", "text") if name in features]
            rows = (row for batch in file.iter_batches(1000, columns=columns) for row in batch.to_pylist())
            for number, row in enumerate(rows, 1):
                yield _sentence(row, f"{path}: row {number}", names)
    except (pa.ArrowException, OSError, ValueError) as error:
        reason = str(error).partition("\n")[0]
        raise DataError(f"{path}: not a Parquet file that can be read: {reason}") from None


def _sentence(fields: Mapping[str, object], where: str, names: Sequence[str] | None = None) -> Sentence:
    """Check one sentence: `tokens` and, where labelled, `tags` or `ner_tags` (numbers of `names`); or `text`."""
    tokens, tags = fields.get("tokens"), fields.get("tags", fields.get("ner_tags"))
    if tokens is None and isinstance(text := fields.get("text"), str):
        tokens, tags = [word.text for word in split_words(text)], None
    if not isinstance(tokens, list) or not all(isinstance(token, str) for token in tokens):
        found = ", ".join(fields) or "nothing"
        raise DataError(f'{where}: expected "tokens", a list of words, or "text", a sentence; found {found}')
    if re.search("[\ud800-\udfff]", "".join(tokens)):
        raise DataError(f"{where}: has half of a surrogate pair (\\ud800 to \\udfff), which is not text; remove it")
    return Sentence(tokens) if tags is None else Sentence(tokens, _tags(tags, len(tokens), where, names))


def _tags(tags: object, words: int, where: str, names: Sequence[str] | None) -> list[str]:
    """Check the tags of a sentence and return them in IOB2."""
    if not isinstance(tags, list) or len(tags) != words:
        raise DataError(f"{where}: {words} tokens, but the tags are not a list of {words}: {tags!r:.80}")
    if names is not None:
        tags = [names[tag] if isinstance(tag, int) and 0 <= tag < len(names) else tag for tag in tags]
    if wrong := [tag for tag in tags if not isinstance(tag, str)]:
        raise DataError(f"{where}: the tag {wrong[0]!r} has no name; expected tags such as B-PER")
    try:
        return to_iob2(tags)
    except TagError as error:
        raise DataError(f"{where}: {error}") from None
