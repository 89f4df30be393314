"""The base class of sections."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar

from xner.plugin.component import Component
from xner.reporting.parts import Part
from xner.reporting.view import RunView


class Section(Component, ABC):
    """A section of a run's page: looks at the finished run, and returns what is to be seen, as data."""

    kind: ClassVar[str] = "sections"
    title: ClassVar[str]
    """What stands above it."""
    needs: ClassVar[tuple[str, ...]] = ()
    """The signals that it asks the teachers for; it is left out where no teacher of the run gives them."""
    labels: ClassVar[bool] = False
    """Whether it needs labels of the target; it is left out where there are none, and the page says so."""
    costly: ClassVar[bool] = False
    """Whether it takes long; then training leaves it to `xner report`."""

    @abstractmethod
    def look(self, view: RunView) -> Sequence[Part]:
        """Return what is to be seen, from the top; nothing if there is nothing to see, and the section is left out."""


class Unmade(Section):
    """Stands in the place of a section whose plugin is broken, and says so where the page would have it."""

    def __init__(self, name: str, error: Exception) -> None:
        super().__init__()
        self.title, self.error = name, error  # type: ignore[misc]  # of this one alone

    def look(self, view: RunView) -> Sequence[Part]:
        """Raise the error.

        Raises:
            Exception: why there is no such section.
        """
        raise self.error
