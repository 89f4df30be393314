"""What the wheels hold, and that the engine, the plugins and what `xner new-plugin` writes work from wheels alone."""

import json
import re
import subprocess
import sys
import zipfile
from collections import Counter
from email.parser import HeaderParser
from pathlib import Path
from xml.etree import ElementTree

import pytest
from packaging.requirements import Requirement

import xner
from tests.installing import WRITTEN
from tools import wheels
from xner.hookspecs import KINDS
from xner.plugin.new_plugin import NewPlugin, write

ROOT = Path(__file__).parent.parent
PROJECTS = {"xner": ROOT, **{folder.name: folder for folder in sorted(ROOT.glob("plugins/*"))}}
PLUGINS = {
    "xner-adversarial",
    "xner-baselines",
    "xner-consensus",
    "xner-demo",
    "xner-gazetteers",
    "xner-iterative",
    "xner-mtmt",
    "xner-neighbours",
    "xner-projection",
    "xner-resources",
    "xner-tof",
    "xner-translation",
}
NEW = {kind: NewPlugin(name, kind) for kind, name in WRITTEN.items()}
FEW = (
    "tests/runs/test_report.py",  # templates
    "tests/comparing/test_page.py",  # more of them
    "plugins/xner-demo/tests/test_corpus.py",  # word lists
    "plugins/xner-baselines/tests/test_direct.py::test_end_to_end",  # a training
)
"""Tests of the repository that need what a wheel may lack."""
BUILD = """
import os, sys
from hatchling.build import build_wheel
for folder in sys.argv[2:]:
    os.chdir(folder)
    build_wheel(sys.argv[1])
"""

pytestmark = pytest.mark.sources


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A folder with a plugin of each kind."""
    folder = tmp_path_factory.mktemp("written")
    for plugin in NEW.values():
        write(plugin, folder / plugin.distribution)
    return folder


@pytest.fixture(scope="module")
def built(written, tmp_path_factory):
    """A folder with the wheels of the distributions and of the written plugins."""
    folder = tmp_path_factory.mktemp("wheels")
    own = [written / plugin.distribution for plugin in NEW.values()]
    subprocess.run([sys.executable, "-c", BUILD, folder, *PROJECTS.values(), *own], check=True)
    return folder


@pytest.fixture(scope="module")
def contents(built):
    """By distribution, the names in its wheel and the parsed METADATA."""
    found = {}
    for file in built.glob("*.whl"):
        with zipfile.ZipFile(file) as wheel:
            names = wheel.namelist()
            text = wheel.read(next(name for name in names if name.endswith("/METADATA"))).decode()
        metadata = HeaderParser().parsestr(text)
        if metadata["Name"] in PROJECTS:
            found[metadata["Name"]] = names, metadata
    return found


def required(metadata, extra):
    """The names that an extra adds to what a distribution requires."""
    lines = [Requirement(line) for line in metadata.get_all("Requires-Dist")]
    return {r.name for r in lines if r.marker and r.marker.evaluate({"extra": extra})}


def test_the_wheels_hold_types_licence_and_data(contents):
    assert contents.keys() == PROJECTS.keys()
    for name, (names, metadata) in contents.items():
        package = name.replace("-", "_")
        assert f"{package}/py.typed" in names
        assert any(file.endswith(".dist-info/licenses/LICENSE") for file in names)
        assert not [file for file in names if not file.startswith((f"{package}/", f"{package}-"))]
        assert (metadata["Version"], metadata["Requires-Python"]) == (xner.__version__, ">=3.11")
    templates = {file.relative_to(ROOT).as_posix() for file in ROOT.glob("xner/templates/*.*")}
    assert (
        {"xner/templates/run.html", "xner/templates/comparison.html", "xner/templates/service.html"}
        <= templates
        <= set(contents["xner"][0])
    )
    assert "xner_demo/data/de.toml" in contents["xner-demo"][0]


def test_what_pypi_shows_has_no_links_into_the_checkout(contents):
    texts = {name: metadata.get_payload() for name, (_, metadata) in contents.items()}
    for name, text in texts.items():
        assert text.startswith(f"# {name}\n") and contents[name][1]["Description-Content-Type"] == "text/markdown"
        assert not [link for link in re.findall(r"\]\(([^)]*)\)", text) if not link.startswith("https://")], name
    assert "](https://raw.githubusercontent.com/xner/xner/main/docs/images/xner.svg)" in texts["xner"]
    mine = re.findall(r"\]\(https://[^)]*?/xner/xner/(?:blob/)?main/([^)#]+)", texts["xner"])
    assert len(mine) > 20 and all((ROOT / file).exists() for file in mine)


def test_the_extras_of_the_wheel(contents):
    metadata = contents["xner"][1]
    assert set(metadata.get_all("Provides-Extra")) >= {"all", "onnx", "ray", "report", "serve", "tracking"}
    assert required(metadata, "all") == PLUGINS
    for plugin in PLUGINS:
        assert required(metadata, plugin.removeprefix("xner-")) == {plugin}
    assert required(metadata, "tracking") == {"tensorboard"}
    for extra in metadata.get_all("Provides-Extra"):
        assert required(metadata, extra), extra


# installed, without the sources


@pytest.fixture(scope="module")
def fresh(built, tmp_path_factory):
    """The Python of an environment with all these wheels."""
    return wheels.install(built, tmp_path_factory.mktemp("fresh") / "venv")


@pytest.fixture(scope="module")
def ran(fresh, written, tmp_path_factory):
    """How one run of pytest in that environment ended, where the checkout was copied to, and how often each class
    passed, failed or was skipped: a few of the repository's tests and those of the written plugins."""
    root = tmp_path_factory.mktemp("ran")
    tests = [written / plugin.distribution / "tests" for plugin in NEW.values()]
    # two processes learn as one wherever the files came from, and take long
    options = ["-q", "-p", "no:cacheprovider", "-k", "not two_processes", f"--junitxml={root / 'report.xml'}"]
    code = wheels.run(fresh, root / "checkout", [*options, *FEW, *map(str, tests)])
    ends = {}
    for case in ElementTree.parse(root / "report.xml").iter("testcase"):
        kind = ends.setdefault(case.get("classname").rpartition(".")[2], Counter())
        kind[next((child.tag for child in case), "passed")] += 1
    return code, root / "checkout", ends


@pytest.mark.wheels
def test_nothing_comes_from_the_sources(fresh, tmp_path):
    names = ["xner", *(name.replace("-", "_") for name in PLUGINS), *(plugin.package for plugin in NEW.values())]
    script = "import importlib, sys; print(*(importlib.import_module(n).__file__ for n in sys.argv[1:]), sep='\\n')"
    done = subprocess.run([fresh, "-I", "-c", script, *names], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert all(Path(file).is_relative_to(fresh.parents[1]) for file in done.stdout.split())


@pytest.mark.wheels
def test_the_installed_command_lists_all_plugins(fresh, tmp_path):
    command = [fresh.parent / "xner", "plugins", "--json"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert {"adversarial", "baselines", "consensus", "demo", "iterative", "mtmt", "neighbours", *WRITTEN.values()} <= {
        plugin["name"] for plugin in json.loads(done.stdout)
    }


@pytest.mark.wheels
def test_the_wheels_alone_work(ran):
    code, checkout, _ = ran
    assert code == 0
    assert not (checkout / "xner").exists()
    assert not list(checkout.glob("plugins/*/src"))


@pytest.mark.wheels
@pytest.mark.parametrize("kind", KINDS)
def test_a_new_plugin_passes_its_contract_where_it_is_installed_from_a_wheel(ran, kind):
    verdict = ran[2][f"Test{NEW[kind].class_name}"]
    assert verdict["passed"] >= 7 and verdict.keys() == {"passed"}
