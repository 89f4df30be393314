"""CSV with a header: a word a row and a column that tells the sentence, or a text a row."""

import ast
import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from xner.corpora.corpus import Sentence
from xner.corpora.formats.lines import lines
from xner.corpora.formats.notes import Notes
from xner.corpora.formats.options import UNLABELLED, ReadOptions
from xner.corpora.formats.records.sentences import Rows, sentences_of
from xner.corpora.formats.tags import is_tag
from xner.errors import DataError

_WORDS = ("word", "words", "token", "tokens", "form")
_TEXTS = ("text", "sentence")
_TAGS = ("tag", "tags", "ner", "ner_tag", "ner_tags", "label", "labels", "entities", "spans", "iob", "bio")
_SENTENCES = ("sentence #", "sentence_id", "sentence id", "sent_id", "sentence_idx", "sentence_number", "sentence")
_SEPARATORS = ",;\t|"


class _Columns(NamedTuple):
    """The columns of a table; -1 where there is none."""

    text: int
    labels: int
    sentence: int
    a_word: bool
    """Whether a row is a word, and not a text."""
    unread: Sequence[int]
    """The columns that are none of these and may have labels."""


def read_csv(path: Path, options: ReadOptions, notes: Notes) -> Iterator[Sentence]:
    """Read a table whose first line names its columns; see `xner.corpora.formats.reading.read`."""
    numbered = lines(path, options.encoding, notes)
    first = next(((number, line) for number, line in numbered if line.strip()), None)
    if first is None:
        return
    separator = max(_SEPARATORS, key=first[1].count)
    table = _rows(path, chain([first], numbered), separator)
    where, header = next(table)
    columns = _recognised(header, options, where)
    named = {header[place].strip() for place in columns[:3] if place >= 0}
    notes.layout = "columns: " + ", ".join(name.strip() for name in header if name.strip() in named)
    rows = _words(table, columns) if columns.a_word else _texts(table, columns, header)
    yield from sentences_of(rows, ReadOptions(names=options.names), notes)


def _rows(path: Path, numbered: Iterable[tuple[int, str]], separator: str) -> Iterator[tuple[str, list[str]]]:
    """Yield the rows, each with its line; an empty line is an empty row."""
    at = 0

    def texts() -> Iterator[str]:
        nonlocal at
        for number, line in numbered:
            at = number
            yield line + "\n"

    reader = csv.reader(texts(), delimiter=separator)
    try:
        for row in reader:
            yield f"{path}:{at}", row
    except csv.Error as error:
        raise DataError(f"{path}:{at}: not CSV: {error}") from None


def _recognised(header: Sequence[str], options: ReadOptions, where: str) -> _Columns:
    """Return the columns that the header names, or those that are set."""
    names = [name.strip().lower().removeprefix("\ufeff") for name in header]
    word = _place(names, _WORDS, options.token_column, where, "token_column")
    text = _place(names, _TEXTS, None, where, "") if word < 0 else -1
    labels = -1 if options.tag_column == UNLABELLED else _place(names, _TAGS, options.tag_column, where, "tag_column")
    sentence = next((names.index(name) for name in _SENTENCES if name in names and names.index(name) != text), -1)
    found = f"the first line is {','.join(header)!r:.120}"
    if max(word, text) < 0:
        raise DataError(
            f"{where}: no column has words or a text; expected a header with {_WORDS[0]}, {_WORDS[2]} or {_TEXTS[0]}, "
            f"or token_column=NAME; {found}"
        )
    others = [place for place in range(len(header)) if place not in (word, text, sentence)]
    unread = others if options.tag_column != UNLABELLED else []
    if labels < 0 and unread and word >= 0:
        last = header[unread[-1]].strip()
        raise DataError(
            f'{where}: no column has tags; expected one called tag, ner or label; "{last}" is not read; '
            f"name one with tag_column=NAME, or say tag_column={UNLABELLED}; {found}"
        )
    a_word = word >= 0 and (sentence >= 0 or names[word] in _WORDS)
    return _Columns(max(word, text), labels, sentence, a_word, unread)


def _place(names: Sequence[str], usual: Sequence[str], asked: int | str | None, where: str, setting: str) -> int:
    """Return the column of the first of some names, or the one that is asked for; -1: there is none."""
    if isinstance(asked, int):
        if not -len(names) <= asked < len(names):
            raise DataError(f"{where}: {len(names)} columns, so there is no column {asked}; correct {setting}")
        return asked % len(names)
    if asked is not None:
        if asked.lower() not in names:
            raise DataError(f"{where}: no column '{asked}'; it has {', '.join(names)}; correct {setting}")
        return names.index(asked.lower())
    return next((names.index(name) for name in usual if name in names), -1)


def _cell(row: Sequence[str], place: int, where: str) -> str:
    if place >= len(row):
        raise DataError(f"{where}: {len(row)} columns, but the header has more: {','.join(row)!r:.80}")
    return row[place]


def _words(table: Iterable[tuple[str, list[str]]], columns: _Columns) -> Rows:
    """Yield a record for each sentence; it ends at an empty line, or where the column of sentences changes."""
    tokens, tags, current, begun = list[str](), list[str](), "", ""

    def record() -> tuple[str, Mapping[str, object]]:
        return begun, {"tokens": tokens, "tags": tags if columns.labels >= 0 else None}

    for where, row in table:
        sentence = _cell(row, columns.sentence, where).strip() if columns.sentence >= 0 and any(row) else ""
        if tokens and (not any(row) or (sentence and sentence != current)):
            yield record()
            tokens, tags = [], []
        if not any(row):
            continue
        current = sentence or current
        begun = begun if tokens else where
        tokens.append(_cell(row, columns.text, where))
        tags.append(_cell(row, columns.labels, where).strip() if columns.labels >= 0 else "")
    if tokens:
        yield record()


def _texts(table: Iterable[tuple[str, list[str]]], columns: _Columns, header: Sequence[str]) -> Rows:
    """Yield a record for each text: its labels are a list of tags or spans, or tags with blanks between."""
    for where, row in table:
        if not any(row):
            continue
        text = _cell(row, columns.text, where)
        if columns.labels < 0:
            # what looks like labels is refused there, as in any record
            yield where, {"text": text, **{header[n]: _list(row[n], where) for n in columns.unread if _is_list(row, n)}}
            continue
        cell = _cell(row, columns.labels, where).strip()
        if not cell.startswith("["):
            yield where, {"tokens": text.split(), "tags": cell.split()}
            continue
        labels = _list(cell, where)
        spans = all(isinstance(label, dict | list | tuple) for label in labels)
        yield where, {"text": text, "entities" if spans else "tags": labels}


def _is_list(row: Sequence[str], place: int) -> bool:
    """Return whether a cell may have labels."""
    cell = row[place].strip() if place < len(row) else ""
    return cell.startswith("[") or (bool(cell) and all(map(is_tag, cell.split())))


def _list(cell: str, where: str) -> list[object]:
    """Return the list that is written in a cell, as JSON or Python writes it, or with blanks between."""
    if not cell.strip().startswith("["):
        return list(cell.split())
    try:
        return list(ast.literal_eval(cell.strip()))
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        raise DataError(f"{where}: the labels are no list: {cell!r:.80}") from None
