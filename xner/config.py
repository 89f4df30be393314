"""The settings of a run: defaults, then a preset, then a file, then --set and the other options."""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import Field, ValidationError, field_validator

from xner.base import Settings
from xner.checkpoints import Choice
from xner.distillation import StudentSettings
from xner.errors import DataError, UsageError, did_you_mean
from xner.formats import missing
from xner.hardware import Precision
from xner.hookspecs import KINDS
from xner.labels import OUTSIDE, LabelMap, Rule
from xner.language_similarity import CombinationSettings

Table = dict[str, dict[str, Any]]
Model = TypeVar("Model", bound=Settings)


class SourceSettings(Settings):
    """The labelled side."""

    languages: tuple[str, ...] = Field(("en",), min_length=1, description="Source languages.")
    dataset: str = Field("demo", description="Corpus name, folder or file.")
    split: str = Field("train", description="The split to learn from.")
    dev_dataset: str = Field("", description="Corpus with the dev split; empty: the source's.")
    dev_split: str = Field("dev", description="The labelled split that checkpoint = source-dev chooses on.")
    limit: int | None = Field(None, gt=0, description="Use so many sentences of each language, drawn with the seed.")

    @field_validator("languages")
    @classmethod
    def _each_once(cls, languages: tuple[str, ...]) -> tuple[str, ...]:
        if twice := [language for language in languages if languages.count(language) > 1]:
            raise ValueError(f"{twice[0]} is there twice; name each language once")
        return languages


class TargetSettings(Settings):
    """The side without labels."""

    language: str = Field("de", description="Target language.")
    dataset: str = Field("demo", description="Corpus name, folder or file of unlabelled sentences.")
    split: str = Field("train", description="The split whose sentences, without labels, the student learns from.")
    limit: int | None = Field(None, gt=0, description="Use so many sentences, drawn with the seed.")
    test_dataset: str = Field("", description="Corpus to score on; empty: the target's.")
    test_split: str = Field("test", description="The split to score on.")
    dev_dataset: str = Field("", description="Corpus with the dev split; empty: the target's.")
    dev_split: str = Field("dev", description="The labelled split that checkpoint = target-dev chooses on.")


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


class RunConfig(Settings):
    """Everything that decides a run; the tables at the end hold settings of components by name."""

    method: str = Field("mtmt", description="Name of the method.")
    encoder: str = Field("e5-small", description="Name of an encoder, hub id or folder.")
    seed: int = Field(0, ge=0, lt=2**32, description="Of everything drawn at random.")
    max_length: int = Field(128, ge=16, description="Longest window in sub-words; longer sentences become several.")
    freeze: Literal["none", "words"] | int = Field(
        "words", description='"none", "words" (the word embeddings), or N: all embeddings and the lowest N layers.'
    )
    checkpoint: Choice = Field(
        "last", description="Which one every training keeps: its last, or its best on labelled dev sentences."
    )
    precision: Precision = Field("auto", description="bf16, fp32, or auto: bf16 where the hardware is faster with it.")
    report_to: tuple[str, ...] = Field(
        (), description="Trackers that get the curves, as the Trainer names them: tensorboard, wandb, mlflow, ..."
    )
    source: SourceSettings = SourceSettings()
    target: TargetSettings = TargetSettings()
    labels: LabelSettings = LabelSettings()
    student: StudentSettings = StudentSettings()
    combination: CombinationSettings = CombinationSettings()
    scoring: ScoringSettings = ScoringSettings()
    encoders: Table = Field({}, description="Settings of encoders.")
    corpora: Table = Field({}, description="Settings of corpora.")
    teachers: Table = Field({}, description="Settings of teachers.")
    auxiliary_tasks: Table = Field({}, description="Settings of auxiliary tasks.")
    weightings: Table = Field({}, description="Settings of weightings.")
    methods: Table = Field({}, description="Settings of methods.")

    @field_validator("report_to", mode="before")
    @classmethod
    def _with_commas(cls, names: object) -> object:
        return names.split(",") if isinstance(names, str) else names

    @property
    def label(self) -> str:
        """The method with what is mixed into it, such as "tsl+contrastive+entropy"."""
        return "+".join([self.method, *self.student.parts])

    def without_parts(self) -> "RunConfig":
        """Return the same settings with nothing mixed into the method."""
        return self.model_copy(update={"student": self.student.model_copy(update={"tasks": (), "weighting": None})})

    @property
    def zero_resource(self) -> bool:
        """Whether no label of the target's language is learned from."""
        return self.target.language not in self.source.languages

    def component(self, kind: str, name: str) -> dict[str, Any]:
        """Return the settings given for one component."""
        table: Table = getattr(self, kind)
        return table.get(name, {})


def read_settings(path: Path) -> dict[str, Any]:
    """Read a run's settings from a TOML file.

    Raises:
        DataError: there is no such file, or it is not TOML; the message names the line.
        UsageError: a setting in it does not exist or its value does not fit; the message names the file.
    """
    settings = read_file(path)
    try:
        build(settings)
    except UsageError as error:
        raise UsageError(f"{path}: {error}") from None
    return settings


def read_file(path: Path) -> dict[str, Any]:
    """Read a TOML file.

    Raises:
        DataError: there is no such file, or it is not TOML; the message names the line.
    """
    if not path.exists():
        raise missing(path)
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: cannot read the settings: {error}") from error
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        where = f"{path}:{line[1]}" if line else str(path)
        raise DataError(f"{where}: not a TOML file: {error}; correct it, or leave --config out") from error


def parse_assignment(text: str) -> tuple[str, Any]:
    """Split "a.b=value"; the value is read as JSON if it is JSON, and is plain text otherwise.

    Raises:
        UsageError: there is no "=".
    """
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise UsageError(f"--set {text}: expected SETTING=VALUE, for example --set student.epochs=2")
    try:
        return name.strip(), json.loads(value)
    except json.JSONDecodeError:
        return name.strip(), value


def build(*layers: Mapping[str, Any]) -> RunConfig:
    """Merge layers of settings, later ones first in rank, and check them.

    Args:
        layers: each from a setting, dotted ("student.epochs") or nested as in a file, to its value.

    Raises:
        UsageError: a setting does not exist or its value does not fit; the message names it.
    """
    merged: dict[str, Any] = {}
    for layer in layers:
        for path, value in _flat(layer):
            _put(merged, path, value)
    return check(RunConfig, merged, "")


def check(model: type[Model], values: Mapping[str, Any], where: str) -> Model:
    """Build settings from values.

    Args:
        model: the class of settings.
        values: by field.
        where: what stands before the field's name in messages, for example "teachers.recognizer.".

    Raises:
        UsageError: a field does not exist or its value does not fit.
    """
    try:
        return model.model_validate(dict(values))
    except ValidationError as error:
        first, place = error.errors()[0], _place(error.errors()[0])
        if first["type"] == "extra_forbidden":
            known = _fields(model, first["loc"][:-1])
            hint = did_you_mean(str(first["loc"][-1]), known)
            raise UsageError(f"there is no setting '{where}{place}'.{hint} There are: {', '.join(known)}") from None
        if first["type"] == "missing":
            raise UsageError(f"{where}{place} has no default: --set {where}{place}=VALUE") from None
        reasons = "; or: ".join(_reason(each) for each in error.errors() if _place(each) == place)
        raise UsageError(f"{where}{place} = {first['input']!r}: {reasons}") from None


def _reason(error: Mapping[str, Any]) -> str:
    """Return what is wrong, as the rest of a sentence."""
    text, own = str(error["msg"]), "Value error, "
    return text.removeprefix(own) if text.startswith(own) else text[:1].lower() + text[1:]


def _place(error: Mapping[str, Any]) -> str:
    """Return the field that an error is about, without what follows it in a union's: the member that was tried."""
    return ".".join(str(part) for part in error["loc"] if part != "int" and not str(part).startswith("literal["))


def _fields(model: type[Settings], path: tuple[str | int, ...]) -> list[str]:
    """Return the fields of the settings at a path."""
    for part in path:
        model = model.model_fields[str(part)].annotation  # type: ignore[assignment]
    return list(model.model_fields)


def _flat(layer: Mapping[str, Any], prefix: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield the path and value of every leaf; the names of components may hold dots, so tables cut differently."""
    for key, value in layer.items():
        path = (*prefix, *(_cut(key) if not prefix else (key,)))
        if isinstance(value, Mapping) and path != ("labels", "map"):
            yield from _flat(value, path)
        else:
            yield path, value


def _cut(key: str) -> tuple[str, ...]:
    """Cut a dotted setting: "teachers.e5.1.epochs" is a kind, a component's name and a field."""
    first, dot, rest = key.partition(".")
    if not dot:
        return (key,)
    if key.startswith("labels.map."):
        return ("labels", "map", rest.removeprefix("map."))
    if first in KINDS:
        name, dot, field = rest.rpartition(".")
        return (first, name, field) if dot else (first, rest)
    return (first, *rest.split("."))


def _put(tree: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    for part in path[:-1]:
        tree = tree.setdefault(part, {})
        if not isinstance(tree, dict):
            raise UsageError(f"'{'.'.join(path)}' is a table in one place and a value in another")
    tree[path[-1]] = dict(value) if isinstance(value, Mapping) else value
