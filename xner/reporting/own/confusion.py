"""The section `confusion`: what entities are taken for, and what is wrong with them."""

from collections import Counter
from collections.abc import Sequence
from typing import ClassVar

from xner.reporting.own.matching import MISSED, SPURIOUS, VERDICTS, match
from xner.reporting.parts import Heat, Part, Table
from xner.reporting.section import Section
from xner.reporting.view import RunView

_NONE = "none"


class Confusion(Section):
    """Counts mistakes by what is wrong with them, and entities by their type in the gold and in the prediction."""

    title: ClassVar[str] = "What is mistaken for what"
    labels: ClassVar[bool] = True

    def look(self, view: RunView) -> Sequence[Part]:
        """Return a table of verdicts by type, and a grid of types."""
        found = [one for sides in zip(view.gold, view.predicted, strict=True) for one in match(*sides)]
        if not found:
            return ()
        counts = Counter((m.verdict, (m.gold or m.predicted or ("",))[0]) for m in found)
        pairs = Counter((m.gold.type if m.gold else _NONE, m.predicted.type if m.predicted else _NONE) for m in found)
        types = sorted({kind for pair in pairs for kind in pair} - {_NONE})
        rows = [(v, sum(counts[v, kind] for kind in types), *(counts[v, kind] for kind in types)) for v in VERDICTS]
        return [
            Table(
                caption="Entities by what is wrong with them, by gold type (spurious ones by their own). Those that "
                "share words are paired, each at most once: equal ones first, then those with the same words, then "
                "those of one type.",
                heads=("verdict", "entities", *types),
                rows=tuple(rows),
                compared="entities",
            ),
            Heat(
                caption=f"Types in the gold (down) and in the prediction (across). "
                f"Predicted as {_NONE}: {MISSED}; gold {_NONE}: {SPURIOUS}. Boundaries make no difference here.",
                down="gold",
                across="predicted",
                rows=(*types, _NONE),
                columns=(*types, _NONE),
                counts=tuple(tuple(pairs[one, two] for two in (*types, _NONE)) for one in (*types, _NONE)),
            ),
        ]
