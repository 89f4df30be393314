"""The method `mtmt`."""

from collections.abc import Mapping
from typing import ClassVar

from pydantic import Field

from xner.base import Context, FittedTeacher, Method, Settings, Stage, TransferTask

# The published settings, as far as known, by what they are of. "paper": Li et al., ACL 2022, section 4.2 and the
# equations as printed; "authors": the code that they published, where it differs. Neither says how long the student
# trains.
_RUN: dict[str, object] = {
    "encoder": "google-bert/bert-base-multilingual-cased",
    "max_length": 128,
    "freeze": "none",
}
_TRAINING: dict[str, object] = {
    "head_rate": 1.0,
    "batch_size": 32,
    "head_dropout": 0.2,
    "schedule": "constant",  # plain Adam in the code
    "warmup": 0.0,
    "weight_decay": 0.0,
    "max_grad_norm": 0.0,
    "epochs": 5,  # the code's params.txt for the recognizer
}
_BY_FIRST_PIECES: dict[str, object] = {"subwords": 0}  # the loss is over words, by their first sub-words
_BOTH: dict[str, dict[str, object]] = {
    "teachers.recognizer": {**_TRAINING, **_BY_FIRST_PIECES, "learning_rate": 1e-5},
    "teachers.similarity": {**_TRAINING, "learning_rate": 5e-6, "sentences": "all"},
    "teachers.joint": {**_TRAINING, **_BY_FIRST_PIECES, "learning_rate": 1e-5},
    "student": {
        **_TRAINING,
        **_BY_FIRST_PIECES,
        "learning_rate": 1e-6,
        "start": "encoder",  # the code; the paper does not say
        "pairing": "uniform",
    },
    "auxiliary_tasks.similarity": {"scale": 1.0},
    "weightings.reliability": {},
}
_OWN: dict[str, dict[str, dict[str, object]]] = {
    "paper": {
        "student": {"tag_loss": "soft_ce", "tag_coefficient": 1.0},  # section 3.2
        "auxiliary_tasks.similarity": {"coefficient": 1.0},
        "weightings.reliability": {"beta": "paper"},
    },
    "authors": {
        "student": {"tag_loss": "mse_prob", "tag_coefficient": 0.5, "head_rate": 0.001},
        "auxiliary_tasks.similarity": {"coefficient": 0.5},  # the code's default of loss_alpha
        "weightings.reliability": {"beta": "authors"},
    },
}


def published(*components: str) -> dict[str, Mapping[str, object]]:
    """Return the presets of a method that has these components.

    Args:
        components: each with its kind, such as "teachers.recognizer".
    """
    return {
        name: _RUN
        | {
            f"{part}.{setting}": value
            for part in ("student", *components)
            for setting, value in (_BOTH[part] | own.get(part, {})).items()
        }
        for name, own in _OWN.items()
    }


_EVALUATED = ("teachers.recognizer", "teachers.similarity", "auxiliary_tasks.similarity", "weightings.reliability")


class Published(Method):
    """Two teachers, two tasks, one student, as printed (Li et al., ACL 2022): what the ablations leave parts out of."""

    class Config(Settings):
        """The components of the method; its ablations choose others."""

        teachers: tuple[str, ...] = Field(
            ("recognizer", "similarity"), min_length=1, description="Teachers, each fitted on every source."
        )
        tasks: tuple[str, ...] = Field(("similarity",), description="What the student learns beside the tags.")
        weighting: str = Field("reliability", description="How words and pairs are weighted.")
        chained: bool = Field(
            False, description="Every teacher goes on from the weights of the first one, which must be a tagger; ours."
        )

    config: Config
    presets: ClassVar[Mapping[str, Mapping[str, object]]] = published(*_EVALUATED)

    def run(self, task: TransferTask, context: Context) -> Stage:
        """Fit the teachers, one of each kind a source, let them label the target, and distill."""
        labelled = context.label(task.target, *self.fitted(task, context))
        return context.distill(labelled, tasks=self.config.tasks, weighting=self.config.weighting)

    def fitted(self, task: TransferTask, context: Context) -> list[FittedTeacher]:
        """Fit the teachers, kind by kind, each of a kind on one source."""
        first, *others = self.config.teachers
        fitted = [context.fit(first, source) for source in task.sources]
        starts = [teacher.stage if self.config.chained else None for teacher in fitted]
        pairs = list(zip(task.sources, starts, strict=True))
        return fitted + [context.fit(other, source, start=start) for other in others for source, start in pairs]


def weighted(method: str) -> dict[str, Mapping[str, object]]:
    """Return the published settings for a method that by default has no alpha, beta and gamma.

    Args:
        method: its name.
    """
    weighting = {f"methods.{method}.weighting": "reliability"}
    return {name: {**preset, **weighting} for name, preset in Published.presets.items()}


class MTMT(Published):
    """Two teachers, two tasks, one student, whose second task is made stronger than as printed.

    As printed, the task hardly pulls (docs/defaults.md). Here half of the paired words are parts of entities, a scale
    lets scores come near 0 and 1, all words and pairs count the same, and the task has a factor; all chosen on the dev
    split of Portuguese. The presets are the published forms.
    """

    class Config(Published.Config):
        """The same components without alpha, beta and gamma."""

        weighting: str = Field("uniform", description="How words and pairs are weighted; reliability: the paper.")

    config: Config
    defaults: ClassVar[Mapping[str, object]] = {
        "student.pairing": "balanced",
        "auxiliary_tasks.similarity.scale": 10.0,
        "auxiliary_tasks.similarity.coefficient": 0.1,
    }
    presets: ClassVar[Mapping[str, Mapping[str, object]]] = weighted("mtmt")
