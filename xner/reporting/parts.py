"""What a section is made of, as data: tables, pictures and sentences. How they look is the page's matter."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

Value = str | int | float | None
"""A cell of a table; None where there is nothing to say."""
Point = tuple[float, float]


class Text(BaseModel, frozen=True, extra="forbid"):
    """A paragraph.

    Args:
        text: plain text, never markup.
    """

    kind: Literal["text"] = "text"
    text: str


class Table(BaseModel, frozen=True, extra="forbid"):
    """A table, whose rows a reader can sort.

    Args:
        caption: what it shows, and how it is to be read.
        heads: what stands above each column.
        rows: as many values each.
        words: how many columns, from the left, name the row; the others hold values.
        bar: the head of a column of per cents that are drawn as bars as well; "": none.
        compared: the head of the column that a comparison's page has for each method, means over the seeds; "": this
            table is not on that page.
    """

    kind: Literal["table"] = "table"
    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    words: int = 1
    bar: str = ""
    compared: str = ""


class Heat(BaseModel, frozen=True, extra="forbid"):
    """Counts in a grid; the more, the darker.

    Args:
        caption: what it shows.
        down: what the rows are; across: what the columns are.
        rows: the names of the rows.
        columns: the names of the columns.
        counts: a row of counts for each row.
    """

    kind: Literal["heat"] = "heat"
    caption: str
    down: str
    across: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


class Lines(BaseModel, frozen=True, extra="forbid"):
    """Curves over numbers.

    Args:
        caption: what they show.
        x: what the axis to the right is; y: what the one upwards is.
        lines: from the name of each curve to its points.
        diagonal: a line of y = x is drawn from 0 to 1, to which the others are to be held.
        compared: of one curve, a comparison's page draws those of all methods together.
    """

    kind: Literal["lines"] = "lines"
    caption: str
    x: str
    y: str
    lines: dict[str, tuple[Point, ...]]
    diagonal: bool = False
    compared: bool = False


class Points(BaseModel, frozen=True, extra="forbid"):
    """Things on a map.

    Args:
        caption: what it shows; what is near what must be said here.
        points: from the name of each group, which has a colour, to its places.
    """

    kind: Literal["points"] = "points"
    caption: str
    points: dict[str, tuple[Point, ...]]


class Tagged(BaseModel, frozen=True, extra="forbid"):
    """A sentence as several sides tag it.

    Args:
        tokens: its words.
        sides: from whoever tags to IOB2 tags, one a word.
        groups: what a reader can filter by, such as "wrong to right".
    """

    tokens: tuple[str, ...]
    sides: dict[str, tuple[str, ...]]
    groups: tuple[str, ...] = ()


class Sentences(BaseModel, frozen=True, extra="forbid"):
    """Sentences with their entities coloured, side below side, and filters.

    Args:
        caption: which they are, and of how many.
        sentences: the sentences; the first side of each is the one that the others are held to.
        groups: all that a reader can filter by, in the order in which it is offered.
    """

    kind: Literal["sentences"] = "sentences"
    caption: str
    sentences: tuple[Tagged, ...]
    groups: tuple[str, ...] = ()


Part = Annotated[Text | Table | Heat | Lines | Points | Sentences, Field(discriminator="kind")]
