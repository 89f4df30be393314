"""CSV with a header: a word a row and a column that tells the sentence, or a text a row."""

import ast
import csv
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from xner.corpora.corpus import Sentence
from xner.corpora.formats.lines import lines, peek
from xner.corpora.formats.notes import Notes
from xner.corpora.formats.options import UNLABELLED, ReadOptions
from xner.corpora.formats.records.sentences import Rows, sentences_of
from xner.corpora.formats.tags import TagReader, is_tag
from xner.errors import DataError

_WORDS = ("word", "words", "token", "tokens", "form")
_TEXTS = ("text", "sentence")
_TAGS = ("tag", "tags", "ner", "ner_tag", "ner_tags", "label", "labels", "entities", "spans", "iob", "bio")
_SENTENCES = ("sentence #", "sentence_id", "sentence id", "sent_id", "sentence_idx", "sentence_number", "sentence")
_HEAD = 500
"""Rows from which it is told how tags are written."""
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
    where, named = next(table)
    header = [" ".join(name.split()) for name in named]  # a quoted one may have line ends
    columns = _recognised(header, options, where)
    notes.layout = "columns: " + ", ".join(header[place] for place in sorted({*columns[:3]} - {-1}))
    if columns.a_word:
        yield from _words(table, columns, TagReader(options.names, notes))
    else:
        yield from sentences_of(_texts(table, columns, header), ReadOptions(names=options.names), notes)


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
    names = [name.lower() for name in header]
    word = _place(names, _WORDS, options.token_column, where, "token_column")
    text = _place(names, _TEXTS, None, where, "") if word < 0 else -1
    labels = -1 if options.tag_column == UNLABELLED else _place(names, _TAGS, options.tag_column, where, "tag_column")
    sentence = next((names.index(name) for name in _SENTENCES if name in names and names.index(name) != text), -1)
    found = f"the first line is {','.join(header)!r:.120}"
    if max(word, text) < 0:
        raise DataError(
            f"{where}: no column has words or a text; expected a header with {_WORDS[0]}, {_WORDS[2]} or {_TEXTS[0]}, "
            f"or set corpora.folder.token_column=NAME; {found}"
        )
    others = [place for place in range(len(header)) if place not in (word, text, sentence)]
    unread = others if options.tag_column != UNLABELLED else []
    if labels < 0 and unread and word >= 0:
        last = header[unread[-1]]
        raise DataError(
            f'{where}: no column has tags; expected one called tag, ner or label; "{last}" is not read; '
            f"set corpora.folder.tag_column=NAME or ={UNLABELLED}; {found}"
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


def _words(table: Iterable[tuple[str, list[str]]], columns: _Columns, reader: TagReader) -> Iterator[Sentence]:
    """Yield sentences of rows that are words; one ends at an empty line, or where the column of sentences changes."""
    head, table = peek(table, _HEAD)
    reader.learn(row[columns.labels].strip() for _, row in head if 0 <= columns.labels < len(row) and any(row))
    tokens, tags, places, current = list[str](), list[str](), list[str](), ""
    for where, row in chain(table, [("", [])]):  # an empty line at the end, too
        sentence = _cell(row, columns.sentence, where).strip() if columns.sentence >= 0 and any(row) else ""
        if tokens and (not any(row) or (sentence and sentence != current)):
            yield Sentence(tokens, reader.read(tags, places.__getitem__) if columns.labels >= 0 else None)
            tokens, tags, places = [], [], []
        if any(row):
            current = sentence or current
            places.append(where)
            if not (token := _cell(row, columns.text, where)):
                raise DataError(f"{where}: the word is empty: {','.join(row)!r:.80}; correct it or take the row out")
            tokens.append(token)
            tags.append(_cell(row, columns.labels, where).strip() if columns.labels >= 0 else "")


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
