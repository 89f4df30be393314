"""The base class of resources: what they are asked between, and what is shown of them."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol, TypeVar

from xner.corpora.corpus import Corpus
from xner.plugin.code import described
from xner.plugin.component import Component
from xner.training.workbench import Workbench

Role = TypeVar("Role", bound="Resource")


class Find(Protocol):
    """Makes the run's resource of a role."""

    def __call__(self, role: type[Role]) -> Role:
        """Return it; the role is a class, such as `Dictionary`."""


@dataclass(frozen=True)
class Sides:
    """The two languages that a resource is asked for, and what it may look at.

    Args:
        source: sentences of the language from which; their tags are not for it.
        target: raw text of the language to which.
        workbench: the run's encoder, seed, hardware and progress.
        resource: makes the run's resource of another role, for a resource that is made of one.
    """

    source: Corpus
    target: Corpus
    workbench: Workbench
    resource: Find

    @property
    def languages(self) -> tuple[str, str]:
        """The codes of both languages."""
        return self.source.language, self.target.language


@dataclass(frozen=True)
class Shown:
    """What people are shown of a resource.

    Args:
        facts: from what is told to its value: numbers, or text.
        heads: the columns of the samples.
        samples: a row each.
    """

    facts: Mapping[str, int | float | str]
    heads: Sequence[str] = ()
    samples: Sequence[Sequence[str]] = ()


class Resource(Component, ABC):
    """Knowledge from outside of the run's corpora; subclass the class of its role, such as `Dictionary`."""

    kind: ClassVar[str] = "resources"
    role: ClassVar[str]
    """What it serves as, such as "dictionary"; the class of the role says it."""

    @abstractmethod
    def identity(self, sides: Sides) -> str:
        """Return a text that changes when what it gives for these sides changes; stages are keyed by it.

        It is asked before anything is computed, so what is missing is told at once.

        Raises:
            DataError: it has nothing for these languages; the one line says what to install or to give.
        """

    @abstractmethod
    def shown(self, sides: Sides) -> Shown:
        """Return what people are to see of it before they use it.

        Raises:
            DataError: it has nothing for these languages.
        """


def depends_on(resource: Resource, sides: Sides) -> dict[str, object]:
    """Return what the results of a resource depend on: its class, settings, code and data.

    Raises:
        DataError: it has nothing for these languages.
    """
    return {**described(resource), "data": resource.identity(sides)}
