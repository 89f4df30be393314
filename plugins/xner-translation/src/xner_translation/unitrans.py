"""The method `unitrans`."""

from collections.abc import Callable, Iterator, Mapping
from typing import ClassVar, Literal

from pydantic import Field

from xner.base import (
    Context,
    Corpus,
    Dictionary,
    Method,
    Sentence,
    Stage,
    TransferTask,
    code_of,
    depends_on,
)
from xner_translation.presets import UNITRANS
from xner_translation.word_translation import WordTranslation, WordTranslationSettings


class UniTrans(Method):
    """Three taggers, of the source, of its translation and of one after the other, teach a student and vote.

    Wu et al., IJCAI 2020. The translation is word by word, by the run's dictionary.
    """

    class Config(WordTranslationSettings):
        """How the source is translated, and who teaches."""

        follow: Literal["fine-tuned", "source"] = Field(
            "fine-tuned", description="Whose probabilities the student follows."
        )
        teachers: int = Field(1, ge=1, description="Taggers of each kind, with a seed each; their mean counts.")

    config: Config
    defaults: ClassVar[Mapping[str, object]] = {
        "max_length": 256,
        "freeze": "quarter",
        "decoding.rule": "legal",
        "student.tag_loss": "mse_mean",
        "resources.dictionary": "freedict",
    }
    presets: ClassVar[Mapping[str, Mapping[str, object]]] = {"authors": UNITRANS}

    def run(self, task: TransferTask, context: Context) -> Stage:
        """Translate the source, fit the taggers, let them label the target and vote, and distill."""
        translated = Corpus.concatenate([self._translated(each, task.target, context) for each in task.sources])
        taggers: dict[str, list[Stage]] = {self.config.follow: [], "fine-tuned": [], "source": [], "translated": []}
        for seed in range(self.config.teachers):
            source = context.fit("recognizer", task.source, seed=seed).stage
            taggers["source"].append(source)
            taggers["translated"].append(context.fit("recognizer", translated, seed=seed).stage)
            taggers["fine-tuned"].append(context.fit("recognizer", translated, start=source, seed=seed).stage)
        named = [context.tagger(stage, name) for name, stages in taggers.items() for stage in stages]
        labelled = context.refine(context.label(task.target, *named), "votes")
        return context.distill(labelled, tasks=["voted-tags"])

    def _translated(self, source: Corpus, target: Corpus, context: Context) -> Corpus:
        """Return the source's sentences with their words translated."""
        dictionary, sides = context.resource(Dictionary), context.sides(source, target)
        name = context.roles["dictionary"]
        description = {
            "stage": "translate words",
            "dictionary": depends_on(dictionary, sides),
            "settings": self.config.identity(),
            "code": code_of(self),
            "source": source.fingerprint,
            "target": target.fingerprint,
            "seed": context.workbench.seed,
        }

        def rewrite(note: Callable[[str], None]) -> Iterator[Sentence]:
            translation = WordTranslation.of(dictionary, sides, self.config)
            yield from translation.sentences(iter(source))
            size = f"{len(translation.words):,} words"
            note(f"unitrans: {source.language} to {target.language} by the dictionary {name} ({size}): {translation}")

        title = f"{source.language} in words of {target.language}, by {name}"
        return context.rewritten(source, title, description, rewrite, "translated")
