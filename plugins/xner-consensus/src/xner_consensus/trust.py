"""How far teachers agree about a raw text: all that can be known without its labels of how much they know."""

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np

from xner.base import Signals, Span


def agreement(signals: Signals) -> float | None:
    """Return the entity F1 of one teacher's tags against another's, between 0 and 1: the mean over all pairs.

    Of the entities E_a and E_b of two teachers it is 2 |E_a & E_b| / (|E_a| + |E_b|), and 0 if there are none.

    Args:
        signals: what the teachers say. Those of one name are one, unless no teacher has another name: then those of
            several sources, or with several seeds, are compared.

    Returns:
        None if there is one teacher.
    """
    teachers = _teachers(signals)
    pairs = list(combinations(range(len(teachers)), 2))
    if not pairs:
        return None
    shared, found = np.zeros(len(pairs)), np.zeros(len(teachers))
    for said in zip(*map(_entities, teachers), strict=True):
        shared += [len(said[one] & said[other]) for one, other in pairs]
        found += [len(entities) for entities in said]
    both = np.array([found[one] + found[other] for one, other in pairs])
    return float(np.mean(2 * shared / np.maximum(both, 1)))


def _teachers(signals: Signals) -> Sequence[Signals]:
    """Return those that say tags."""
    names = [said for name in signals.teachers if _tags(said := signals.of(name))]
    return names if len(names) > 1 else [alone for said in names for alone in said.apart]


def _tags(signals: Signals) -> bool:
    return "probabilities" in signals.row(0)


def _entities(signals: Signals) -> Iterator[set[Span]]:
    """Yield the entities of each sentence, in order."""
    assert signals.decoder is not None  # a run's signals have one
    rows = (signals.row(number)["probabilities"] for number in range(len(signals)))
    for decoded in signals.decoder.decode(rows):
        yield set(decoded.entities)
