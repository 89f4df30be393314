"""What every component is: a thing that a plugin offers by name, with settings of its own."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from xner.errors import UsageError, did_you_mean, one_line


def _cut(names: object) -> object:
    return names.split(",") if isinstance(names, str) else names


Names = Annotated[tuple[str, ...], BeforeValidator(_cut)]
"""A setting of several names, which may be written as one text with commas."""


class Settings(BaseModel):
    """The settings of one component: frozen, and a field that does not exist is an error."""

    # validated, a default of 3 is the 3.0 that it will be when it is read back, and the stage keeps its key
    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)


Model = TypeVar("Model", bound=Settings)


class Component:
    """Anything a plugin offers by name: it has a `Config` and is built from one."""

    kind: ClassVar[str]
    """One of `xner.hookspecs.KINDS`; the base class of each kind names it."""

    Config: ClassVar[type[Settings]] = Settings

    def __init__(self, config: Settings | None = None) -> None:
        super().__init__()
        self.config = config if config is not None else self.Config()


def place_of(part: Component) -> str:
    """Return where the code of a component is: "module:Class"."""
    return f"{type(part).__module__}:{type(part).__qualname__}"


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
        raise _told(model, error.errors()[0], where) from None


def check_given(model: type[Settings], values: Mapping[str, Any], where: str) -> None:
    """Check settings of which others may be given later.

    Args:
        model: the class of settings.
        values: by field.
        where: as in `check`.

    Raises:
        UsageError: a field does not exist or its value does not fit.
    """
    try:
        model.model_validate(dict(values))
    except ValidationError as error:
        for each in error.errors():
            if each["type"] != "missing":
                raise _told(model, each, where) from None


def _told(model: type[Settings], wrong: Mapping[str, Any], where: str) -> UsageError:
    """Return what pydantic found wrong as an error for people."""
    place = one_line(".".join(map(str, wrong["loc"])))
    if wrong["type"] == "extra_forbidden":
        known = _fields(model, wrong["loc"][:-1])
        hint = did_you_mean(str(wrong["loc"][-1]), known)
        return UsageError(f"there is no setting '{where}{place}'.{hint} There are: {', '.join(known)}")
    if wrong["type"] == "missing":
        return UsageError(f"{where}{place} has no default: --set {where}{place}=VALUE")
    return UsageError(f"{where}{place} = {wrong['input']!r}: {_reason(wrong)}")


def _reason(error: Mapping[str, Any]) -> str:
    """Return what is wrong, as the rest of a sentence."""
    text, own = str(error["msg"]), "Value error, "
    return text.removeprefix(own) if text.startswith(own) else text[:1].lower() + text[1:]


def _fields(model: type[Settings], path: tuple[str | int, ...]) -> list[str]:
    """Return the fields of the settings at a path."""
    for part in path:
        model = model.model_fields[str(part)].annotation  # type: ignore[assignment]
    return list(model.model_fields)
