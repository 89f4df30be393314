"""What `xner new-plugin` writes works: it is listed, does as docs/plugins.md says, and is seen in a comparison."""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests import installing
from tests.installing import WRITTEN
from xner import testing
from xner.errors import DataError, UsageError
from xner.hookspecs import KINDS
from xner.plugin.manager import Plugins
from xner.plugin.new_plugin import EXAMPLES, NewPlugin, plan, write
from xner.runs.config import read_file
from xner.runs.resource import ROLES

ROOT = Path(__file__).parents[2]


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Writes a plugin and installs it as pip would, with its sources on sys.path."""

    def install(kind):
        plugin = NewPlugin(WRITTEN[kind], kind)
        write(plugin, folder := tmp_path / plugin.distribution)
        (site := tmp_path / f"site-{kind}").mkdir()
        for path in (site, installing.install(folder, site)):
            monkeypatch.syspath_prepend(path)
        for name in [name for name in sys.modules if name.partition(".")[0] == plugin.package]:
            monkeypatch.delitem(sys.modules, name)
        return plugin

    return install


# the command


def test_the_command_writes_a_plugin_and_says_what_comes_next(xner, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, out, err = xner("new-plugin", "word-shape", "--kind", "auxiliary-task")
    assert (code, err) == (0, "")
    assert out.startswith("xner-word-shape is a working plugin. Next: pip install -e ")
    files = {str(path.relative_to(tmp_path / "xner-word-shape")) for path in tmp_path.rglob("*") if path.is_file()}
    package = {f"src/xner_word_shape/{name}" for name in ("__init__.py", "plugin.py", "py.typed", "word_shape.py")}
    others = {"pyproject.toml", "README.md", ".gitignore", ".github/workflows/test.yml", "tests/test_word_shape.py"}
    assert files == package | others


def test_another_folder(xner, tmp_path):
    assert xner("new-plugin", "xner-mine", "--kind", "weighting", "--out", tmp_path / "here")[0] == 0
    project = tomllib.loads((tmp_path / "here" / "pyproject.toml").read_text())["project"]
    assert project["name"] == "xner-mine" and project["entry-points"]["xner"] == {"mine": "xner_mine.plugin"}


@pytest.mark.parametrize(
    "name",
    ["Mine", "my_own", "2nd", "-x", "x-", "a--b", "a b", "é", "", "xner-", "class", "plugin", "../x", "con", "com1"],
)
def test_names_that_no_package_can_have(name):
    with pytest.raises(
        UsageError, match=rf"^'{re.escape(name)}' cannot be the name of a package: expected small letters"
    ):
        plan(name, "weighting", Plugins())


@pytest.mark.parametrize(
    ("name", "kind", "where"), [("uniform", "weighting", "weightings"), ("mtmt", "weighting", "plugins")]
)
def test_names_that_are_taken(name, kind, where):
    with pytest.raises(
        UsageError, match=f"^the name '{name}' is taken among the {where} installed here; choose another$"
    ):
        plan(name, kind, Plugins.load())


def test_the_same_name_for_another_kind_is_free():
    assert plan("uniform", "method", Plugins.load()) == NewPlugin("uniform", "methods")


def test_an_unknown_kind(xner, tmp_path):
    code, out, err = xner("new-plugin", "mine", "--kind", "wheighting", "--out", tmp_path / "x")
    assert (code, out) == (2, "") and "there is no kind 'wheighting'" in err and "Did you mean 'weightings'" in err
    assert not (tmp_path / "x").exists()


def test_a_folder_that_is_there_is_left_as_it_is(tmp_path):
    (tmp_path / "x").mkdir()
    with pytest.raises(DataError, match=r"x: is there already, and nothing in it was changed; name another place with"):
        write(NewPlugin("mine", "weightings"), tmp_path / "x")
    assert not list((tmp_path / "x").iterdir())


def test_a_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match=r"file/x: cannot write here: Not a directory; name another place with --out"):
        write(NewPlugin("mine", "weightings"), tmp_path / "file" / "x")


@pytest.mark.parametrize("kind", KINDS)
def test_all_names_agree_and_no_template_shows_through(kind):
    plugin = NewPlugin("word-shape", kind)
    files = plugin.files()
    assert plugin.class_name == f"WordShape{KINDS[kind]}"
    assert (
        f"class {plugin.class_name}({EXAMPLES[kind].role or KINDS[kind]}):"
        in files["src/xner_word_shape/word_shape.py"]
    )
    for place, text in files.items():
        assert "{%" not in text and ("{{" not in text or place.endswith("test.yml")), place
        assert text.endswith("\n") or place.endswith("py.typed"), place
        assert not place.endswith(".py") or compile(text, place, "exec"), place
        assert max(map(len, text.splitlines()), default=0) <= 120, place


def test_there_is_an_example_of_each_kind():
    assert EXAMPLES.keys() == WRITTEN.keys() == KINDS.keys()


# what it writes


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_listed_and_described(install, xner, kind):
    plugin = install(kind)
    assert EXAMPLES[kind].summary in xner("list", kind)[1]
    code, out, err = xner("describe", kind, plugin.name)
    assert (code, err) == (0, "") and "--set" in out and f"{kind}.{plugin.name}." in out


def test_listing_them_imports_nothing_heavy(install):
    for kind in KINDS:
        install(kind)
    script = (
        "import sys; from xner.plugin.manager import Plugins; offers = Plugins.load().offers;"
        "print(sorted({'torch', 'transformers', 'pydantic'} & set(sys.modules)));"
        "print(*(offer.component.name for kind in offers for offer in offers[kind]))"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    heavy, listed = done.stdout.splitlines()
    assert heavy == "[]" and set(WRITTEN.values()) <= set(listed.split())


def test_its_weighting_is_seen_in_a_comparison(install, xner, data_folder, encoder_folder, tmp_path):
    plugin = install("weightings")
    options = EXAMPLES["weightings"].use.format(name=plugin.name).split()[2:]
    quick = {"student.epochs": 1, "teachers.recognizer.epochs": 1, "precision": "fp32"}
    options += [part for name, value in quick.items() for part in ("--set", f"{name}={value}")]
    options += ["--tgt", "xx", "--dataset", data_folder, "--encoder", encoder_folder, "--out", tmp_path / "out"]
    code, out, _ = xner("compare", *options)
    assert code == 0 and re.search(r"^tsl\+sureness\b", out, re.MULTILINE)
    settings = read_file(tmp_path / "out" / "tsl+sureness-en-xx-s0" / "config.toml")
    assert settings["student"]["weighting"] == "sureness"
    assert settings["weightings"]["sureness"] == {"floor": 0.1}


# docs/plugins.md, whose plugins are these


BLOCKS = re.findall(r"```(\w*)\n(.*?)```", (ROOT / "docs" / "plugins.md").read_text(encoding="utf-8"), re.DOTALL)
PYTHON = [code for language, code in BLOCKS if language == "python"]


@pytest.mark.parametrize("kind", KINDS)
def test_the_page_shows_what_is_written(kind):
    plugin = NewPlugin(WRITTEN[kind], kind)
    files = plugin.files()
    assert files[f"src/{plugin.package}/{plugin.module}.py"].partition("\n\n")[2] in PYTHON
    assert EXAMPLES[kind].use.format(name=plugin.name) in "".join(code for language, code in BLOCKS if not language)
    if kind == "weightings":
        assert files[f"src/{plugin.package}/plugin.py"] in PYTHON
        assert files[f"tests/test_{plugin.module}.py"] in PYTHON
        (entry,) = [code for language, code in BLOCKS if language == "toml"]
        assert entry in files["pyproject.toml"]


def test_the_commands_of_the_page_run(install, xner, data_folder, encoder_folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    lines = [line for language, code in BLOCKS if not language for line in code.splitlines()]
    commands = [shlex.split(line)[1:] for line in lines if line.startswith("xner ")]
    for words in [words for words in commands if words[0] == "new-plugin"]:
        assert xner(*words)[0] == 0 and (tmp_path / f"xner-{words[1]}").is_dir()
    assert {path.name for path in tmp_path.glob("xner-*")} == {f"xner-{name}" for name in WRITTEN.values()}
    for kind, name in WRITTEN.items():
        shutil.rmtree(tmp_path / f"xner-{name}")
        install(kind)
    tiny = {"--dataset": data_folder, "--encoder": encoder_folder, "--tgt": "xx"}
    for words in [words for words in commands if words[0] != "new-plugin"]:
        runs = [words]
        if words[0] == "compare":
            runs = [["train", "--method", method, *words[3:]] for method in words[2].split(",")]
        for run in runs:
            more = [part for option, value in tiny.items() if option not in run for part in (option, value)]
            code, _, err = xner(*run, *((*more, "--dry-run") if run[0] == "train" else ()))
            assert code == 0, f"{shlex.join(map(str, run))}: {err}"


def test_the_other_tests_of_the_page_pass(install, tmp_path, capsys):
    install("corpora")
    install("teachers")
    (tmp_path / "page").mkdir()
    (tmp_path / "page" / "pytest.ini").write_text("[pytest]\naddopts = --import-mode=importlib -p no:cacheprovider\n")
    others = [code for code in PYTHON if "class Test" in code and "Sureness" not in code]
    assert len(others) == 2
    for number, code in enumerate(others):
        (tmp_path / "page" / f"test_page{number}.py").write_text(code)
    assert pytest.main([str(tmp_path / "page"), "-c", str(tmp_path / "page" / "pytest.ini")]) == pytest.ExitCode.OK
    assert "1 skipped" in capsys.readouterr().out


def test_the_page_names_every_test_of_every_contract():
    page = (ROOT / "docs" / "plugins.md").read_text(encoding="utf-8")
    for name in (*KINDS.values(), *(role.__name__ for role in ROLES.values()), ""):
        contract = getattr(testing, f"{name}Contract")
        assert f"`{contract.__name__}`" in page
        for test in (name for name in vars(contract) if name.startswith("test_")):
            assert test.removeprefix("test_").replace("_", " ") in page, test


# from wheels, in an environment that has nothing of the sources
