"""The section `mistakes`: sentences in which prediction and gold differ."""

from collections.abc import Sequence
from typing import ClassVar

from pydantic import Field

from xner.corpora.labels import to_iob2
from xner.plugin.component import Settings
from xner.reporting.own.matching import RIGHT, VERDICTS, match
from xner.reporting.parts import Part, Sentences, Tagged
from xner.reporting.section import Section
from xner.reporting.view import RunView


class Mistakes(Section):
    """Shows sentences in which the student is wrong, to be filtered by what is wrong and by type."""

    class Config(Settings):
        """How many sentences are shown."""

        sentences: int = Field(100, ge=0, description="Sentences that are shown, the first ones.")

    config: Config
    title: ClassVar[str] = "Mistakes"
    labels: ClassVar[bool] = True

    def look(self, view: RunView) -> Sequence[Part]:
        """Return the sentences, gold above prediction."""
        shown, number = list[Tagged](), 0
        sides = zip(view.tested, view.tags or [], view.gold, view.predicted, strict=True)
        for sentence, tags, gold, predicted in sides:
            if gold == predicted:
                continue
            number += 1
            if len(shown) < self.config.sentences:
                wrong = [one for one in match(gold, predicted) if one.verdict != RIGHT]
                types = {span.type for one in wrong for span in (one.gold, one.predicted) if span}
                verdicts = {one.verdict for one in wrong}
                groups = (*(verdict for verdict in VERDICTS if verdict in verdicts), *sorted(types))
                said = {"gold": tuple(sentence.tags or []), "predicted": tuple(to_iob2(tags))}
                shown.append(Tagged(tokens=tuple(sentence.tokens), sides=said, groups=groups))
        if not number:
            return ()
        of = f"{len(shown):,} of {number:,} sentences in which prediction and gold differ, of {len(view.gold):,}."
        return [Sentences(caption=of, sentences=tuple(shown), groups=(*VERDICTS[1:], *view.workbench.labels.types))]
