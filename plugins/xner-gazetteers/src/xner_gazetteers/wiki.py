"""The method `wiki`."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field

from xner.base import (
    NOTES,
    Context,
    FittedTeacher,
    Gazetteer,
    Method,
    Settings,
    Stage,
    TagSettings,
    TransferTask,
    code_of,
    depends_on,
    first,
)
from xner_gazetteers.encoder_tagger import EncoderTagger
from xner_gazetteers.linear_tagger import LinearTagger
from xner_gazetteers.name_features import NameFeatures


class Wiki(Method):
    """A tagger by what a gazetteer says of words, in no language of its own, teaches a student.

    Tsai et al., CoNLL 2016, with a gazetteer in place of Wikipedia. Their system is the tagger `linear` without the
    student; its score stands beside the student's.
    """

    class Config(Settings):
        """Who hears the gazetteer."""

        tagger: Literal["linear", "encoder"] = Field(
            "linear", description="linear: features alone, without an encoder; encoder: its tag head hears them, too."
        )
        penalty: float = Field(1.0, gt=0, description="linear: inverse strength of the weights' squared norm.")
        training: TagSettings = Field(TagSettings(), description="encoder: how it learns.")

    config: Config
    defaults: ClassVar[Mapping[str, object]] = {
        "resources.gazetteer": "public-names",
        "student.start": "encoder",  # the linear tagger has none
    }

    def run(self, task: TransferTask, context: Context) -> Stage:
        """Fit the tagger, let it label the target, and distill."""
        return context.distill(context.label(task.target, self._fitted(task, context)))

    def _fitted(self, task: TransferTask, context: Context) -> FittedTeacher:
        gazetteer, workbench = context.resource(Gazetteer), context.workbench
        sides = [context.sides(source, task.target) for source in task.sources]
        description = {
            "stage": "fit by names",
            "settings": self.config.model_dump(),
            "code": code_of(self),
            "gazetteer": [depends_on(gazetteer, each) for each in sides],
            "source": task.source.fingerprint,
            "target": task.target.fingerprint,
            "workbench": replace(workbench, dev=None).identity(),  # nothing is chosen
        }

        def work(folder: Path) -> None:
            features = NameFeatures.of(gazetteer, sides)
            tagger = self._tagger(features)
            tagger.fit(task.source, replace(workbench, folder=folder))
            if first():
                tagger.save(folder)
                told = _told(features, context.roles["gazetteer"], workbench.labels.types)
                covered = features.coverage([*task.sources, task.target])
                (folder / NOTES).write_text(f"wiki: {told}; in a name are {covered}", encoding="utf-8")

        name = f"{self.config.tagger} tagger by names"
        title = f"teacher {name} on {task.source.language} beside {task.target.language}"
        stage = context.stage(title, description, work)
        fitted = FittedTeacher(name, self._tagger(), stage, task.source)
        context.fitted.append(fitted)
        return fitted

    def _tagger(self, features: NameFeatures | None = None) -> LinearTagger | EncoderTagger:
        if self.config.tagger == "linear":
            return LinearTagger(self.config.penalty, features)
        return EncoderTagger(self.config.training, features)


def _told(features: NameFeatures, gazetteer: str, types: tuple[str, ...]) -> str:
    """Return which gazetteer it is, how large, and of which types of the run it has nothing."""
    sizes = ", ".join(f"{kind} {size:,}" for kind, size in features.table.sizes().items())
    lacking = [kind for kind in types if kind not in features.types]
    without = f"; it has none of the type {' and '.join(lacking)}" if lacking else ""
    return f"the gazetteer {gazetteer} has {len(features.table.types):,} names ({sizes}){without}"
