"""Vectors of words in the text form of word2vec, fastText and MUSE: a word and its numbers in a line."""

from pathlib import Path

import numpy as np

from xner.errors import DataError


def read_vectors(file: Path, limit: int) -> tuple[list[str], np.ndarray]:
    """Return words in small letters, and the vector of each (words, width); of words that are then equal the first.

    Args:
        file: UTF-8; its first line may say how many words and numbers there are.
        limit: at most so many words are read, from the first on.

    Raises:
        DataError: it is not UTF-8, a line has no word or other numbers than those before, or it has none.
    """
    words, rows, width = dict[str, None](), list[np.ndarray](), 0
    with file.open(encoding="utf-8", newline="\n") as lines:
        try:
            for number, line in enumerate(lines, 1):
                cells = line.rstrip().split(" ")
                if number == 1 and len(cells) == 2:
                    continue
                width = width or len(cells) - 1
                word = " ".join(cells[:-width]).strip().lower()
                row = _numbers(cells[-width:])
                if row is None or not word:
                    raise DataError(f"{file}:{number}: expected a word and {width} numbers: {line.strip()[:60]!r}")
                if word not in words:
                    words[word] = None
                    rows.append(row)
                if len(words) == limit:
                    break
        except UnicodeDecodeError as error:
            raise DataError(f"{file}: is not UTF-8 (byte {error.start}); convert it") from error
    if not words:
        raise DataError(f"{file}: has no vector of a word; expected a word and its numbers in each line")
    return list(words), np.stack(rows)


def _numbers(cells: list[str]) -> np.ndarray | None:
    try:
        row = np.array(cells, np.float32)
    except ValueError:
        return None
    return row if len(row) and np.isfinite(row).all() else None
