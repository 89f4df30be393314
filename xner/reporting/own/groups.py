"""The section `groups`: scores by sentence length, by whether an entity was seen in the source, and by script."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import ClassVar

import numpy as np
from pydantic import Field

from xner.corpora.corpus import Corpus, Sentence
from xner.corpora.labels import Span, spans
from xner.plugin.component import Settings
from xner.reporting.own.scripts import script_of
from xner.reporting.parts import Part, Table, Value
from xner.reporting.section import Section
from xner.reporting.view import RunView
from xner.scoring.counts import precision_recall_f1

Grouping = Callable[[Sentence, Span], str]
"""The group of the words of a span, whichever side says that they are an entity."""
SAME, OTHER, UNSEEN = "seen with this type", "seen with another type", "unseen"


class Groups(Section):
    """Splits precision, recall and F1 by properties of sentences and of entities."""

    class Config(Settings):
        """Where sentences are split by their length."""

        lengths: tuple[int, ...] = Field(
            (5, 10, 20, 40), description="The longest sentence of each group but the last, in words, rising."
        )

    config: Config
    title: ClassVar[str] = "By length, by whether it was seen, and by script"
    labels: ClassVar[bool] = True

    def look(self, view: RunView) -> Sequence[Part]:
        """Return a table of each grouping."""
        seen = seen_in(view.sources)
        bounds = [0, *self.config.lengths]
        names = [*(f"{low + 1}–{high} words" for low, high in pairwise(bounds)), f"over {bounds[-1]} words"]

        def length(sentence: Sentence, _: Span) -> str:
            return names[int(np.searchsorted(bounds[1:], len(sentence.tokens)))]

        def known(sentence: Sentence, span: Span) -> str:
            types = seen.get(form(sentence, span), set())
            return SAME if span.type in types else OTHER if types else UNSEEN

        cut: list[tuple[str, str, Grouping, Sequence[str]]] = [
            ("sentence", "By the length of the sentence.", length, names),
            (
                "entity",
                "By whether the same words, in the same case, are an entity of the sources. An entity that is "
                "predicted with a type counts among those that are seen, or not, with that type.",
                known,
                [SAME, OTHER, UNSEEN],
            ),
            ("script", "By the script of most letters of the entity.", lambda s, p: script_of(form(s, p)), ()),
        ]
        tables = [_table(view, head, caption, key, order) for head, caption, key, order in cut]
        return [table for table in tables if table.rows]


def seen_in(sources: Sequence[Corpus]) -> dict[str, set[str]]:
    """Return the types with which each text is an entity of the sources."""
    seen = dict[str, set[str]]()
    for corpus in sources:
        for sentence in corpus:
            for span in spans(sentence.tags or []):
                seen.setdefault(form(sentence, span), set()).add(span.type)
    return seen


def form(sentence: Sentence, span: Span) -> str:
    """Return the words of an entity as text."""
    return " ".join(sentence.tokens[span.start : span.end])


def counted(view: RunView, group: Grouping) -> dict[str, np.ndarray]:
    """Return for each group right, predicted and gold entities: (3,)."""
    found = dict[str, np.ndarray]()
    for sentence, gold, said in zip(view.tested, view.gold, view.predicted, strict=True):
        for place, side in enumerate(({*gold} & {*said}, said, gold)):
            for span in side:
                found.setdefault(group(sentence, span), np.zeros(3, dtype=int))[place] += 1
    return found


def _table(view: RunView, head: str, caption: str, group: Grouping, order: Sequence[str]) -> Table:
    found = counted(view, group)
    others = sorted(found.keys() - {*order}, key=lambda name: (-found[name][2], name))
    names = [*(name for name in order if name in found), *others]
    return Table(
        caption=caption,
        heads=(head, "precision", "recall", "F1", "entities", "predicted"),
        rows=tuple((name, *_rates(found[name]), int(found[name][2]), int(found[name][1])) for name in names),
        bar="F1",
        compared="F1",
    )


def _rates(counts: np.ndarray) -> tuple[Value, ...]:
    """Return precision, recall and F1; none where there is nothing to be right about."""
    _, predicted, gold = counts
    rates, known = precision_recall_f1(counts), (predicted, gold, predicted + gold)
    return tuple(round(float(rate), 2) if whole else None for rate, whole in zip(rates, known, strict=True))
