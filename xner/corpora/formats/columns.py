"""Column files: a word a line, its tag in another column, and an empty line after each sentence."""

import re
from collections.abc import Iterable, Iterator
from itertools import chain, groupby
from pathlib import Path
from typing import TextIO

from xner.corpora.corpus import Sentence
from xner.corpora.formats.options import ReadOptions
from xner.corpora.formats.text import lines
from xner.corpora.labels import TagError, to_iob2
from xner.errors import DataError
from xner.store.files import writing

_PREFIX = re.compile(r"^[a-z]{2,3}(?:-[a-z]+)*:")
_DOCUMENT = "-DOCSTART-"


def read_columns(path: Path, options: ReadOptions) -> Iterator[Sentence]:
    """Read a column file once, from its first line to its last; see `xner.corpora.formats.reading.read`."""
    sentences = _File(path, options).sentences()
    if options.strip_prefix is None:
        return _without_shared_prefix(sentences)
    return map(_without_prefix, sentences) if options.strip_prefix else sentences


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

    def __init__(self, path: Path, options: ReadOptions) -> None:
        self.path, self.options = path, options
        self.first = 0
        """The line of the first word; all words have a tag if it has one."""
        self.labelled = False

    def sentences(self) -> Iterator[Sentence]:
        """Yield the sentences, with any prefixes on their words."""
        for filled, group in groupby(self._rows(), key=lambda row: bool(row[1])):
            if filled:
                yield self._sentence(list(group))

    def _rows(self) -> Iterator[tuple[int, list[str]]]:
        """Yield the columns of each line by number: none for a line that ends a sentence, comments are left out."""
        numbered = lines(self.path, self.options.encoding)
        head, tabbed = list[tuple[int, str]](), False
        for number, line in numbered:
            head.append((number, line))
            if line.strip() and not line.startswith(("#", _DOCUMENT)):
                tabbed = "\t" in line
                break
        needed = max(2, self.options.token_column + 1, self.options.tag_column + 1)
        for number, line in chain(head, numbered):
            columns = line.split("\t") if "\t" in line else re.split(" +", line.strip(" "))
            if not line.strip() or line.startswith(_DOCUMENT):
                yield number, []
            elif not (tabbed and line.startswith("#") and (len(columns) < needed or "\t" not in line)):
                yield number, columns

    def _sentence(self, rows: list[tuple[int, list[str]]]) -> Sentence:
        if not self.first:
            self.first, self.labelled = rows[0][0], len(rows[0][1]) > 1
        tokens, tags = zip(*(self._cells(number, columns) for number, columns in rows), strict=True)
        try:
            return Sentence(list(tokens), to_iob2(tags) if self.labelled else None)
        except TagError as error:
            where = f"{self.path}:{rows[error.position][0]}: {error}"
            raise DataError(f"{where}; the tag is taken from column {self.options.tag_column} (tag_column)") from None

    def _cells(self, number: int, columns: list[str]) -> tuple[str, str]:
        """Return the word and the tag of a line."""
        width, token, tag = len(columns), self.options.token_column, self.options.tag_column
        if (width > 1) != self.labelled:
            raise self._mixed(number, width)
        if width == 1:
            return columns[0], ""
        for name, place in (("token_column", token), ("tag_column", tag)):
            if not -width <= place < width:
                raise self._error(number, f"{width} columns, so there is no column {place}; correct {name}")
        if not columns[token]:
            raise self._error(number, f"the word in column {token} is empty; correct it or set token_column")
        return columns[token], columns[tag].strip(" ")

    def _mixed(self, number: int, width: int) -> DataError:
        if self.labelled:
            return self._error(number, f"one column, expected a word and a tag as in line {self.first}")
        return self._error(number, f"{width} columns, expected one as in line {self.first}; label all words or none")

    def _error(self, number: int, problem: str) -> DataError:
        return DataError(f"{self.path}:{number}: {problem}")


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
