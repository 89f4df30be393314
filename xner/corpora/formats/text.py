"""Plain text, a sentence a line; and the lines of any text file."""

import re
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path

from xner.corpora.corpus import Sentence
from xner.corpora.formats.options import ReadOptions
from xner.corpora.words import split_words
from xner.errors import DataError

_TAGGED = re.compile(r"[\t ](?:O|[BI]-\w+)$")


def lines(path: Path, encoding: str) -> Iterator[tuple[int, str]]:
    """Yield the lines of a file with their numbers, from 1, and without their ends.

    Raises:
        DataError: the file cannot be read, or is in another encoding; the message names the line.
    """
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                yield number, line.decode(encoding).removeprefix("\ufeff" if number == 1 else "").rstrip("\r\n")
    except UnicodeError as error:
        raise DataError(f"{path}:{number}: {error}; save the file as utf-8, or set `encoding` to what it is") from None
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from None


def read_text(path: Path, options: ReadOptions) -> Iterator[Sentence]:
    """Read unlabelled sentences, one a line; see `xner.corpora.formats.reading.read`."""
    texts = (line for _, line in lines(path, options.encoding))
    head = list(islice(texts, 2))
    if len(head) == 2 and all(map(_TAGGED.search, head)):
        raise DataError(f"{path}: looks like a column file, but .txt is plain text; rename it to {path.stem}.conll")
    for line in chain(head, texts):
        if words := split_words(line):
            yield Sentence([word.text for word in words])
