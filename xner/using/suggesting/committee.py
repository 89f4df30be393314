"""Who looks at raw text: a student and, where they can be had, the teachers of its run and other students."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from xner.corpora.corpus import Corpus
from xner.decoding.decoder import Decoded
from xner.errors import DataError
from xner.store.results import MANIFEST
from xner.store.stages import TAGGER, Stage
from xner.tagging.tagger import Tagger
from xner.using.predicting import TextTagger
from xner.using.suggesting.worth import disagreement, doubts


@dataclass(frozen=True)
class Committee:
    """A student, and taggers that may disagree with it.

    Args:
        student: whose doubts count.
        others: those beside it, by what they are called.
        notes: what is to be said of those that could not be had.
    """

    student: TextTagger
    others: Mapping[str, TextTagger]
    notes: tuple[str, ...] = ()

    @classmethod
    def gather(cls, run: Path, student: TextTagger, students: Mapping[str, TextTagger], cache: Path) -> "Committee":
        """Find the teachers of a run among the stages in the cache.

        Args:
            run: the run folder, or a folder in it.
            student: its student.
            students: those of other runs, by name.
            cache: where stages are.

        Raises:
            DataError: another student has other types.
        """
        for name, other in students.items():
            if other.labels != student.labels:
                types, own = ", ".join(other.labels.types), ", ".join(student.labels.types)
                raise DataError(
                    f"{name}: it tags {types}, and {run} tags {own}; only taggers of the same types compare"
                )
        teachers, lost = _teachers(run, student, cache)
        others = {**teachers, **students}
        notes = [f"{title} is not in the cache {cache}, so it is not asked" for title in lost]
        if not others:
            notes.append("there is one tagger alone, so disagreement is 0; --with RUN asks another run's student, too")
        for tagger in others.values():
            tagger.decoding = student.decoding  # all under the same rule
        return cls(student, others, tuple(notes))

    @property
    def names(self) -> tuple[str, ...]:
        """What all are called."""
        return ("student", *self.others)

    def worth(self, corpus: Corpus) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield the student's doubts, and how far all disagree, for each word of each sentence.

        Args:
            corpus: the sentences.
        """
        rows = [list(tagger.probabilities(corpus)) for tagger in (self.student, *self.others.values())]
        taggers = (self.student, *self.others.values())
        said = [list(tagger.decoder.marginals(row)) for tagger, row in zip(taggers, rows, strict=True)]
        decoded: Iterator[Decoded] = self.student.decoder.decode(rows[0])
        for sentence, marginals in zip(decoded, zip(*said, strict=True), strict=True):
            yield doubts(sentence, marginals[0]), disagreement(marginals)


def _teachers(run: Path, student: TextTagger, cache: Path) -> tuple[dict[str, TextTagger], list[str]]:
    """Return the taggers among the stages of a run, but its last one, by title; and the teachers that are lost."""
    found, lost = dict[str, TextTagger](), list[str]()
    hardware = student.hardware if isinstance(student, Tagger) else None  # an export says nothing of it
    for stage in _stages(run, cache)[:-1]:
        if (stage.folder / TAGGER).is_dir() and stage.done:
            tagger = Tagger.load(stage.folder / TAGGER, hardware)
            if tagger.labels == student.labels:
                found[stage.title] = tagger
        elif stage.title.startswith("teacher ") and not stage.folder.is_dir():
            lost.append(stage.title)
    return found, lost


def _stages(run: Path, cache: Path) -> Sequence[Stage]:
    """Return the stages that a run's manifest names; the last one made its student."""
    for file in (run / MANIFEST, run.parent / MANIFEST):
        if file.is_file():
            try:
                noted = json.loads(file.read_text(encoding="utf-8"))["stages"]
                return [Stage(stage["title"], stage["key"], cache / stage["key"]) for stage in noted]
            except (OSError, ValueError, KeyError, TypeError) as error:
                raise DataError(f"{file}: is no manifest of a run ({error}); name another RUN") from error
    return []
