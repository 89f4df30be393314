"""The settings of a run."""

from typing import Any

from pydantic import ConfigDict, Field, field_validator, model_validator

from xner.corpora.labels import OUTSIDE, LabelMap, Rule
from xner.decoding.decoder import DecodingSettings
from xner.filenames import escape
from xner.machine.hardware import Precision
from xner.plugin.component import Names, Settings
from xner.students.settings import StudentSettings
from xner.teachers.language_similarity import CombinationSettings
from xner.training.checkpoints import Choice
from xner.training.settings import Freeze

Table = dict[str, dict[str, Any]]


def _a_name(language: str) -> str:
    """Refuse a language that would lead out of the folders that are called by it."""
    if reason := escape(language):
        raise ValueError(f"{language!r} is no name of a language: {reason}; expected one such as de or zh-Hans")
    return language


class SourceSettings(Settings):
    """The labelled side."""

    languages: tuple[str, ...] = Field(("en",), min_length=1, description="Source languages.")
    dataset: str = Field("demo", description="Corpus name, folder or file.")
    split: str = Field("train", description="The split to learn from.")
    dev_dataset: str = Field("", description="Corpus with the dev split; empty: the source's.")
    dev_split: str = Field("dev", description="The labelled split that checkpoint = source-dev chooses on.")
    limit: int | None = Field(None, gt=0, description="Use so many sentences of each language, drawn with the seed.")
    transformers: Names = Field((), description="Transformers of each source, one after the other.")
    corpora: Table = Field({}, description="Settings of corpora for this side; those in `corpora` are for both.")

    @field_validator("languages")
    @classmethod
    def _each_once(cls, languages: tuple[str, ...]) -> tuple[str, ...]:
        if twice := [language for language in languages if languages.count(language) > 1]:
            raise ValueError(f"{twice[0]} is there twice; name each language once")
        return tuple(map(_a_name, languages))


class TargetSettings(Settings):
    """The side without labels."""

    language: str = Field("de", description="Target language.")
    dataset: str = Field("demo", description="Corpus name, folder or file of unlabelled sentences.")
    split: str = Field("train", description="The split whose sentences, without labels, the student learns from.")
    limit: int | None = Field(None, gt=0, description="Use so many sentences, drawn with the seed.")
    transformers: Names = Field((), description="Transformers of the unlabelled sentences, one after the other.")
    test_dataset: str = Field("", description="Corpus to score on; empty: the target's.")
    test_split: str = Field("test", description="The split to score on.")
    dev_dataset: str = Field("", description="Corpus with the dev split; empty: the target's.")
    dev_split: str = Field("dev", description="The labelled split that checkpoint = target-dev chooses on.")
    corpora: Table = Field({}, description="Settings of corpora for this side; those in `corpora` are for both.")

    @field_validator("language")
    @classmethod
    def _is_a_name(cls, language: str) -> str:
        return _a_name(language)


class LabelSettings(Settings):
    """The entity types of the run."""

    types: tuple[str, ...] = Field((), description="The types; empty: those of the source.")

    @field_validator("types")
    @classmethod
    def _named_once(cls, types: tuple[str, ...]) -> tuple[str, ...]:
        for kind in types:
            if not kind.strip() or kind != kind.strip() or kind == OUTSIDE:
                raise ValueError(f"{kind!r} is no name of an entity type; expected names such as PER,LOC")
            if types.count(kind) > 1:
                raise ValueError(f"{kind} is there twice; name each type once")
        return types

    map: dict[str, str] = Field({}, description='From a corpus\'s type to the run\'s, or to "O"; "*" is all others.')

    def to_map(self) -> LabelMap:
        """Return the label map."""
        return LabelMap(self.types, self.map)


class ScoringSettings(Settings):
    """How predictions are scored; no stage depends on it, so a run with another rule trains nothing anew."""

    rule: Rule = Field("conlleval", description='"conlleval", or "strict": IOB2, in which an illegal I- is no entity.')


class ResourceSettings(Settings):
    """Which resource serves as what; beside these names stand the tables of settings of the resources themselves."""

    # a table is "extra", as it has the name of a component
    model_config = ConfigDict(frozen=True, extra="allow", validate_default=True)
    __pydantic_extra__: dict[str, dict[str, Any]] = Field(init=False)

    dictionary: str = Field("", description="The dictionary of methods that need one: see `xner list resources`.")
    translator: str = Field("", description="The translator of methods that need one.")
    aligner: str = Field("", description="The aligner of words of methods that need one.")
    gazetteer: str = Field("", description="The gazetteer of methods that need one: see `xner list resources`.")

    @model_validator(mode="before")
    @classmethod
    def _of_roles(cls, given: Any) -> Any:
        odd = [name for name, value in given.items() if name not in cls.model_fields and not isinstance(value, dict)]
        if odd:
            raise ValueError(f"there is no role '{odd[0]}'; there are: {', '.join(cls.model_fields)}")
        return given

    @property
    def roles(self) -> dict[str, str]:
        """From each role to the name of its resource, or to nothing."""
        return {name: getattr(self, name) for name in type(self).model_fields}


class RunConfig(Settings):
    """Everything that decides a run; the tables at the end hold settings of components by name."""

    method: str = Field("mtmt", description="Name of the method.")
    encoder: str = Field("e5-small", description="Name of an encoder, hub id or folder.")
    seed: int = Field(0, ge=0, lt=2**32, description="Of everything drawn at random.")
    max_length: int = Field(128, ge=16, description="Longest window in sub-words; longer sentences become several.")
    freeze: Freeze = Field(
        "words",
        description='"none", "words" (the word embeddings), N: all embeddings and the lowest N layers, or "quarter".',
    )
    checkpoint: Choice = Field(
        "last",
        description="Which weights every training keeps: its last, the average of its snapshots, or its best on "
        "labelled dev sentences.",
    )
    precision: Precision = Field("auto", description="bf16, fp32, or auto: bf16 where the hardware is faster with it.")
    compile: bool = Field(False, description="Layers are compiled by torch.compile; meant for GPUs.")
    report_to: Names = Field(
        (), description="Trackers that get the curves, as the Trainer names them: tensorboard, wandb, mlflow, ..."
    )
    source: SourceSettings = SourceSettings()
    target: TargetSettings = TargetSettings()
    labels: LabelSettings = LabelSettings()
    student: StudentSettings = StudentSettings()
    combination: CombinationSettings = CombinationSettings()
    decoding: DecodingSettings = DecodingSettings()
    scoring: ScoringSettings = ScoringSettings()
    resources: ResourceSettings = ResourceSettings()
    encoders: Table = Field({}, description="Settings of encoders.")
    corpora: Table = Field({}, description="Settings of corpora.")
    teachers: Table = Field({}, description="Settings of teachers.")
    refiners: Table = Field({}, description="Settings of refiners.")
    transformers: Table = Field({}, description="Settings of transformers.")
    auxiliary_tasks: Table = Field({}, description="Settings of auxiliary tasks.")
    weightings: Table = Field({}, description="Settings of weightings.")
    methods: Table = Field({}, description="Settings of methods.")
    sections: Table = Field({}, description="Settings of sections of pages; no score depends on them.")

    @property
    def title(self) -> str:
        """The method with what is mixed into it, such as "tsl+contrastive+entropy"."""
        return "+".join([self.method, *self.student.parts])

    def without_parts(self) -> "RunConfig":
        """Return the same settings with nothing mixed into the method."""
        bare = self.student.model_copy(update={"tasks": (), "weighting": None, "refiners": ()})
        return self.model_copy(update={"student": bare})

    @property
    def zero_resource(self) -> bool:
        """Whether no label of the target's language is learned from."""
        return self.target.language not in self.source.languages

    def component(self, kind: str, name: str) -> dict[str, Any]:
        """Return the settings given for one component."""
        return self.components(kind).get(name, {})

    def components(self, kind: str) -> Table:
        """Return the settings given for the components of a kind, by name."""
        if kind == "resources":
            return dict(self.resources.model_extra or {})
        table: Table = getattr(self, kind)
        return table
