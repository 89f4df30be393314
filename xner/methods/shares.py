"""How much the teachers of each source language count, by the similarity of the languages (Wu et al., ACL 2020)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from xner.corpora.corpus import Corpus
from xner.plugin.code import ENGINE, digests
from xner.store.stages import Stage
from xner.teachers import language_similarity
from xner.teachers.labelled import Shares
from xner.teachers.language_similarity import CombinationSettings
from xner.training.workbench import Workbench

Work = Callable[[Path], None]


class MakeStage(Protocol):
    """What `Context.stage` is."""

    def __call__(
        self, title: str, description: Mapping[str, object], work: Work, inputs: Sequence[Stage] = ()
    ) -> Stage:
        """Return a stage."""


@dataclass(frozen=True)
class LanguageWeighing:
    """Weighs the teachers of several source languages.

    Args:
        stage: makes a stage.
        workbench: the pretrained encoder and the seed.
        settings: how the teachers are combined.
    """

    stage: MakeStage
    workbench: Workbench
    settings: CombinationSettings

    def shares(self, sources: Sequence[Corpus], target: Corpus) -> Shares:
        """Return how much the teachers of each source count for the target's sentences."""
        scheme = self.settings.weights
        weighed = None if scheme == "uniform" else self._weigh(sources, target)
        return Shares(tuple(sources), scheme, weighed)

    def _learn(self, sources: Sequence[Corpus]) -> Stage:
        description = {
            "stage": "learn",
            "sources": [source.fingerprint for source in sources],
            "settings": self.settings.model_dump(exclude={"weights"}),
            "code": digests([Path(language_similarity.__file__)], ENGINE),
            "workbench": replace(self.workbench, dev=None).identity(),  # it is not judged
        }

        def work(folder: Path) -> None:
            language_similarity.learn(sources, replace(self.workbench, folder=folder), self.settings)

        return self.stage(f"language classifier of {_languages(sources)}", description, work)

    def _weigh(self, sources: Sequence[Corpus], target: Corpus) -> Stage:
        learned = self._learn(sources)
        description = {"stage": "weigh", "classifier": learned.key, "target": target.fingerprint}

        def work(folder: Path) -> None:
            language_similarity.weigh(target, replace(self.workbench, folder=folder), learned.folder)

        title = f"language similarity of {target.language} to {_languages(sources)}"
        return self.stage(title, description, work, [learned])


def _languages(sources: Sequence[Corpus]) -> str:
    return ", ".join(source.language for source in sources)
