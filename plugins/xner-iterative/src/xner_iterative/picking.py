"""Picking by a policy: a stage that trains a policy with a student, and gives weight to what it keeps."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil
from pathlib import Path

import numpy as np
import torch
from pydantic import Field
from torch import Tensor

from xner.base import (
    Context,
    Corpus,
    Decoder,
    DecodingSettings,
    Labelled,
    Method,
    Settings,
    Signals,
    StudentSettings,
    Tagger,
    Workbench,
    code_of,
)
from xner.errors import DataError
from xner_iterative.features import sentence_features
from xner_iterative.held_out import Part, held_out_loss, sentence_losses
from xner_iterative.picked_distillation import PickedDistillation, with_losses
from xner_iterative.policy import Policy, Rates, Reinforce
from xner_iterative.shares import highest, mask

_EVEN = 0.5


class PolicySettings(Settings):
    """How the policy looks at sentences, and how it learns; all of it ours."""

    vector: int = Field(32, ge=1, le=4096, description="Size of the projected sentence vector that the policy sees.")
    hidden: int = Field(64, ge=1, le=4096, description="Size of the policy's hidden layer.")
    policy_rate: float = Field(1e-3, gt=0, description="Adam's learning rate for the policy.")
    warm_up: int = Field(50, ge=0, description="Steps in which it first learns to keep what the teacher is surer of.")
    bag: int = Field(8, ge=1, description="Batches between two rewards.")
    baseline: float = Field(0.9, ge=0, lt=1, description="What the mean of the rewards keeps when another comes.")
    entropy: float = Field(0.01, ge=0, description="Factor of the policy's entropy, which is rewarded, too.")
    held_out: float = Field(0.1, gt=0, lt=1, description="Share of the target that rewards, and is not learned from.")
    judges: int = Field(256, ge=1, description="At most so many sentences of target and of source dev each reward.")
    floor: float = Field(0.5, ge=0, le=1, description="At least this share of the sentences is picked.")


@dataclass(frozen=True)
class Chosen:
    """The teacher's probabilities for some sentences.

    Args:
        signals: what it says of all.
        numbers: which they are.
    """

    signals: Signals
    numbers: Sequence[int]

    def row(self, sentence: int) -> Mapping[str, np.ndarray]:
        """Return `probabilities` (words, tags) of one of them, by its number among them."""
        return {"probabilities": self.signals.row(self.numbers[sentence])["probabilities"]}


def picked_by_policy(
    labelled: Labelled, dev: Sequence[Corpus], context: Context, method: Method, number: int
) -> Labelled:
    """Train a policy that picks sentences, and give the words of all others the weight 0.

    Args:
        labelled: the target, labelled by a tagger.
        dev: labelled dev sentences of the sources, which reward, too; none: the target's alone do.
        context: makes the stage.
        method: whose settings are `PolicySettings`, and whose code makes the stage.
        number: of the round, for people.
    """
    settings, target = method.config, labelled.target
    assert isinstance(settings, PolicySettings)
    description = {
        "stage": "pick by policy",
        "settings": {name: getattr(settings, name) for name in PolicySettings.model_fields},
        "code": code_of(method),
        **labelled.identity(),
        "teacher": [teacher.stage.key for teacher in labelled.teachers],
        "target": target.fingerprint,
        "dev": [corpus.fingerprint for corpus in dev],
        "student": context.student.model_dump(exclude={"tasks", "weighting", "refiners"}),
        "workbench": replace(context.workbench, dev=None).identity(),  # it is not judged
    }

    def work(folder: Path) -> None:
        workbench = replace(context.workbench, folder=folder)
        decoder = Decoder(workbench.labels, DecodingSettings(rule="legal"), labelled.bigrams(workbench.labels))
        signals = replace(labelled.signals(), decoder=decoder)
        kept = Picking(labelled, dev, signals, workbench, context.student, settings).kept()

        def speak(_: Corpus, numbers: range) -> Iterator[Mapping[str, np.ndarray]]:
            return (mask(kept[number], len(signals.row(number)["probabilities"])) for number in numbers)

        context.record(folder, target, ("weight",), speak, "the policy")

    inputs = dict.fromkeys([*labelled.inputs, *(teacher.stage for teacher in labelled.teachers)])
    stage = context.stage(f"policy of round {number} on {target.language}", description, work, [*inputs])
    return labelled.with_refined("policy", stage, ("weight",))


@dataclass(frozen=True)
class Picking:
    """One policy's training, and what it picks.

    Args:
        labelled: the target, labelled by a tagger.
        dev: labelled dev sentences of the sources.
        signals: what the tagger says of the target, with a decoder.
        workbench: of the stage.
        student: the student's settings.
        settings: the policy's.
    """

    labelled: Labelled
    dev: Sequence[Corpus]
    signals: Signals
    workbench: Workbench
    student: StudentSettings
    settings: PolicySettings

    def kept(self) -> np.ndarray:
        """Train the policy with a student, and return which sentences of the target it keeps, (N,) of truth values.

        Raises:
            DataError: there are too few sentences to hold some out.
        """
        held, rest = self._divided()
        features, learner = self._warmed_up()
        # as `Context.distill` begins
        known = self.student.start == "teacher"
        tagger = self._teacher(trainable=True) if known else self.workbench.new_tagger()
        learned, parts = self.labelled.target.chosen(rest), self._parts(held)
        objective = PickedDistillation(
            tagger,
            learner,
            features[rest],
            learned.words,
            lambda: held_out_loss(tagger, parts, self.student),
            self.student,
            self.settings.bag,
            self.workbench.progress.say,
        )
        self.workbench.train(tagger, objective, learned, self.student, Chosen(self.signals, rest), judge=None)
        objective.finish()
        said = (self.signals.row(number)["probabilities"] for number in range(len(self.signals)))
        losses = sentence_losses(tagger, Part(self.labelled.target, said), self.student)
        return self._picked(torch.sigmoid(learner.odds(with_losses(features, losses))).numpy())

    def _divided(self) -> tuple[list[int], list[int]]:
        """Return the numbers of the sentences that are held out, and of those that are learned from."""
        size = len(self.labelled.target)
        if size < 2:
            raise DataError(f"{self.labelled.target}: one sentence is too few; to hold some out, a policy needs 2")
        order = np.random.default_rng(self.workbench.seed).permutation(size)
        number = min(max(1, round(self.settings.held_out * size)), size - 1)
        return sorted(order[:number].tolist()), sorted(order[number:].tolist())

    def _warmed_up(self) -> tuple[Tensor, Reinforce]:
        """Return the features of all sentences, and a policy that keeps the surer ones, of either kind."""
        settings, seed = self.settings, self.workbench.seed
        features, wanted = sentence_features(self._teacher(), self.labelled.target, self.signals, settings.vector, seed)
        rates = Rates(settings.policy_rate, settings.entropy, settings.baseline)
        learner = Reinforce(Policy(features.shape[1] + 1, settings.hidden, seed), rates, seed)
        unknown = torch.zeros(len(features))  # there is no student yet
        learner.warm_up(with_losses(features, unknown), wanted, settings.warm_up)
        return features, learner

    def _teacher(self, trainable: bool = False) -> Tagger:
        return self.workbench.load_tagger(self.labelled.tagger(), trainable)

    def _parts(self, held: Sequence[int]) -> list[Part]:
        """Return what rewards: target sentences with the teacher's soft labels, and dev sentences with gold tags."""
        most, seed = self.settings.judges, self.workbench.seed
        few = sorted(np.random.default_rng(seed).permutation(held)[:most].tolist())
        target = self.labelled.target.chosen(few)
        parts = [Part(target, [self.signals.row(number)["probabilities"] for number in few])]
        if self.dev:
            dev = Corpus.concatenate(self.dev).limit(most, seed)
            parts.append(Part.of_gold(dev, self.workbench.labels.tags))
        and_dev = (
            f", and {len(parts[1].corpus):,} of the source's dev with gold tags, half and half" if self.dev else ""
        )
        alone = "" if self.dev else "; there is no labelled dev split of the source to stand beside them"
        said = f"{len(few):,} sentences of the target with the teacher's labels"
        self.workbench.progress.say(f"policy: rewarded by the student's loss on {said}{and_dev}{alone}")
        return parts

    def _picked(self, probabilities: np.ndarray) -> np.ndarray:
        """Return which sentences are picked, and say it."""
        kept = picked(probabilities, self.settings.floor)
        likely = int((probabilities > _EVEN).sum())
        floor = f" ({likely:,} have pi > 0.5; the others fill the floor)" if kept.sum() > likely else ""
        self.workbench.progress.say(f"policy: picked {kept.sum():,} of {len(kept):,} sentences{floor}")
        return kept


def picked(probabilities: np.ndarray, floor: float) -> np.ndarray:
    """Return which sentences are kept with pi > 0.5; of fewer than the floor, those with the highest pi.

    Args:
        probabilities: pi of each sentence (N,).
        floor: the least share of them.
    """
    likely = int((probabilities > _EVEN).sum())
    return highest(probabilities, max(likely, 1, ceil(round(floor * len(probabilities), 6))))
