"""The method `tof`."""

from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from typing import ClassVar, Literal

from pydantic import Field

from xner.base import (
    Context,
    Corpus,
    Method,
    Sentence,
    Stage,
    TransferTask,
    WordTranslationSettings,
    code_of,
    translated,
)
from xner_tof.presets import TOF_AUTHORS
from xner_tof.questions import defined
from xner_tof.reading import ReadingSettings, Sources, read


class TOF(Method):
    """An encoder learns to read, then to tag; it tags the target, and learns from its tags, reading first once more.

    Zhang et al., Findings of ACL 2021, without their tuning of the language model; question answering is a user's file.
    """

    class Config(WordTranslationSettings, ReadingSettings):
        """Which of its parts it has."""

        mrc: bool = Field(True, description="The encoder learns to find entities as answers before it learns to tag.")
        continual: bool = Field(True, description="From the last pseudo-labels it learns to read and to tag once more.")
        translation: Literal["dictionary", "none"] = Field(
            "dictionary", description="The source is also learned from in the target's words, or it is not."
        )
        definitions: Mapping[str, str] = Field(
            {}, description="What each entity type is, by type; for PER, LOC, ORG and MISC it is given."
        )
        qa: str = Field("", description="A file of question answering in SQuAD's form, JSON or JSON Lines.")
        qa_limit: int = Field(10_000, ge=1, description="At most so many of its questions.")

    config: Config
    defaults: ClassVar[Mapping[str, object]] = {"resources.dictionary": "freedict"}
    presets: ClassVar[Mapping[str, Mapping[str, object]]] = {"authors": TOF_AUTHORS}

    def run(self, task: TransferTask, context: Context) -> Stage:
        """Read and tag, tag the target, learn from thirds; then all of it once more."""
        config = self.config
        context.notes.append(self._itself())
        asked = Sources(defined(context.workbench.labels.types, config.definitions), config.qa, config.qa_limit)
        learned = [task.source]
        if config.translation == "dictionary":
            in_words = [translated(each, task.target, config, context) for each in task.sources]
            learned.append(Corpus.concatenate(in_words))
        start = read(learned, asked, config, context, self) if config.mrc else None
        stage = context.fit("recognizer", Corpus.concatenate(learned), start=start).stage
        tagged = context.tagged(task.target, stage, "the first tagger")
        stage = context.fit("recognizer", self._thirds([*learned, tagged], context), start=stage).stage
        if not config.continual:
            return stage
        tagged = context.tagged(task.target, stage, "the second tagger")
        if config.mrc:
            stage = read([*learned, tagged], asked, config, context, self, stage)
        return context.fit("recognizer", self._thirds([*learned, tagged], context), start=stage).stage

    def _thirds(self, parts: list[Corpus], context: Context) -> Corpus:
        """Return as many sentences of each part as the smallest has, drawn at random."""
        description = {
            "stage": "equal parts",
            "code": code_of(self),
            "parts": [part.fingerprint for part in parts],
            "seed": context.workbench.seed,
        }

        def rewrite(note: Callable[[str], None]) -> Iterator[Sentence]:
            size, seed = min(map(len, parts)), context.workbench.seed
            yield from chain.from_iterable(part.limit(size, seed + place) for place, part in enumerate(parts))

        title = f"equal parts of {' + '.join(part.language for part in parts)}"
        return context.rewritten(parts[0], title, description, rewrite, "equal parts")

    def _itself(self) -> str:
        """Return which parts of the paper's method it has not, for people who see its score."""
        config = self.config
        lacks = {
            "no MRC": not config.mrc,
            "no question answering but for entities": config.mrc and not config.qa,
            "no translation": config.translation == "none",
            "no continual learning": not config.continual,
            "no tuning of the language model": True,
        }
        return f"tof: {', '.join(name for name, true in lacks.items() if true)}"
