"""What teachers that are systems of their own would score without a student."""

from collections.abc import Iterator
from dataclasses import dataclass

from xner.corpora.corpus import Corpus
from xner.corpora.labels import LabelSet
from xner.decoding.decoder import ARGMAX, Decoder
from xner.runs.prepared import Prepared, Script
from xner.scoring.scores import tag_and_score
from xner.teachers.teacher import Teacher


@dataclass
class TeacherAlone:
    """A teacher as what can be scored: each word gets its best tag.

    Args:
        teacher: it is fitted, and says `probabilities`.
        labels: the run's label set.
        chosen_on: what decided which checkpoint it is.
    """

    teacher: Teacher
    labels: LabelSet
    chosen_on: str = "last step"

    @property
    def decoder(self) -> Decoder:
        """What chooses its tags."""
        return Decoder(self.labels, ARGMAX)

    def tags(self, corpus: Corpus, repaired: bool = True) -> list[list[str]]:
        """Return the tags of every sentence, as IOB2 or as they were chosen."""
        rows = (said["probabilities"] for said in self.teacher.label(corpus.without_labels()))
        return [said.tags if repaired else said.best for said in self.decoder.decode(rows)]


def scores_of_teachers(prepared: Prepared, script: Script, test: Corpus) -> tuple[str, ...]:
    """Return a line for each teacher of a run that is a system of its own, with its score.

    Args:
        prepared: the run.
        script: what its method did; all of it is done.
        test: labelled sentences.
    """
    return tuple(_lines(prepared, script, test))


def _lines(prepared: Prepared, script: Script, test: Corpus) -> Iterator[str]:
    workbench = prepared.context.workbench
    for fitted in script.fitted:
        if fitted.component.scored:
            fitted.component.restore(fitted.stage.folder, workbench)
            alone = TeacherAlone(fitted.component, workbench.labels)
            score = tag_and_score(alone, test, prepared.config.scoring.rule).metrics.overall
            yield (
                f"{fitted.title(False)} alone, without a student: F1 {score.f1:.2f} (precision {score.precision:.2f}, "
                f"recall {score.recall:.2f}; the best tag of each word)"
            )
