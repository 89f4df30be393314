"""Column files: a word a line, its tag in another column, and an empty line after each sentence."""

import re
from collections.abc import Iterable, Iterator
from itertools import chain, groupby
from pathlib import Path
from typing import TextIO

from xner.corpora.corpus import Sentence
from xner.corpora.formats.layout import Layout, recognised
from xner.corpora.formats.lines import lines, peek
from xner.corpora.formats.notes import Notes
from xner.corpora.formats.options import UNLABELLED, ReadOptions
from xner.corpora.formats.tags import TagReader, is_tag
from xner.errors import DataError
from xner.store.files import writing

_PREFIX = re.compile(r"^[a-z]{2,3}(?:-[a-z]+)*:(?=.)", re.DOTALL)
_DOCUMENT = "-DOCSTART-"
_HEAD = 500
"""Lines from which the layout is recognised."""

Lines = Iterator[tuple[int, str]]


def read_columns(path: Path, options: ReadOptions, notes: Notes) -> Iterator[Sentence]:
    """Read a column file once, from its first line to its last; see `xner.corpora.formats.reading.read`."""
    return read_rows(lines(path, options.encoding, notes), path, options, notes)


def read_rows(numbered: Lines, path: Path, options: ReadOptions, notes: Notes) -> Iterator[Sentence]:
    """Read the lines of a column file; see `read_columns`."""
    for name in ("token_column", "tag_column"):
        if isinstance(value := getattr(options, name), str) and value != UNLABELLED:
            raise DataError(f"{path}: {name} is '{value}', but a column file has no names; expected a number from 0 on")
    sentences = _File(path, options, notes).sentences(numbered)
    if options.strip_prefix is None:
        return _without_shared_prefix(sentences)
    return map(_without_prefix, sentences) if options.strip_prefix else sentences


def cells(line: str) -> list[str]:
    """Return the columns of a line: it is cut at tabs if it has one, else at spaces."""
    return line.split("\t") if "\t" in line else re.split(" +", line.strip(" "))


def _without_prefix(sentence: Sentence) -> Sentence:
    return Sentence([_PREFIX.sub("", token, count=1) for token in sentence.tokens], sentence.tags)


def _without_shared_prefix(sentences: Iterator[Sentence]) -> Iterator[Sentence]:
    """Cut language prefixes off if all words, and more than one, have the same one.

    Sentences are held back only as long as all of their words have: in most files the first word has none.
    """
    held, words, shared = list[Sentence](), 0, set[str]()
    for sentence in sentences:
        held.append(sentence)
        words += len(sentence.tokens)
        for token in sentence.tokens:
            match = _PREFIX.match(token)
            shared.add(match[0] if match else "")
        if len(shared) > 1 or "" in shared:
            yield from chain(held, sentences)
            return
    yield from map(_without_prefix, held) if words > 1 else held


class _File:
    """A column file, and what is known from its first lines."""

    def __init__(self, path: Path, options: ReadOptions, notes: Notes) -> None:
        self.path, self.options, self.notes = path, options, notes
        self.first = 0
        """The line of the first word; all words have a tag if it has one."""
        self.layout, self.tabbed = Layout(), False
        self.tags = TagReader(options.names, notes)

    def sentences(self, numbered: Lines) -> Iterator[Sentence]:
        """Yield the sentences, with any prefixes on their words."""
        head, numbered = peek(numbered, _HEAD)
        self._look_at(head)
        for filled, group in groupby(self._rows(numbered), key=lambda row: bool(row[1])):
            if filled:
                yield self._sentence(list(group))

    def _look_at(self, head: list[tuple[int, str]]) -> None:
        """Recognise the layout."""
        rows = self._first_rows(head)
        groups = [[row for _, row in group] for filled, group in groupby(rows, lambda row: bool(row[1])) if filled]
        if not groups:
            return
        self.first, first = next((number, row) for number, row in rows if row)
        layout, where = recognised(groups, self.options), f"{self.path}:{self.first}"
        if layout is None:
            last = f"the last is {first[-1]!r:.40}"
            raise DataError(
                f"{where}: none of the {len(first)} columns has tags such as O and B-PER, {last}; "
                f"set corpora.folder.token_column and corpora.folder.tag_column (-1: the last; {UNLABELLED}: no labels)"
                f"; the line is {' | '.join(first)!r:.120}"
            )
        self.layout, self.notes.layout = layout, str(layout)
        for place in layout.others:
            more = f"column {place + 1} has tags, too, which are not read; corpora.folder.tag_column={place} reads them"
            self.notes.add(where, more)
        if layout.header:
            self.notes.add(where, "the line names the columns, and is no word")
        words = [row for group in groups for row in group][layout.header :]
        if (tag := layout.tag) is not None:
            self.tags.learn(row[tag].strip(" ") for row in words if -len(row) <= tag < len(row))

    def _first_rows(self, head: list[tuple[int, str]]) -> list[tuple[int, list[str]]]:
        """Return the columns of the first lines by number, none for a line that ends a sentence."""
        plain = [line for _, line in head if line.strip() and not line.startswith(("#", _DOCUMENT))]
        self.tabbed = "\t" in (plain[0] if plain else "")
        rows = []
        for number, line in head:
            if not (plain and line.startswith("#")):  # it may be a comment, and the others tell enough
                rows.append((number, [] if not line.strip() or line.startswith(_DOCUMENT) else _trimmed(line)))
        return rows

    def _rows(self, numbered: Lines) -> Iterator[tuple[int, list[str]]]:
        """Yield the columns of each line by number: none for a line that ends a sentence, comments are left out."""
        begins = True
        for number, line in numbered:
            if not line.strip() or line.startswith(_DOCUMENT):
                begins = True
                yield number, []
            elif self.layout.header and number == self.first:
                continue
            elif not (line.startswith("#") and self._is_comment(line, begins)):
                begins = False
                yield number, self._columns(number, line)

    def _columns(self, number: int, line: str) -> list[str]:
        columns = _trimmed(line)
        if line[-1].isspace() and len(columns) <= line.count("\t"):
            self.notes.add(
                f"{self.path}:{number}", "the line ends with a tab or an empty column, which is left out", "tab"
            )
        if "\r" in line:
            raise self._error(number, "has a carriage return inside; end all lines in one way")
        return columns

    def _is_comment(self, line: str, begins: bool) -> bool:
        """Return whether a line with "#" is no row; where no sentence begins, a line without tabs always is one."""
        columns, tag = _trimmed(line), self.layout.tag
        if self.tabbed and ("\t" not in line or len(columns) < self.layout.needed):
            return True
        if tag is None:
            return begins and len(columns) > self.layout.width
        return begins and (len(columns) < self.layout.needed or self._is_no_tag(columns[tag]))

    def _is_no_tag(self, cell: str) -> bool:
        return not is_tag(cell.strip(" ")) and (":" in cell or "=" in cell)

    def _sentence(self, rows: list[tuple[int, list[str]]]) -> Sentence:
        tokens, tags = zip(*(self._cells(number, columns) for number, columns in rows), strict=True)
        if self.layout.tag is None:
            return Sentence(list(tokens))
        behind = f"; the tag is taken from column {self.layout.tag} (tag_column)"
        return Sentence(list(tokens), self.tags.read(tags, lambda place: f"{self.path}:{rows[place][0]}", behind))

    def _cells(self, number: int, columns: list[str]) -> tuple[str, str]:
        """Return the word and the tag of a line."""
        width, token, tag = len(columns), self.layout.token, self.layout.tag
        if self.options.tag_column != UNLABELLED and (width > 1) != (tag is not None):
            raise self._mixed(number, width)
        for name, place in (("token_column", token), ("tag_column", tag or 0)):
            if not -width <= place < width:
                raise self._error(number, f"{width} columns, so there is no column {place}; correct {name}")
        if tag is not None and width != self.layout.width:
            usual = f"{width} columns, where line {self.first} has {self.layout.width}"
            self.notes.add(f"{self.path}:{number}", f"{usual}; its tag is taken to be {columns[tag]!r}", "width")
        if not columns[token]:
            raise self._error(number, f"the word in column {token} is empty; correct it or set token_column")
        return columns[token], "" if tag is None else columns[tag].strip(" ")

    def _mixed(self, number: int, width: int) -> DataError:
        if self.layout.tag is not None:
            return self._error(number, f"one column, expected a word and a tag as in line {self.first}")
        return self._error(number, f"{width} columns, expected one as in line {self.first}; label all words or none")

    def _error(self, number: int, problem: str) -> DataError:
        return DataError(f"{self.path}:{number}: {problem}")


def _trimmed(line: str) -> list[str]:
    """Return the columns of a line without empty ones at its end, which a tab leaves there."""
    columns = cells(line)
    while "\t" in line and len(columns) > 1 and not columns[-1].strip():
        columns.pop()
    return columns


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
            rows = tokens if tags is None else [f"{token}\t{tag}" for token, tag in zip(tokens, tags, strict=True)]
            file.write("\n".join(rows) + "\n\n")
