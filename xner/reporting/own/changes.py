"""The section `changes`: what each student changed against its teachers."""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from pydantic import Field

from xner.corpora.corpus import Sentence
from xner.corpora.labels import OUTSIDE
from xner.plugin.component import Settings
from xner.reporting.parts import Part, Sentences, Table, Tagged
from xner.reporting.section import Section
from xner.reporting.view import RunView
from xner.store.stages import TAGGER, Stage

MENDED, SPOILT, OTHER = "wrong to right", "right to wrong", "wrong to another wrong"
KEPT_RIGHT, KEPT_WRONG = "right in both", "wrong in both, the same"
KINDS = (MENDED, SPOILT, OTHER, KEPT_RIGHT, KEPT_WRONG)
Tags = Sequence[Sequence[str]]


class Changes(Section):
    """Compares, word by word, the tags of what learned from a tagger with that tagger's, and both with the gold."""

    class Config(Settings):
        """How much is looked at."""

        looked_at: int = Field(
            300, ge=1, description="Labelled sentences that teachers tag for this, taken at even distances."
        )
        sentences: int = Field(60, ge=0, description="Sentences that are shown of each pair, the first ones.")

    config: Config
    title: ClassVar[str] = "What each student changed against its teacher"
    labels: ClassVar[bool] = True

    def look(self, view: RunView) -> Sequence[Part]:
        """Return counts for every student and each of its teachers that tags, and the sentences that changed."""
        pairs, found = lineage(view.stages), list[Part]()
        numbers = evenly(len(view.tested), self.config.looked_at)
        some = list(view.tested.chosen(numbers))
        whole = "all" if len(numbers) == len(view.tested) else f"{len(numbers):,}, taken at even distances, of the"
        for learner, teacher in pairs:
            after, before = ([one.tags for one in view.decoded(stage, numbers)] for stage in (learner, teacher))
            counts = count([sentence.tags or [] for sentence in some], before, after)
            of = f"words of {whole} {len(view.tested):,} labelled sentences of the target"
            found.append(_table(f"“{learner.title}” against “{teacher.title}”: {of}.", counts))
            found.append(self._sentences(view, some, before, after))
        return found

    def _sentences(self, view: RunView, some: Sequence[Sentence], before: Tags, after: Tags) -> Sentences:
        changed = list[Tagged]()
        for sentence, one, two in zip(some, before, after, strict=True):
            if list(one) != list(two):
                gold = sentence.tags or []
                kinds = [verdict(*word) for word in zip(gold, one, two, strict=True)]
                types = {tag[2:] for tags in (gold, one, two) for tag in tags if tag != OUTSIDE}
                groups = (*(kind for kind in KINDS[:3] if kind in kinds), *sorted(types))
                sides = {"gold": tuple(gold), "teacher": tuple(one), "student": tuple(two)}
                changed.append(Tagged(tokens=tuple(sentence.tokens), sides=sides, groups=groups))
        shown = changed[: self.config.sentences]
        return Sentences(
            caption=f"{len(shown):,} of {len(changed):,} sentences that are tagged otherwise, of {len(after):,}.",
            sentences=tuple(shown),
            groups=(*KINDS[:3], *view.workbench.labels.types),
        )


def evenly(number: int, most: int) -> list[int]:
    """Return the numbers from 0 on, or as many of them as may be, at even distances."""
    few = min(number, most)
    return [place * number // few for place in range(few)]


def lineage(stages: Sequence[Stage]) -> list[tuple[Stage, Stage]]:
    """Return each stage that holds a tagger with each tagger that it learned from or went on from, in order."""
    taggers = {stage.key: stage for stage in stages if (stage.folder / TAGGER).is_dir()}
    found = list[tuple[Stage, Stage]]()
    for stage in taggers.values():
        near, todo = dict[str, Stage](), list(stage.inputs)
        while todo:
            needed = todo.pop(0)
            if needed.key in taggers:
                near[needed.key] = needed
            else:
                todo.extend(needed.inputs)
        found += [(stage, teacher) for teacher in near.values()]
    return found


def verdict(gold: str, before: str, after: str) -> str:
    """Return what became of a word's tag."""
    if before == after:
        return KEPT_RIGHT if after == gold else KEPT_WRONG
    return MENDED if after == gold else SPOILT if before == gold else OTHER


def count(gold: Tags, before: Tags, after: Tags) -> dict[str, tuple[int, int]]:
    """Count words by what became of their tags: entity words of the gold, and O."""
    right, one, two = (np.array([tag for tags in side for tag in tags]) for side in (gold, before, after))
    entity, was, is_ = right != OUTSIDE, one == right, two == right
    kinds = {
        MENDED: ~was & is_,
        SPOILT: was & ~is_,
        OTHER: ~was & ~is_ & (one != two),
        KEPT_RIGHT: was & is_,
        KEPT_WRONG: ~was & (one == two),
    }
    return {kind: (int((here & entity).sum()), int((here & ~entity).sum())) for kind, here in kinds.items()}


def _table(caption: str, counts: dict[str, tuple[int, int]]) -> Table:
    rows = [(kind, sum(counts[kind]), *counts[kind]) for kind in KINDS]
    net = [counts[MENDED][place] - counts[SPOILT][place] for place in (0, 1)]
    return Table(
        caption=caption,
        heads=("tag", "words", "of entities", "O in the gold"),
        rows=(*rows, ("net gain", sum(net), *net)),
        compared="words",
    )
