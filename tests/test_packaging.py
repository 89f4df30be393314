"""The four distributions: their metadata, what their wheels hold, and whether the wheels alone work."""

import re
import subprocess
import sys
import tomllib
import zipfile
from email.parser import HeaderParser
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import xner
from tools import wheels

ROOT = Path(__file__).parent.parent
PROJECTS = {"xner": ROOT, **{folder.name: folder for folder in sorted(ROOT.glob("plugins/*"))}}
EXAMPLES = {file.parent.name: file.parent for file in sorted(ROOT.glob("examples/*/pyproject.toml"))}
PLUGINS = {"xner-baselines", "xner-demo", "xner-mtmt"}
FEW = (
    "tests/cli/test_startup.py",  # the command, and all plugins
    "tests/runs/test_report.py",  # templates
    "tests/comparing/test_page.py",  # more of them
    "plugins/xner-demo/tests/test_corpus.py",  # word lists
    "plugins/xner-baselines/tests/test_direct.py",  # a training
)


def project(name):
    return tomllib.loads(((PROJECTS | EXAMPLES)[name] / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A folder with the four wheels."""
    folder = tmp_path_factory.mktemp("wheels")
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-index", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "--wheel-dir", folder, *PROJECTS.values()], check=True)
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
        found[metadata["Name"]] = names, metadata
    return found


def required(metadata, extra):
    """The names that an extra adds to what a distribution requires."""
    lines = [Requirement(line) for line in metadata.get_all("Requires-Dist")]
    return {r.name for r in lines if r.marker and r.marker.evaluate({"extra": extra})}


def test_all_installed_distributions_have_the_version_of_the_code():
    assert {version(name) for name in PROJECTS} == {xner.__version__}  # if not: make install


def test_the_citation_has_the_version_of_the_code():
    assert f"\nversion: {xner.__version__}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PROJECTS | EXAMPLES)
def test_what_the_distributions_ask_of_each_other_is_this_minor_version(name):
    metadata = project(name)
    groups = [metadata["dependencies"], *metadata.get("optional-dependencies", {}).values()]
    asked = [Requirement(line) for group in groups for line in group]
    mine = [requirement for requirement in asked if requirement.name in PROJECTS.keys() - {name}]
    major, minor, _ = xner.__version__.split(".")
    assert {r.name for r in mine} == (PLUGINS if name == "xner" else {"xner"})
    assert {str(r.specifier) for r in mine} == {f"<{major}.{int(minor) + 1},>={major}.{minor}"}


@pytest.mark.parametrize("name", sorted(PLUGINS))
def test_every_distribution_brings_the_licence(name):
    assert (PROJECTS[name] / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()


@pytest.mark.sources
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


@pytest.mark.sources
def test_what_pypi_shows_has_no_links_into_the_checkout(contents):
    texts = {name: metadata.get_payload() for name, (_, metadata) in contents.items()}
    for name, text in texts.items():
        assert text.startswith(f"# {name}\n") and contents[name][1]["Description-Content-Type"] == "text/markdown"
        assert not [link for link in re.findall(r"\]\(([^)]*)\)", text) if not link.startswith("https://")], name
    assert "](https://raw.githubusercontent.com/xner/xner/main/docs/images/xner.svg)" in texts["xner"]
    mine = re.findall(r"\]\(https://[^)]*?/xner/xner/(?:blob/)?main/([^)#]+)", texts["xner"])
    assert len(mine) > 20 and all((ROOT / file).exists() for file in mine)


@pytest.mark.sources
def test_the_extras_of_the_wheel(contents):
    metadata = contents["xner"][1]
    assert set(metadata.get_all("Provides-Extra")) >= {"all", "onnx", "ray", "report", "serve", "tracking"}
    assert required(metadata, "all") == PLUGINS
    for plugin in PLUGINS:
        assert required(metadata, plugin.removeprefix("xner-")) == {plugin}
    assert required(metadata, "tracking") == {"tensorboard"}
    for extra in metadata.get_all("Provides-Extra"):
        assert required(metadata, extra), extra


@pytest.mark.sources
def test_the_wheels_alone_work(built, tmp_path):
    python = wheels.install(built, tmp_path / "venv")
    assert wheels.run(python, tmp_path / "checkout", ["-q", "-p", "no:cacheprovider", *FEW]) == 0
    assert not (tmp_path / "checkout" / "xner").exists()
    assert not list((tmp_path / "checkout").glob("plugins/*/src"))
