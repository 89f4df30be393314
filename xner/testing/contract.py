"""What all contracts have in common: how a component is found and made, and how a test is left out."""

import tomllib
from collections.abc import Mapping
from typing import Any, ClassVar

import pytest
import tomli_w

from xner.errors import UsageError, XnerError
from xner.plugin.component import Component, Settings
from xner.plugin.manager import Plugins, speak
from xner.runs.components import Components
from xner.runs.config import build


def create(kind: str, name: str, settings: Mapping[str, object]) -> Any:
    """Make a component as a run does, by its name.

    Args:
        kind: one of `xner.hookspecs.KINDS`.
        name: the component's name.
        settings: its settings, by field.
    """
    return Components(Plugins.load(), build({kind: {name: dict(settings)}})).create(kind, name)


def quick(teacher: str) -> Mapping[str, object]:
    """Return settings of a teacher by which it learns for one epoch; none if it has no epochs, or is not offered.

    Args:
        teacher: its name.
    """
    try:
        kind = Plugins.load().get("teachers", teacher)
    except XnerError:  # a test of the contract tells of it
        return {}
    return {"epochs": 1} if issubclass(kind, Component) and "epochs" in kind.Config.model_fields else {}


@pytest.mark.usefixtures("xner_isolation")
class Contract:
    """What every component must do. Subclass the contract of its kind, as `class TestMine(...)`, and name it.

    A test that cannot hold is named in `skip` with the reason, which is printed at the end of every run of pytest.
    To override a test is an error.
    """

    kind: ClassVar[str]
    component: ClassVar[str] = ""
    """The component's name, as users ask for it."""
    skip: ClassVar[Mapping[str, str]] = {}
    """From tests that are left out to the reason."""

    def __init_subclass__(cls) -> None:
        """Refuse a class that leaves out a test of the contract in silence.

        Raises:
            TypeError: a test is overridden, or left out without a reason, or there is none of the name.
        """
        super().__init_subclass__()
        inherited = {name for base in cls.__mro__[1:] for name in vars(base) if name.startswith("test_")}
        for name in sorted(inherited & vars(cls).keys()):
            raise TypeError(f"{cls.__name__} overrides {name} of its contract; to leave it out, say why in `skip`")
        for name, reason in cls.skip.items():
            if name not in inherited:
                known = ", ".join(sorted(inherited))
                raise TypeError(f"{cls.__name__} skips {name}, which is not in its contract; there are: {known}")
            if not (isinstance(reason, str) and reason.strip()):
                raise TypeError(f"{cls.__name__} skips {name} without a reason")

    @pytest.fixture
    def settings(self) -> Mapping[str, object]:
        """The component's settings for these tests; override it where there are some to give."""
        return {}

    def make(self, settings: Mapping[str, object]) -> Any:
        """Make the component, as a run does."""
        if not self.component:
            pytest.fail(
                f'{type(self).__name__}: component = "..." must say which of the {speak(self.kind)} it is about'
            )
        return create(self.kind, self.component, settings)

    def test_is_found_through_its_entry_point(self) -> None:
        plugins = Plugins.load()
        if not plugins.has(self.kind, self.component):
            problems = ", ".join(f"{info.name}: {info.problem}" for info in plugins.broken)
            pytest.fail(
                f"no installed plugin offers '{self.component}' among the {speak(self.kind)}; is it installed, with an "
                f"entry point in the group xner? Plugins that are not loaded: {problems or 'none'}"
            )
        offer = plugins.find(self.kind, self.component)
        assert offer.component.summary.strip(), "its record has no summary, so `xner list` says nothing of it"
        assert "\n" not in offer.component.summary, "its summary is more than one line"
        plugins.get(self.kind, self.component)

    def test_settings_go_there_and_back(self, settings: Mapping[str, object]) -> None:
        part = self.make(settings)
        assert isinstance(part, Component) and issubclass(part.Config, Settings), "its Config is no xner.base.Settings"
        assert isinstance(part.config, part.Config), "it does not keep the settings that it is given as `config`"
        assert part.config == part.Config.model_validate(dict(settings)), "it was made with other settings than given"
        values = part.config.model_dump(mode="json", exclude_none=True)
        again = tomllib.loads(tomli_w.dumps(values))
        assert self.make(again).config == part.config, "settings written to config.toml and read again are other ones"

    def test_unknown_settings_are_refused(self, settings: Mapping[str, object]) -> None:
        with pytest.raises(UsageError, match="there is no setting"):
            self.make({**settings, "a_setting_that_does_not_exist": 1})
