"""How parts of sections are shown: what the templates of pages need beside the data."""

import base64
import hashlib
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined

from xner.corpora.labels import Span, spans, to_iob2
from xner.reporting import drawing
from xner.reporting.parts import Tagged, Value

_COLOURS = 6
"""So many colours the page has for types of entities."""


class Mark(NamedTuple):
    """A stretch of a sentence.

    Args:
        text: its words.
        type: of the entity; "" outside entities.
        colour: the number of the type's colour.
        agreed: whether the first side has the same entity, or for the first one, whether all others have it.
    """

    text: str
    type: str
    colour: int
    agreed: bool


def environment() -> Environment:
    """Return what renders pages; everything in them is text, and never markup."""
    made = Environment(
        loader=PackageLoader("xner"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made.filters["value"] = shown
    script = made.get_template("script.js").render().encode()
    made.globals["script_digest"] = base64.b64encode(hashlib.sha256(script).digest()).decode()
    made.globals.update(drawn_lines=drawing.lines, drawn_points=drawing.points, marks=marks, types_of=types_of)
    return made


def shown(value: Value) -> str:
    """Return a cell of a table as text: counts with commas, fractions with two digits."""
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    return f"{value:,}" if isinstance(value, int) else f"{value:,.2f}"


def marks(sentence: Tagged, types: Sequence[str]) -> Iterator[tuple[str, list[Mark]]]:
    """Yield the name of each side with its stretches of a sentence.

    Args:
        sentence: the sentence.
        types: all types, of which each has a colour.
    """
    found = {side: spans(to_iob2(tags)) for side, tags in sentence.sides.items()}
    first = next(iter(found))
    for side, entities in found.items():
        others = [set(found[name]) for name in found if name != first] if side == first else [set(found[first])]
        agreed = {entity for entity in entities if all(entity in other for other in others)}
        yield side, list(_stretches(sentence.tokens, entities, agreed, types))


def types_of(sentences: Sequence[Tagged]) -> list[str]:
    """Return the types of all entities of sentences, sorted."""
    tags = {tag for sentence in sentences for side in sentence.sides.values() for tag in side}
    return sorted({tag[2:] for tag in tags if tag[2:]})


def _stretches(
    tokens: Sequence[str], entities: Sequence[Span], agreed: set[Span], types: Sequence[str]
) -> Iterator[Mark]:
    done = 0
    for entity in entities:
        yield Mark(" ".join(tokens[done : entity.start]), "", 0, True)
        colour = types.index(entity.type) % _COLOURS
        yield Mark(" ".join(tokens[entity.start : entity.end]), entity.type, colour, entity in agreed)
        done = entity.end
    yield Mark(" ".join(tokens[done:]), "", 0, True)
