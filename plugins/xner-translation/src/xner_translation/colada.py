"""The method `colada`."""

from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar

from pydantic import Field

from xner.base import (
    Context,
    Corpus,
    FittedTeacher,
    Labelled,
    Method,
    Stage,
    TransferTask,
    WordTranslationSettings,
    translated,
)
from xner_translation.mixed_labels import mixed_labels
from xner_translation.presets import COLADA

_AGREEMENT = "neighbour-agreement"


class CoLaDa(Method):
    """Rounds in which a tagger of the translated source and one of the target clean each other's labels.

    Ma et al., ACL 2023. The translation is word by word, by the run's dictionary.
    """

    class Config(WordTranslationSettings):
        """How the source is translated, and how the labels are cleaned."""

        rounds: int = Field(3, ge=1, le=20, description="Rounds, each with a tagger of the translation and a student.")
        first: float = Field(
            0.5,
            ge=0,
            le=1,
            description="What a translated word's own tag counts in the first round, beside a tagger's.",
        )
        later: float = Field(0.1, ge=0, le=1, description="What it counts in all later rounds.")
        agreement: bool = Field(True, description="Words count by how many of their neighbours have their type.")

    config: Config
    defaults: ClassVar[Mapping[str, object]] = {
        "freeze": "quarter",
        "decoding.rule": "legal",
        "student.tag_loss": "hard_ce",
        "resources.dictionary": "freedict",
    }
    presets: ClassVar[Mapping[str, Mapping[str, object]]] = {"authors": COLADA}

    def run(self, task: TransferTask, context: Context) -> Stage:
        """Translate the source and fit a tagger on it; then let each tagger clean labels for the next."""
        in_words = [translated(each, task.target, self.config, context) for each in task.sources]
        translation = Corpus.concatenate(in_words)
        tagger = context.fit("recognizer", task.source)
        for number in range(1, self.config.rounds + 1):
            of_translation = self._of_translation(translation, tagger, number, context)
            student = context.distill(self._weighed(task.target, of_translation, context), number=number)
            tagger = context.tagger(student, f"student {number}")
        return student

    def _of_translation(
        self, translation: Corpus, tagger: FittedTeacher, number: int, context: Context
    ) -> FittedTeacher:
        """Let a tagger go on with the translation, whose labels are mixed with its own.

        Args:
            translation: sentences with the source's tags.
            tagger: of the round before.
            number: of the round.
            context: makes the stages.
        """
        own = self.config.first if number == 1 else self.config.later
        mixed = mixed_labels(self._weighed(translation, tagger, context), own, context, self)
        # soft labels, and from the tagger's weights, whatever the student's loss and start are
        going_on = replace(context, student=context.student.going_on.model_copy(update={"tag_loss": "soft_ce"}))
        return context.tagger(going_on.distill(mixed, number=number), f"translated {number}")

    def _weighed(self, corpus: Corpus, tagger: FittedTeacher, context: Context) -> Labelled:
        """Let a tagger label a corpus, whose words count by what their neighbours are."""
        labelled = context.label(corpus, tagger)
        return context.refine(labelled, _AGREEMENT) if self.config.agreement else labelled
