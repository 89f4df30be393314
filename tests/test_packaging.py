"""The metadata of the distributions."""

import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import xner

ROOT = Path(__file__).parent.parent
PROJECTS = {"xner": ROOT, **{folder.name: folder for folder in sorted(ROOT.glob("plugins/*"))}}
EXAMPLES = {file.parent.name: file.parent for file in sorted(ROOT.glob("examples/*/pyproject.toml"))}
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
BESIDE = {
    "xner": PLUGINS,
    "xner-consensus": {"xner", "xner-mtmt"},  # its method asks for a teacher of xner-mtmt
    "xner-projection": {"xner", "xner-resources"},  # for a translator
    "xner-tof": {"xner", "xner-resources"},  # for a dictionary
    "xner-translation": {"xner", "xner-neighbours", "xner-resources"},  # and for a refiner
}


def project(name):
    return tomllib.loads(((PROJECTS | EXAMPLES)[name] / "pyproject.toml").read_text(encoding="utf-8"))["project"]


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
    assert {r.name for r in mine} == BESIDE.get(name, {"xner"})
    assert {str(r.specifier) for r in mine} == {f"<{major}.{int(minor) + 1},>={major}.{minor}"}


@pytest.mark.parametrize("name", sorted(PLUGINS))
def test_every_distribution_brings_the_licence(name):
    assert (PROJECTS[name] / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()
