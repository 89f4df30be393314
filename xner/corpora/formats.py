"""Readers and writers of sentences: column files, JSON Lines, Parquet and plain text."""

import codecs
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby, islice
from pathlib import Path
from typing import TextIO

import pyarrow as pa
import pyarrow.parquet as pq
from datasets import Features
from pydantic import Field, field_validator

from xner.corpora.corpus import Sentence
from xner.corpora.labels import TagError, to_iob2
from xner.corpora.words import split_words
from xner.errors import DataError
from xner.plugin.component import Settings
from xner.store.files import missing, writing

_PREFIX = re.compile(r"^[a-z]{2,3}(?:-[a-z]+)*:")
_TAGGED = re.compile(r"[\t ](?:O|[BI]-\w+)$")


class ReadOptions(Settings):
    """How to read a file of sentences; all but `encoding` are for column files."""

    token_column: int = Field(
        default=0, description="Column of the word; counted from 0, or from the end with -1, -2, ..."
    )
    tag_column: int = Field(
        default=-1, description="Column of the tag; counted from 0, or from the end with -1, -2, ..."
    )
    encoding: str = Field(default="utf-8", description='Encoding of text files, such as "utf-8" or "latin-1".')

    @field_validator("encoding")
    @classmethod
    def _known(cls, encoding: str) -> str:
        try:
            return codecs.lookup(encoding) and encoding
        except LookupError as error:
            raise ValueError(f"{error}; expected one that Python knows, such as utf-8 or latin-1") from None

    strip_prefix: bool | None = Field(
        default=None,
        description='Cut language prefixes such as WikiAnn\'s "de:" in "de:Haus" off the words. '
        "Unset: only if all words of the file, and more than one, have the same prefix.",
    )


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


def _record(fields: Mapping[str, object], where: str, names: Sequence[str] | None = None) -> Sentence:
    """Check one sentence: `tokens` and, where labelled, `tags` or `ner_tags` (numbers of `names`); or `text`."""
    tokens, tags = fields.get("tokens"), fields.get("tags", fields.get("ner_tags"))
    if tokens is None and isinstance(text := fields.get("text"), str):
        tokens, tags = [word.text for word in split_words(text)], None
    if not isinstance(tokens, list) or not all(isinstance(token, str) for token in tokens):
        found = ", ".join(fields) or "nothing"
        raise DataError(f'{where}: expected "tokens", a list of words, or "text", a sentence; found {found}')
    if re.search("[\ud800-\udfff]", "".join(tokens)):
        raise DataError(f"{where}: has half of a surrogate pair (\\ud800 to \\udfff), which is not text; remove it")
    if tags is None:
        return Sentence(tokens)
    if not isinstance(tags, list) or len(tags) != len(tokens):
        raise DataError(f"{where}: {len(tokens)} tokens, but the tags are not a list of {len(tokens)}: {tags!r:.80}")
    if names is not None:
        tags = [names[tag] if isinstance(tag, int) and 0 <= tag < len(names) else tag for tag in tags]
    if wrong := [tag for tag in tags if not isinstance(tag, str)]:
        raise DataError(f"{where}: the tag {wrong[0]!r} has no name; expected tags such as B-PER")
    try:
        return Sentence(tokens, to_iob2(tags))
    except TagError as error:
        raise DataError(f"{where}: {error}") from None


def _lines(path: Path, encoding: str) -> Iterator[tuple[int, str]]:
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                yield number, line.decode(encoding).removeprefix("\ufeff" if number == 1 else "").rstrip("\r\n")
    except UnicodeError as error:
        raise DataError(f"{path}:{number}: {error}; save the file as utf-8, or set `encoding` to what it is") from None
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from None


def _rows(path: Path, options: ReadOptions) -> Iterator[tuple[int, list[str]]]:
    """Yield the columns of each line by number: none for a line that ends a sentence, comments are left out."""
    needed = max(2, options.token_column + 1, options.tag_column + 1)
    lines = (line for _, line in _lines(path, options.encoding) if line.strip())
    tabbed = "\t" in next((line for line in lines if not line.startswith(("#", "-DOCSTART-"))), "")
    for number, line in _lines(path, options.encoding):
        columns = line.split("\t") if "\t" in line else re.split(" +", line.strip(" "))
        if not line.strip() or line.startswith("-DOCSTART-"):
            yield number, []
        elif not (tabbed and line.startswith("#") and (len(columns) < needed or "\t" not in line)):
            yield number, columns


def _prefixed(path: Path, options: ReadOptions) -> bool:
    """Whether all words of the file, and more than one, have the same language prefix."""
    prefixes = list[str]()
    for columns in filter(None, (columns for _, columns in _rows(path, options))):
        match = _PREFIX.match("".join(columns[options.token_column :][:1]))
        if match is None or match[0] != (prefixes or match)[0]:
            return False
        prefixes.append(match[0])
    return len(prefixes) > 1


def _read_columns(path: Path, options: ReadOptions) -> Iterator[Sentence]:
    strip = _prefixed(path, options) if options.strip_prefix is None else options.strip_prefix
    start: tuple[int, bool] | None = None
    for filled, group in groupby(_rows(path, options), key=lambda row: bool(row[1])):
        if not filled:
            continue
        tokens, tags, numbers = list[str](), list[str](), list[int]()
        for number, columns in group:
            start = start or (number, len(columns) > 1)
            token, tag = _cells(f"{path}:{number}", columns, start, options)
            tokens.append(_PREFIX.sub("", token, count=1) if strip else token)
            tags.append(tag)
            numbers.append(number)
        try:
            yield Sentence(tokens, to_iob2(tags) if start and start[1] else None)
        except TagError as error:
            where = f"{path}:{numbers[error.position]}: {error}"
            raise DataError(f"{where}; the tag is taken from column {options.tag_column} (tag_column)") from None


def _cells(where: str, columns: list[str], start: tuple[int, bool], options: ReadOptions) -> tuple[str, str]:
    """Return the word and the tag of a line; `start` is the first line and whether that has tags."""
    width, (first, labelled) = len(columns), start
    if width == 1 and labelled:
        raise DataError(f"{where}: one column, expected a word and a tag as in line {first}")
    if width > 1 and not labelled:
        raise DataError(f"{where}: {width} columns, expected one as in line {first}; label all words or none")
    if width == 1:
        return columns[0], ""
    for name, place in (("token_column", options.token_column), ("tag_column", options.tag_column)):
        if not -width <= place < width:
            raise DataError(f"{where}: {width} columns, so there is no column {place}; correct {name}")
    if not columns[options.token_column]:
        raise DataError(f"{where}: the word in column {options.token_column} is empty; correct it or set token_column")
    return columns[options.token_column], columns[options.tag_column].strip(" ")


def _read_text(path: Path, options: ReadOptions) -> Iterator[Sentence]:
    head = [line for _, line in islice(_lines(path, options.encoding), 2)]
    if len(head) == 2 and all(map(_TAGGED.search, head)):
        raise DataError(f"{path}: looks like a column file, but .txt is plain text; rename it to {path.stem}.conll")
    for _, line in _lines(path, options.encoding):
        if words := split_words(line):
            yield Sentence([word.text for word in words])


def _read_json(path: Path, options: ReadOptions) -> Iterator[Sentence]:
    for number, line in _lines(path, options.encoding):
        if line.strip():
            try:
                fields = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise DataError(f"{path}:{number}: not JSON ({error}); expected one object a line") from None
            if not isinstance(fields, dict):
                raise DataError(f'{path}:{number}: expected an object such as {{"tokens": [...], "tags": [...]}}')
            yield _record(fields, f"{path}:{number}")


def _read_parquet(path: Path, options: ReadOptions) -> Iterator[Sentence]:
    try:
        with pq.ParquetFile(path) as file:
            features = Features.from_arrow_schema(file.schema_arrow)
            names = getattr(getattr(features.get("tags", features.get("ner_tags")), "feature", None), "names", None)
            columns = [name for name in ("tokens", "tags", "ner_tags", "text") if name in features]
            rows = (row for batch in file.iter_batches(1000, columns=columns) for row in batch.to_pylist())
            for number, row in enumerate(rows, 1):
                yield _record(row, f"{path}: row {number}", names)
    except (pa.ArrowException, OSError, ValueError) as error:
        reason = str(error).partition("\n")[0]
        raise DataError(f"{path}: not a Parquet file that can be read: {reason}") from None


_COLUMN_FILES = (".conll", ".iob", ".iob2", ".bio", ".tsv", ".conllu")
READERS = dict.fromkeys(_COLUMN_FILES, _read_columns) | {
    ".jsonl": _read_json,
    ".json": _read_json,
    ".parquet": _read_parquet,
    ".txt": _read_text,
}
"""The reader of each suffix."""


def write_conll(target: Path | str | TextIO, sentences: Iterable[Sentence]) -> None:
    """Write sentences as `word<TAB>tag` lines with an empty line after each sentence; without tags, only the words.

    Raises:
        DataError: the file cannot be written, or a word cannot stand in a column file.
    """
    with writing(target) as file:
        for tokens, tags in sentences:
            for token in tokens:
                if not token or set(token) & set("\t\r\n") or (tags is None and (" " in token or not token.strip())):
                    raise DataError(f"the word {token!r} cannot stand in a column file; write .jsonl instead")
            lines = tokens if tags is None else [f"{token}\t{tag}" for token, tag in zip(tokens, tags, strict=True)]
            file.write("\n".join(lines) + "\n\n")
