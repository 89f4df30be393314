"""What a row found: lines of the table, and what stands below it on the page."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Aim(_Record):
    """What a ratio should be, and by how much F1 may be lower than the other side's."""

    ratio: float
    at_most: bool = False
    f1_slack: float | None = None


class Line(_Record):
    """One line of the table at the top.

    Args:
        measured: what is measured, with its unit.
        xner: xner's value.
        against: what the other side is.
        other: the other side's value.
        aim: of xner / other; None: the line only informs.
        f1: of xner and of the other side, where it matters.
    """

    measured: str
    xner: float
    against: str
    other: float
    aim: Aim | None = None
    f1: tuple[float, float] | None = None

    @property
    def ratio(self) -> float:
        """The first value over the second."""
        return self.xner / self.other if self.other else float("nan")

    @property
    def reached(self) -> bool | None:
        """Whether the aim is reached; None where there is none."""
        if self.aim is None:
            return None
        fast = self.ratio <= self.aim.ratio if self.aim.at_most else self.ratio >= self.aim.ratio
        if self.aim.f1_slack is None or self.f1 is None:
            return fast
        return fast and self.f1[0] >= self.f1[1] - self.aim.f1_slack


class Table(_Record):
    """A table of a row's section."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str | float | None, ...], ...]


class Result(_Record):
    """All that a row found.

    Args:
        title: of its section.
        about: what both sides do, in a few sentences.
        passport: what the numbers hang on, by name: command, data, seed, repeats.
        lines: for the table at the top.
        tables: for the section.
        notes: for the section, one sentence each or so.
    """

    title: str
    about: str
    passport: dict[str, str]
    lines: tuple[Line, ...] = ()
    tables: tuple[Table, ...] = ()
    notes: tuple[str, ...] = ()


class Stored(_Record):
    """A row's file.

    Args:
        row: its name.
        machine: what it ran on.
        seconds: how long the row took.
        result: what it found.
    """

    row: str
    machine: dict[str, str]
    seconds: float
    result: Result

    def write(self, folder: Path) -> None:
        """Write the file, in one move."""
        partial = folder / f"{self.row}.part"
        partial.write_text(self.model_dump_json(indent=1), encoding="utf-8")
        partial.replace(folder / f"{self.row}.json")

    @classmethod
    def read(cls, path: Path) -> "Stored":
        """Read the file of a row."""
        return cls.model_validate_json(path.read_text(encoding="utf-8"))
