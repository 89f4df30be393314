"""A stage in which an encoder learns to read: questions for entities, and those of a user's file."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

import numpy as np
from pydantic import Field

from xner.base import TAGGER, Context, Corpus, Method, Settings, Stage, Tagger, TrainingSettings, Workbench, code_of
from xner.errors import UsageError
from xner_tof import squad
from xner_tof.asked import Asked
from xner_tof.questions import Question, of_entities
from xner_tof.spans import Reading


class ReadingSettings(Settings):
    """How long and how fast it learns to read, and how much of a text."""

    reading_epochs: float = Field(1, gt=0, description="Passes over all questions.")
    reading_batch: int = Field(16, gt=0, description="Questions in a step.")
    reading_rate: float | None = Field(None, gt=0, description="Highest learning rate; unset: the encoder's usual one.")
    reading_rate_again: float | None = Field(
        None, gt=0, description="That of the second reading (continual); unset: the same."
    )
    reading_length: int = Field(96, ge=16, le=512, description="The longest question with its text, in sub-words.")
    widest: int = Field(8, ge=1, le=64, description="The most words of a span that is a candidate for an answer.")

    def learning(self, again: bool) -> TrainingSettings:
        """Return how the first or the second reading learns."""
        rate = (self.reading_rate_again if again else None) or self.reading_rate
        return TrainingSettings(epochs=self.reading_epochs, batch_size=self.reading_batch, learning_rate=rate)


@dataclass(frozen=True)
class Sources:
    """What questions are asked of.

    Args:
        definitions: from an entity type to the question for it.
        qa: a file of question answering; "": there is none.
        qa_limit: at most so many of its questions, drawn at random.
    """

    definitions: Mapping[str, str]
    qa: str
    qa_limit: int

    def identity(self, checked: bool) -> dict[str, object]:
        """Return what the questions depend on beside the corpora.

        Args:
            checked: read all of the file, so that what is wrong with it is told before anything is trained.

        Raises:
            DataError: there is no such file, or it is in another form.
        """
        if checked and self.qa:
            squad.read(self.qa)
        return {"definitions": self.definitions, "qa": squad.identity(self.qa) if self.qa else "", "of": self.qa_limit}

    def questions(self, corpora: Sequence[Corpus], seed: int) -> Iterator[Question]:
        """Yield the questions for the entities of each corpus, and then those of the file."""
        given = squad.read(self.qa) if self.qa else []
        order = np.random.default_rng(seed).permutation(len(given))[: self.qa_limit]
        entities = (of_entities(corpus, self.definitions) for corpus in corpora)
        return chain(*entities, (given[number] for number in sorted(order.tolist())))


def read(
    corpora: Sequence[Corpus],
    sources: Sources,
    settings: ReadingSettings,
    context: Context,
    method: Method,
    start: Stage | None = None,
) -> Stage:
    """Let an encoder learn to find answers; the stage holds a tagger of it with a fresh tag head.

    Args:
        corpora: labelled sentences, of which entities are asked.
        sources: the questions.
        settings: how it learns.
        context: makes the stage.
        method: whose code it is.
        start: the tagger whose encoder goes on; None: the pretrained one.

    Raises:
        DataError: there is no such file, or it is in another form.
    """
    learning = settings.learning(again=start is not None)
    bench = replace(context.workbench, dev=None)
    description = {
        "stage": "read",
        "settings": {**learning.model_dump(), "length": settings.reading_length, "widest": settings.widest},
        "sources": sources.identity(checked=context.dry),
        "code": code_of(method),
        "learned": [*(corpus.fingerprint for corpus in corpora), start and start.key],
        "workbench": bench.identity(),
    }

    def work(folder: Path) -> None:
        workbench = replace(bench, folder=folder, start=start.folder / TAGGER if start else None)
        tagger = _read(corpora, sources, settings, learning, workbench)
        if start:
            renew_head(tagger, replace(workbench, start=None))
        context.keep_tagger(tagger, folder)

    return context.stage(_title(corpora, start), description, work, [start] if start else [])


def _title(corpora: Sequence[Corpus], start: Stage | None) -> str:
    languages = "+".join(dict.fromkeys(corpus.language for corpus in corpora))
    return f"reading comprehension on {languages}{', going on' if start else ''}"


def _read(
    corpora: Sequence[Corpus],
    sources: Sources,
    settings: ReadingSettings,
    learning: TrainingSettings,
    workbench: Workbench,
) -> Tagger:
    """Train on all questions that fit, and return the tagger, whose tag head has learned nothing."""
    tagger, progress = workbench.new_tagger(), workbench.progress
    longest = tagger.max_length
    tagger.max_length = min(settings.reading_length, longest)
    check_definitions(sources.definitions, tagger)
    asked = Asked(tagger, settings.widest)
    corpus = asked.corpus(sources.questions(corpora, workbench.seed), corpora[0].without_labels())
    answered = sum(map(bool, asked.answers))
    progress.say(
        f"reading: {len(asked.places):,} questions, {answered:,} with an answer; of {asked.cut:,} the text was cut to "
        f"{tagger.max_length} sub-words, {asked.left_out:,} did not fit and were left out"
    )
    workbench.train(tagger, Reading(tagger, settings.widest), corpus, learning, asked, judge=None)
    tagger.max_length = longest
    return tagger


def check_definitions(definitions: Mapping[str, str], tagger: Tagger) -> None:
    """Look whether each question leaves at least half of the room for a text.

    Args:
        definitions: from a type to its question.
        tagger: whose sub-words are counted, and whose `max_length` is the room.

    Raises:
        UsageError: one does not.
    """
    for name, text in definitions.items():
        pieces = len(tagger.tokenizer(text)["input_ids"])
        if pieces > tagger.max_length // 2:
            raise UsageError(
                f"methods.tof.definitions.{name} has {pieces} sub-words, which leaves too few of {tagger.max_length} "
                "for a sentence: shorten it, or set methods.tof.reading_length"
            )


def renew_head(tagger: Tagger, workbench: Workbench) -> None:
    """Give a tagger a fresh tag head in place of what its encoder has left behind.

    Args:
        tagger: whose head it is.
        workbench: makes taggers from the pretrained weights.
    """
    fresh, body = workbench.new_tagger().model, f"{tagger.model.base_model_prefix}."
    head = {name: weight for name, weight in fresh.state_dict().items() if not name.startswith(body)}
    tagger.model.load_state_dict(head, strict=False)
