"""Plain text, a sentence a line."""

from collections.abc import Iterator
from pathlib import Path

from xner.corpora.corpus import Sentence
from xner.corpora.formats.columns import Lines, cells, read_rows
from xner.corpora.formats.layout import looks_tagged
from xner.corpora.formats.lines import lines, peek
from xner.corpora.formats.notes import Notes
from xner.corpora.formats.options import ReadOptions
from xner.corpora.words import split_words

_HEAD = 200


def read_text(path: Path, options: ReadOptions, notes: Notes) -> Iterator[Sentence]:
    """Read unlabelled sentences, one a line, or a column file; see `xner.corpora.formats.reading.read`."""
    tagged, numbered = told_apart(lines(path, options.encoding, notes), path, notes)
    if tagged:
        yield from read_rows(numbered, path, options, notes)
        return
    for _, line in numbered:
        if words := split_words(line):
            yield Sentence([word.text for word in words])


def told_apart(numbered: Lines, path: Path, notes: Notes) -> tuple[bool, Lines]:
    """Return whether lines are those of a column file, and all lines; it is noted, since .txt says something else.

    Args:
        numbered: the lines of a file that may be either.
        path: the file, for the note.
        notes: where it is said.
    """
    head, numbered = peek(numbered, _HEAD)
    rows = [cells(line) for _, line in head if line.strip() and not line.startswith(("#", "-DOCSTART-"))]
    tagged = looks_tagged(rows)
    if tagged:
        notes.add(
            f"{path}:{head[0][0]}", "the lines are words with tags in columns, and are read so, not as plain text"
        )
    return tagged, numbered
