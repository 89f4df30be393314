import sys
from textwrap import dedent

import pytest

from xner.errors import UsageError, XnerError
from xner.plugin.manager import Plugins, speak

METHOD = """
    from xner.base import Method
    from xner.hookspecs import Offer, hookimpl

    class Own(Method):
        def run(self, task, context):
            raise NotImplementedError

    class Abstract:
        pass

    class Unfinished(Method):
        pass

    @hookimpl
    def xner_methods():
        yield Offer({name!r}, {target!r}, "A method")
"""


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Installs a plugin as pip would: a module and a dist-info folder with an entry point on sys.path."""

    def install(plugin, source, version="1.0", module=None):
        module = module or f"fake_{plugin}"
        sys.modules.pop(module, None)
        folder = tmp_path / "site" / f"{module}-{version}.dist-info"
        folder.mkdir(parents=True)
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: {version}\n")
        (folder / "entry_points.txt").write_text(f"[xner]\n{plugin} = {module}\n")
        (tmp_path / "site" / f"{module}.py").write_text(dedent(source))
        monkeypatch.syspath_prepend(tmp_path / "site")

    return install


def method(name, plugin, attribute="Own"):
    return METHOD.format(name=name, target=f"fake_{plugin}:{attribute}")


def info(plugins, name):
    (found,) = [info for info in plugins.infos if info.name == name]
    return found


def test_an_installed_plugin_is_loaded_with_its_version_and_offers(install):
    install("good", method("own", "good"), version="2.5")
    plugins = Plugins.load()
    assert (info(plugins, "good").version, info(plugins, "good").problem) == ("2.5", "")
    assert info(plugins, "good").offers == ("methods: own",)
    assert plugins.find("methods", "own").plugin == "good"
    assert plugins.get("methods", "own").__name__ == "Own"


@pytest.mark.usefixtures("ours")
def test_xners_own_plugin_comes_first_and_the_packages_here_are_found():
    plugins = Plugins.load()
    assert [info.name for info in plugins.infos] == [
        "xner",
        "adversarial",
        "baselines",
        "consensus",
        "demo",
        "gazetteers",
        "iterative",
        "mtmt",
        "neighbours",
        "projection",
        "resources",
        "tof",
        "translation",
    ]
    assert not plugins.broken
    assert "encoders: hub" in plugins.infos[0].offers


def test_every_offer_of_the_installed_plugins_can_be_imported():
    plugins = Plugins.load()
    offers = [(kind, offer.component.name) for kind in plugins.offers for offer in plugins.offers[kind]]
    assert len(offers) >= 20
    for kind, name in offers:
        assert isinstance(plugins.get(kind, name), type)


def test_listing_imports_no_component(install):
    install("lazy", method("own", "lazy").replace("fake_lazy:Own", "fake_lazy_heavy:Own"))
    plugins = Plugins.load()
    assert plugins.names("methods").count("own") == 1
    with pytest.raises(XnerError, match=r"'lazy' offers 'own' as fake_lazy_heavy:Own, which cannot be imported"):
        plugins.get("methods", "own")


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("raise RuntimeError('no GPU\\nand more')", "RuntimeError: no GPU"),
        ("import a_package_that_is_not_there", "ModuleNotFoundError: No module named 'a_package_that_is_not_there'"),
        ("x = (", "SyntaxError: '(' was never closed (fake_broken.py, line 1)"),
        (method("own", "broken") + "\n    raise OSError('late')\n", "OSError: late"),
        (method("own", "broken").replace("Offer(", "("), "xner_methods must yield Offer records"),
        (method("two words", "broken"), "xner_methods must yield Offer records with plain names"),
        (method("a/b", "broken"), "xner_methods must yield Offer records with plain names"),
        (method("own", "broken", "a b"), "the target of 'own' is 'fake_broken:a b', not \"module:Class\""),
        (
            method("own", "broken").replace("fake_broken:Own", "fake_broken.Own"),
            "'fake_broken.Own', not \"module:Class",
        ),
        (method("own", "broken").replace("xner_methods", "xner_methdos"), "unknown hook 'xner_methdos'"),
        (method("own", "broken").replace("xner_methods()", "xner_methods(extra)"), "PluginValidationError"),
    ],
)
def test_a_broken_plugin_is_a_row_and_costs_the_others_nothing(install, source, problem):
    install("broken", source)
    install("good", method("fine", "good"))
    plugins = Plugins.load()
    assert problem in info(plugins, "broken").problem
    assert "\n" not in info(plugins, "broken").problem
    assert info(plugins, "broken").offers == ()
    assert [broken.name for broken in plugins.broken] == ["broken"]
    assert "own" not in plugins.names("methods")  # nothing of a half-read plugin stays
    assert {"fine", "mtmt"} <= set(plugins.names("methods"))


def test_debug_raises_the_plugins_own_error(install, monkeypatch):
    install("broken", "raise RuntimeError('no GPU')")
    monkeypatch.setenv("XNER_DEBUG", "1")
    with pytest.raises(RuntimeError, match="no GPU"):
        Plugins.load()


def test_a_clash_is_an_error_only_when_that_name_is_asked_for(install):
    install("one", method("toy", "one"))
    install("two", method("toy", "two"))
    plugins = Plugins.load()
    assert not plugins.broken
    assert plugins.names("methods").count("toy") == 1
    assert plugins.find("methods", "mtmt").plugin == "mtmt"
    with pytest.raises(UsageError, match=r"^'toy' is ambiguous among the methods: say one/toy or two/toy$"):
        plugins.find("methods", "toy")
    assert plugins.find("methods", "two/toy").plugin == "two"
    assert plugins.get("methods", "one/toy").__module__ == "fake_one"
    assert plugins.has("methods", "two/toy")
    assert not plugins.has("methods", "three/toy")


def test_plugin_and_name_works_without_a_clash():
    plugins = Plugins.load()
    assert plugins.get("methods", "mtmt/mtmt") is plugins.get("methods", "mtmt")


@pytest.mark.parametrize("allowed", ["demo,good", " good , demo ", "demo,good,not-installed"])
def test_the_allow_list_switches_off_before_import(install, monkeypatch, allowed):
    install("good", method("own", "good"))
    install("costly", "import sys; sys.modules['costly_was_imported'] = sys")
    monkeypatch.setenv("XNER_PLUGINS", allowed)
    assert [info.name for info in Plugins.load().infos] == ["xner", "demo", "good"]
    assert "costly_was_imported" not in sys.modules


def test_an_empty_allow_list_leaves_only_xners_own(monkeypatch):
    monkeypatch.setenv("XNER_PLUGINS", "")
    plugins = Plugins.load()
    assert [info.name for info in plugins.infos] == ["xner"]
    assert plugins.names("methods") == []
    assert plugins.names("encoders") == ["hub"]


@pytest.mark.usefixtures("ours")
def test_an_unknown_name_lists_the_known_and_the_closest():
    with pytest.raises(UsageError) as error:
        Plugins.load().find("methods", "mtm")
    known = ", ".join(Plugins.load().names("methods"))
    assert "advce, advpicker, colada, consensus, direct, mtmt, mtmt-joint, mtmt-no-similarity" in known
    assert str(error.value) == f"there is no 'mtm' among the methods: {known}. Did you mean 'mtmt'?"


def test_an_unknown_name_tells_of_plugins_that_did_not_load(install):
    install("broken", "raise RuntimeError('no GPU')")
    with pytest.raises(UsageError, match=r"Not loaded: broken \(see `xner plugins`\)\.$"):
        Plugins.load().find("methods", "zzz")


def test_without_any_plugin_the_error_says_how_to_install_them(monkeypatch):
    monkeypatch.setenv("XNER_PLUGINS", "")
    with pytest.raises(UsageError) as error:
        Plugins.load().find("methods", "mtmt")
    assert "there is no 'mtmt' among the methods: none is installed." in str(error.value)
    assert "pip install 'xner[all]'" in str(error.value)


def test_with_plugins_the_error_does_not_speak_of_installing():
    with pytest.raises(UsageError) as error:
        Plugins.load().find("methods", "zzz")
    assert "pip install" not in str(error.value)


@pytest.mark.parametrize(
    ("attribute", "problem"),
    [
        ("Abstract", "which is not a subclass of xner.base.Method"),
        ("hookimpl", "which is not a subclass of xner.base.Method"),
        ("Missing", "which cannot be imported: AttributeError: module 'fake_odd' has no attribute 'Missing'"),
        ("Unfinished", "which lacks what every xner.base.Method must have: run"),
    ],
)
def test_a_target_that_is_no_method_is_named_with_its_plugin(install, attribute, problem):
    install("odd", method("own", "odd", attribute))
    with pytest.raises(XnerError) as error:
        Plugins.load().get("methods", "own")
    assert str(error.value) == f"the plugin 'odd' offers 'own' as fake_odd:{attribute}, {problem}"
    assert error.value.exit_code == 1


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("def x(", r"SyntaxError: '\(' was never closed \(fake_heavy.py, line 1\)"),
        ("raise RuntimeError('no GPU\\nat all')", "RuntimeError: no GPU at all"),
        ("import nowhere_at_all", "ModuleNotFoundError: No module named 'nowhere_at_all'"),
    ],
)
def test_a_component_whose_module_is_broken_is_one_line(install, source, problem):
    install("heavy", source)  # only its module counts; nothing is offered by it
    install("odd", method("own", "odd").replace("fake_odd:Own", "fake_heavy:Own"))
    with pytest.raises(XnerError, match=rf"as fake_heavy:Own, which cannot be imported: {problem}$"):
        Plugins.load().get("methods", "own")


def test_kinds_are_spoken_without_underscores():
    assert speak("auxiliary_tasks") == "auxiliary tasks"
    with pytest.raises(UsageError, match="among the auxiliary tasks"):
        Plugins.load().find("auxiliary_tasks", "zzz")
