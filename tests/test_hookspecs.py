import dataclasses
import inspect
from types import ModuleType

import pluggy
import pytest

from xner import base, hookspecs
from xner.hookspecs import KINDS, Offer, hookimpl
from xner.plugin.manager import Plugins


def hooks():
    manager = pluggy.PluginManager("xner")
    manager.add_hookspecs(hookspecs)
    return [name for name in vars(manager.hook) if not name.startswith("_")]


def test_there_is_one_hook_for_each_kind():
    assert sorted(hooks()) == sorted(f"xner_{kind}" for kind in KINDS)
    assert len(KINDS) == 10


@pytest.mark.parametrize("kind", KINDS)
def test_the_hook_of_each_kind_is_asked(kind):
    module = ModuleType("fake")
    record = Offer("own", "fake:Own", "Something")
    setattr(module, f"xner_{kind}", hookimpl(lambda: [record]))
    plugins = Plugins()
    plugins.register("fake", lambda: module, "1.0")
    assert plugins.infos[0].problem == ""
    assert {known: plugins.names(known) for known in KINDS} == {known: ["own"] * (known == kind) for known in KINDS}
    assert plugins.find(kind, "own").component is record


@pytest.mark.parametrize(("kind", "name"), KINDS.items())
def test_each_kind_has_an_abstract_class_to_subclass(kind, name):
    cls = getattr(base, name)
    assert issubclass(cls, base.Component)
    assert inspect.isabstract(cls)
    assert f"`xner.base.{name}`" in getattr(hookspecs, f"xner_{kind}").__doc__


@pytest.mark.parametrize("kind", KINDS)
def test_hooks_take_no_arguments_and_the_engine_or_a_plugin_here_uses_them(kind):
    assert not inspect.signature(getattr(hookspecs, f"xner_{kind}")).parameters
    assert Plugins.load().names(kind)


def test_a_component_is_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Offer("a", "b:C", "d").name = "e"
