"""The method `unitrans`."""

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field

from xner.base import Context, Corpus, Method, Stage, TransferTask, WordTranslationSettings, translated
from xner_translation.presets import UNITRANS


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
        in_words = [translated(each, task.target, self.config, context) for each in task.sources]
        translation = Corpus.concatenate(in_words)
        taggers: dict[str, list[Stage]] = {self.config.follow: [], "fine-tuned": [], "source": [], "translated": []}
        for seed in range(self.config.teachers):
            source = context.fit("recognizer", task.source, seed=seed).stage
            taggers["source"].append(source)
            taggers["translated"].append(context.fit("recognizer", translation, seed=seed).stage)
            taggers["fine-tuned"].append(context.fit("recognizer", translation, start=source, seed=seed).stage)
        named = [context.tagger(stage, name) for name, stages in taggers.items() for stage in stages]
        labelled = context.refine(context.label(task.target, *named), "votes")
        return context.distill(labelled, tasks=["voted-tags"])
