"""Projection along links: an entity becomes the smallest run of words that covers the words it is aligned with."""

from collections.abc import Sequence

from xner.base import OUTSIDE, Links, Sentence, Span

Placed = tuple[str, int, int]
"""The type, the first place and the place behind the last of an entity of a translation."""


def placed(entities: Sequence[Span], links: Links, longer: int) -> list[Placed | None]:
    """Return where each entity is in the translation; None: it has no place there.

    An entity has none if none of its words has a link, if the run is too long, or if it shares a word with that of an
    entity before it.

    Args:
        entities: of the source's sentence, in order.
        links: of words of both.
        longer: how many words more than the entity the run may have.
    """
    found, taken = list[Placed | None](), set[int]()
    for entity in entities:
        places = [target for source, target in links if entity.start <= source < entity.end]
        run = range(min(places, default=0), max(places, default=-1) + 1)
        fits = 0 < len(run) <= entity.end - entity.start + longer and taken.isdisjoint(run)
        found.append((entity.type, run.start, run.stop) if fits else None)
        taken.update(run if fits else ())
    return found


def written(words: Sequence[str], entities: Sequence[Placed]) -> Sentence:
    """Return words with the tags of entities that do not touch each other's words."""
    tags = [OUTSIDE] * len(words)
    for kind, start, end in entities:
        tags[start:end] = [f"B-{kind}", *([f"I-{kind}"] * (end - start - 1))]
    return Sentence(list(words), tags)
