"""JSON: an object a line, or one array of objects."""

import json
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from xner.corpora.corpus import Sentence
from xner.corpora.formats.lines import PIECE, blocks, encoding_of, lines_of, opened
from xner.corpora.formats.notes import Notes
from xner.corpora.formats.options import ReadOptions
from xner.corpora.formats.records.sentences import Rows, sentences_of
from xner.errors import DataError

_HEAD = 4096
_ARRAY = re.compile(r"\ufeff?\s*\[\s*([^\s\"]|$)")
"""How an array of records begins; a line that is a list of a text and an object begins with the text."""
_BETWEEN = re.compile(r"[\s,]*")


def read_json(path: Path, options: ReadOptions, notes: Notes) -> Iterator[Sentence]:
    """Read an object a line, or an array of them; see `xner.corpora.formats.reading.read`."""
    yield from sentences_of(_rows(path, options, notes), options, notes)


def _rows(path: Path, options: ReadOptions, notes: Notes) -> Rows:
    with opened(path) as file:
        head = file.peek(_HEAD)
        encoding = encoding_of(head, path, options.encoding, notes)
        if _ARRAY.match(head.decode(encoding, errors="ignore")):
            yield from _items(blocks(file, path, encoding), path)
            return
        for number, line in lines_of(file, path, encoding, notes):
            if line.strip():
                try:
                    yield f"{path}:{number}", json.loads(line)
                except (ValueError, RecursionError) as error:
                    what = "expected one object a line, or one array of objects"
                    raise DataError(f"{path}:{number}: not JSON ({error}); {what}") from None


def _items(pieces: Iterator[str], path: Path) -> Rows:
    """Yield the objects of an array as they come, each with its line; hardly more than one of them is held."""
    decoder, text, line = json.JSONDecoder(), next(pieces), 1
    place = text.index("[") + 1
    line += text.count("\n", 0, place)
    while True:
        end = _BETWEEN.match(text, place).end()  # type: ignore[union-attr]  # it matches nothing, too
        line += text.count("\n", place, end)
        place = end
        if text.startswith("]", place):
            if behind := "".join([text[place + 1 :], *pieces]).strip():
                raise DataError(f"{path}:{line}: not JSON: behind the array is {behind!r:.40}; expected one array")
            return
        try:
            value, end = decoder.raw_decode(text, place)
        except (ValueError, RecursionError) as error:
            # an object that is not whole yet: with twice as much each time, all tries take linear time
            more = "".join(islice(pieces, 1 + (len(text) - place) // PIECE))
            if not more:
                raise DataError(f"{path}:{line}: not JSON ({error}); expected an array of objects") from None
            text, place = text[place:] + more, 0
            continue
        yield f"{path}:{line}", value
        line += text.count("\n", place, end)
        place = end
