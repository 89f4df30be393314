import sys
from collections import defaultdict
from textwrap import dedent

import pytest

HOOK = """
from xner.hookspecs import Offer, hookimpl

@hookimpl
def xner_{kind}():
    for name in {names}:
        yield Offer(name, "{module}:" + name, "Broken")
"""
TESTS = """
import pytest
from xner.testing import {contract}

class Base({contract}):
    {extra}
"""
TEST = """
class Test{name}(Base):
    component = "{name}"
    skip = {skip}
"""
TWO_PROCESSES = {
    "AuxiliaryTaskContract": "test_two_processes_learn_what_one_learns",
    "MethodContract": "test_it_runs_on_two_processes",
    "TeacherContract": "test_two_processes_teach_the_same",
    "WeightingContract": "test_two_processes_learn_what_one_learns",
}


class Verdicts:
    """What failed: from the name of a component to the tests that failed and why."""

    def __init__(self):
        self.failed = defaultdict(dict)

    def pytest_runtest_logreport(self, report):
        if report.failed:
            _, kind, test = report.nodeid.split("::")
            self.failed[kind.removeprefix("Test")][test.partition("[")[0]] = report.longreprtext


@pytest.fixture(scope="module")
def install(tmp_path_factory):
    """Installs a plugin as pip would: a module and a dist-info folder with an entry point on sys.path."""
    site, installed = tmp_path_factory.mktemp("site"), []

    def install(module, source):
        folder = site / f"{module}-1.0.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
        (folder / "entry_points.txt").write_text(f"[xner]\n{module} = {module}\n")
        (site / f"{module}.py").write_text(dedent(source))
        installed.append(module)

    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(site)
        yield install
    for module in installed:
        sys.modules.pop(module, None)


@pytest.fixture(scope="module")
def failures(request, install, tmp_path_factory):
    """Holds components to a contract, in a run of pytest of their own, and returns the failures of each by test.

    The source has a class for each of the names; to run on two processes takes seconds, so only `slow` ones do.
    """

    def run(kind, contract, source, names, slow=(), extra="pass"):
        module = "broken_" + request.module.__name__.rpartition("_")[2]
        folder = tmp_path_factory.mktemp("contract")
        install(module, source + HOOK.format(kind=kind, names=[*names], module=module))
        two = TWO_PROCESSES.get(contract)
        skips = {name: {} if name in slow or not two else {two: "takes seconds"} for name in names}
        tests = [TEST.format(name=name, skip=skip) for name, skip in skips.items()]
        (folder / f"test_{module}.py").write_text(TESTS.format(contract=contract, extra=extra) + "".join(tests))
        (folder / "pytest.ini").write_text("[pytest]\naddopts = --import-mode=importlib -p no:cacheprovider -q\n")
        pytest.main([str(folder), "-c", str(folder / "pytest.ini")], plugins=[verdicts := Verdicts()])
        return verdicts.failed

    return run
