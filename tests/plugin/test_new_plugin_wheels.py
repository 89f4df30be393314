"""What `xner new-plugin` writes passes its contract from wheels, in an environment that has nothing of the sources."""

import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.installing import WRITTEN
from tools import wheels
from xner.hookspecs import KINDS
from xner.plugin.new_plugin import NewPlugin, write

ROOT = Path(__file__).parents[2]
BUILD = """
import os, sys
from hatchling.build import build_wheel
for folder in sys.argv[2:]:
    os.chdir(folder)
    build_wheel(sys.argv[1])
"""

needs_sources = pytest.mark.skipif(not (ROOT / "xner").is_dir(), reason="these tests run on wheels already")


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    """An environment with xner, its plugins and one written plugin of each kind from wheels; and their folders."""
    root = tmp_path_factory.mktemp("fresh")
    folders = [root / NewPlugin(name, kind).distribution for kind, name in WRITTEN.items()]
    for (kind, name), folder in zip(WRITTEN.items(), folders, strict=True):
        write(NewPlugin(name, kind), folder)
    own = [ROOT, *sorted(ROOT.glob("plugins/*/"))]
    _run(sys.executable, "-c", BUILD, root / "wheels", *own, *folders, cwd=root)
    for folder in folders:
        shutil.rmtree(folder / "src")
    return wheels.install(root / "wheels", root / "venv"), folders


@pytest.fixture(scope="module")
def verdicts(fresh):
    """How many tests of each plugin's contract passed, failed or were skipped, in one run of pytest."""
    python, folders = fresh
    root = folders[0].parent
    tests = [folder / "tests" for folder in folders]
    _run(python, "-m", "pytest", *tests, f"--junitxml={root / 'report.xml'}", "-p", "no:cacheprovider", cwd=root)
    kinds = {f"Test{NewPlugin(name, kind).class_name}": kind for kind, name in WRITTEN.items()}
    found = {kind: Counter() for kind in KINDS}
    for case in ElementTree.parse(root / "report.xml").iter("testcase"):
        kind = kinds[case.get("classname").rpartition(".")[2]]
        found[kind][next((child.tag for child in case), "passed")] += 1
    return found


@needs_sources
@pytest.mark.wheels
def test_nothing_comes_from_the_sources(fresh):
    python, folders = fresh
    script = (
        "import importlib, sys; print(*(importlib.import_module(name).__file__ for name in sys.argv[1:]), sep='\\n')"
    )
    packages = [NewPlugin(name, kind).package for kind, name in WRITTEN.items()]
    files = _run(
        python, "-c", script, "xner", "xner_mtmt", "xner_baselines", "xner_demo", *packages, cwd=folders[0].parent
    )
    assert all(Path(file).is_relative_to(python.parents[1]) for file in files.split())


@needs_sources
@pytest.mark.wheels
@pytest.mark.parametrize("kind", KINDS)
def test_it_passes_its_contract_where_it_is_installed_from_a_wheel(verdicts, kind):
    assert verdicts[kind]["passed"] >= 8 and verdicts[kind].keys() == {"passed"}


def _run(*command, cwd):
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("XNER_", "PYTEST_"))}
    if command[0] != sys.executable:
        environment.pop("PYTHONPATH", None)
    done = subprocess.run([*map(str, command)], cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{done.stdout[-6000:]}\n{done.stderr[-3000:]}"
    return done.stdout
