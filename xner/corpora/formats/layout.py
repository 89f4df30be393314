"""Where the words and tags of a column file are, recognised from its first lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from xner.corpora.formats.options import UNLABELLED, ReadOptions
from xner.corpora.formats.tags import are_bare, is_tag, written

_CHUNKS = frozenset(("NP", "VP", "PP", "ADJP", "ADVP", "SBAR", "PRT", "CONJP", "INTJ", "LST", "UCP", "NC", "VC", "PC"))
"""Types of phrases: CoNLL's files have tags of these, too, in a column before that of the entities."""
_HEADER = frozenset(
    ("word", "words", "token", "tokens", "form", "tag", "tags", "ner", "label", "labels", "ner_tag", "ner_tags")
)
_MOST = 0.5
"""At least this share of a column's cells must be tags; those that are none are then errors with their line."""

_NEAR = 0.9

Row = Sequence[str]


@dataclass(frozen=True)
class Layout:
    """The place of words and tags in the rows of a file; counted from the end where negative.

    Args:
        token: the column of the words.
        tag: that of the tags; None: there are none.
        width: how many columns most rows have.
        header: whether the first row names the columns.
        others: columns that have tags of entities, too.
    """

    token: int = 0
    tag: int | None = None
    width: int = 1
    header: bool = False
    others: tuple[int, ...] = ()

    @property
    def needed(self) -> int:
        """How many columns a row must have at least."""
        return max(2, self.token + 1, -self.token, (self.tag or 0) + 1, -(self.tag or 0))

    def __str__(self) -> str:
        """Name the columns, counted from 1; nothing where the word is the first and its tag the second of two."""
        if self.width == 1 or (self.width, self.token % self.width, self.tag) in ((2, 0, 1), (2, 0, -1)):
            return ""
        token, tag = (place + 1 if place >= 0 else self.width + place + 1 for place in (self.token, self.tag or 0))
        return f"columns: {token} words, " + ("tags not read" if self.tag is None else f"{tag} tags")


def recognised(sentences: Sequence[Sequence[Row]], options: ReadOptions) -> Layout | None:
    """Return where words and tags are, as the options say or else as the first rows tell; None: no column has tags.

    Args:
        sentences: the first rows of a file, at least one, by sentence.
        options: a column that is set is taken as it is.
    """
    rows = [row for sentence in sentences for row in sentence]
    width = len(rows[0])
    token, tag = (place if isinstance(place, int) else None for place in (options.token_column, options.tag_column))
    if width == 1 and tag is None and token is None:
        return Layout()
    header = len(rows) > 1 and _is_header(rows[0])
    rows = rows[1:] if header else rows
    index = width > 2 and _numbered(
        [sentence[1:] if header and not n else sentence for n, sentence in enumerate(sentences)]
    )
    others: tuple[int, ...] = ()
    if tag is None and options.tag_column != UNLABELLED:
        found = _tag_columns([row for row in rows if len(row) > 1] or rows, token, bool(options.names))
        if not found:
            return None
        tag, *rest = _best(found, index)
        others = tuple(rest)
    if token is None:
        token = next((place for place in range(int(index), width) if tag is None or place not in (tag, tag + width)), 0)
    return Layout(token, tag, width, header, others)


def looks_tagged(rows: Sequence[Row]) -> bool:
    """Return whether lines of text, cut at tabs or spaces, are surely the rows of a labelled column file."""
    width = max((len(row) for row in rows), default=0)
    even = sum(len(row) == width for row in rows)
    if len(rows) < 2 or width < 2 or even < 0.9 * len(rows):
        return False
    rows = [row for row in rows if len(row) == width]
    for place in range(1, width):
        cells = [row[place].strip() for row in rows]
        if sum(map(is_tag, cells)) >= 0.9 * len(cells) or (len(cells) > 3 and width == 2 and are_bare(cells)):
            return True
    return False


def _is_header(row: Row) -> bool:
    cells = [cell.strip() for cell in row]
    return not _HEADER.isdisjoint(map(str.lower, cells)) and not any(map(is_tag, cells))


def _numbered(sentences: Sequence[Sequence[Row]]) -> bool:
    """Return whether the first column counts the words of each sentence; CoNLL-U has ranges such as 3-4, too."""
    cells = [[row[0].partition(".")[0].partition("-") for row in sentence] for sentence in sentences if sentence]
    if not all(start.isdecimal() and (end or start).isdecimal() for sentence in cells for start, _, end in sentence):
        return False
    numbers = [[(int(start), int(end or start)) for start, _, end in sentence] for sentence in cells]
    steps = all(after[0] in (before[0], before[1] + 1) for one in numbers for before, after in pairwise(one))
    return bool(numbers) and steps and all(one[0][0] <= 1 for one in numbers)


def _tag_columns(rows: Sequence[Row], token: int | None, numbers: bool) -> dict[int, set[str]]:
    """Return the columns that have tags, each with its types; those of phrases only if there are no others."""
    least = min(map(len, rows))
    places = [*range(least), *([-1] if least < max(map(len, rows)) else [])]
    shares = {place: _share([row[place].strip() for row in rows], numbers) for place in places if place != token}
    best = max(shares.values(), default=0.0)
    if best < _MOST:
        return {}
    found = {
        place: {tag.partition("-")[2] for row in rows if is_tag(row[place]) and (tag := _plain(row[place])) != "O"}
        for place, share in shares.items()
        if share >= _NEAR * best  # a column with one mistake is no worse than one of phrases without
    }
    entities = {place: types for place, types in found.items() if not types or types - _CHUNKS}
    return entities or found


def _plain(text: str) -> str:
    try:
        return written(text)[0]
    except ValueError:
        return text.partition("|")[0]


def _share(cells: Sequence[str], numbers: bool) -> float:
    """Return which share of a column's cells are tags; 0 or 1 where they are types without prefix, or numbers."""
    if numbers and all(cell.isdecimal() for cell in cells):
        return 1.0
    tags = [cell for cell in cells if is_tag(cell)]
    if are_bare(cells):
        return 1.0
    return len(tags) / len(cells) if any(cell != "0" for cell in tags) else 0.0


def _best(found: dict[int, set[str]], index: bool) -> list[int]:
    """Return the columns that have tags, that to read first: of nested layers the outer one, else the last.

    Args:
        found: the types of each.
        index: whether the first column counts words, as in files with nested layers.
    """
    some = [place for place, types in found.items() if types] or list(found)
    layered = index or any(found[one] & found[other] for one in some for other in some if one < other)
    first = min(some) if layered else (-1 if -1 in some else max(some))
    rest = [place for place in found if place != first and place >= 0] if layered else []
    return [first, *rest]
