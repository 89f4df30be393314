"""What every component is: a thing that a plugin offers by name, with settings of its own."""

from typing import Annotated, ClassVar

from pydantic import BaseModel, BeforeValidator, ConfigDict


def _cut(names: object) -> object:
    return names.split(",") if isinstance(names, str) else names


Names = Annotated[tuple[str, ...], BeforeValidator(_cut)]
"""A setting of several names, which may be written as one text with commas."""


class Settings(BaseModel):
    """The settings of one component: frozen, and a field that does not exist is an error."""

    # validated, a default of 3 is the 3.0 that it will be when it is read back, and the stage keeps its key
    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)


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
