"""What all contracts share: the component is found and made by name, and nothing is left out in silence."""

import ast
from collections import defaultdict
from pathlib import Path

import pytest

from xner.hookspecs import KINDS
from xner.plugin.manager import Plugins
from xner.runs.resource import ROLES
from xner.testing import Contract, WeightingContract
from xner.testing.contract import quick

ROOT = Path(__file__).parents[2]
SOURCE = """
import torch
from pydantic import ConfigDict, Field

from xner.base import Settings, Weighting, Weights


class Sound(Weighting):
    class Config(Settings):
        power: float = Field(1.0, description="Of the weights.")
        names: frozenset[str] = Field(frozenset(), description="Whatever.")

    def weigh(self, signals):
        return Weights(torch.ones(len(signals.sentences)), torch.ones(signals.pairs.mask.shape))


class Unfinished(Weighting):
    pass


class Forgetful(Sound):
    def __init__(self, config=None):
        super().__init__()


class Careless(Sound):
    class Config(Settings):
        model_config = ConfigDict(extra="ignore")


class Secretive(Sound):
    class Config(Settings):
        power: float = Field(1.0, description="Of the weights.", exclude=True)
"""
SETTINGS = """
    @pytest.fixture
    def settings(self):
        return {"power": 2} if self.component in ("Sound", "Forgetful", "Secretive") else {}
"""
FOUND, THERE = "test_is_found_through_its_entry_point", "test_settings_go_there_and_back"
UNKNOWN = "test_unknown_settings_are_refused"


@pytest.fixture(scope="module")
def failed(failures):
    return failures("weightings", "WeightingContract", SOURCE, (*BROKEN, "Unfinished", "Absent"), extra=SETTINGS)


BROKEN = {
    "Sound": {},
    "Forgetful": {THERE: "it was made with other settings than given"},
    "Careless": {UNKNOWN: "DID NOT RAISE"},
    "Secretive": {THERE: "settings written to config.toml and read again are other ones"},
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_one_fails_where_it_is_broken(failed, name):
    assert failed[name].keys() == BROKEN[name].keys()
    for test, message in BROKEN[name].items():
        assert message in failed[name][test]


def test_one_that_cannot_be_made_fails_everywhere(failed):
    tests = {name for kind in WeightingContract.__mro__ for name in vars(kind) if name.startswith("test_")}
    tests -= {"test_two_processes_learn_what_one_learns"}
    assert failed["Absent"].keys() == tests
    assert failed["Unfinished"].keys() == tests
    assert "lacks what every xner.base.Weighting must have: weigh" in failed["Unfinished"][FOUND]
    assert "cannot be imported" in failed["Absent"][FOUND]


TEST = """
import pytest
from xner.testing import WeightingContract

{mark}
class TestIt(WeightingContract):
    component = "{component}"
    skip = {skip}
"""
REASONED = {"test_two_processes_learn_what_one_learns": "takes seconds"}


@pytest.fixture
def run(tmp_path, capsys):
    """Runs a contract in a pytest of its own; returns its exit code and what it prints."""

    def run(component="uniform", skip=REASONED, mark="", options=()):
        (tmp_path / f"test_{tmp_path.name}.py").write_text(TEST.format(component=component, skip=skip, mark=mark))
        (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --import-mode=importlib -p no:cacheprovider -q\n")
        code = pytest.main([str(tmp_path), "-c", str(tmp_path / "pytest.ini"), *options])
        return code, "".join(capsys.readouterr())

    return run


def test_what_is_not_installed_is_not_found(run):
    code, said = run("nowhere", options=("-k", FOUND))
    assert code == pytest.ExitCode.TESTS_FAILED
    assert "no installed plugin offers 'nowhere' among the weightings; is it installed" in said


def test_a_contract_must_say_which_component_it_is_about(run):
    assert 'TestIt: component = "..." must say which of the weightings it is about' in run("", options=("-k", THERE))[1]


def test_what_is_left_out_is_printed_with_its_reason(run):
    code, said = run()
    assert code == pytest.ExitCode.OK and "1 skipped" in said
    assert "left out of xner's contracts" in said
    assert "py::TestIt::test_two_processes_learn_what_one_learns: takes seconds\n" in said


def test_where_nothing_is_left_out_nothing_is_printed(run):
    code, said = run(skip={}, options=("-k", FOUND))
    assert code == pytest.ExitCode.OK and "left out" not in said


@pytest.mark.parametrize("mark", ["@pytest.mark.skip", "@pytest.mark.skip()", "@pytest.mark.xfail"])
def test_marks_need_a_reason_too(run, mark):
    code, said = run(mark=mark)
    assert code == pytest.ExitCode.USAGE_ERROR
    assert f"py::TestIt::{FOUND}: a contract is not left without a reason: reason='...'" in said


@pytest.mark.parametrize("mark", ["@pytest.mark.skip('no GPU')", "@pytest.mark.skip(reason='no GPU')"])
def test_marks_with_a_reason_do(run, mark):
    code, said = run(mark=mark, options=("-k", FOUND))
    assert code == pytest.ExitCode.OK and "1 skipped" in said


@pytest.mark.parametrize("replaced", [None, lambda self: None])
def test_no_test_is_overridden(replaced):
    with pytest.raises(TypeError, match=f"^TestMine overrides {FOUND} of its contract; to leave it out, say why in"):
        type("TestMine", (WeightingContract,), {"component": "mine", FOUND: replaced})
    between = type("Between", (WeightingContract,), {})
    with pytest.raises(TypeError, match="overrides"):
        type("TestMine", (between,), {"component": "mine", FOUND: replaced})


@pytest.mark.parametrize("reason", ["", "  ", None])
def test_a_reason_says_something(reason):
    with pytest.raises(TypeError, match=f"^TestMine skips {FOUND} without a reason$"):
        type("TestMine", (WeightingContract,), {"skip": {FOUND: reason}})


def test_only_tests_of_the_contract_can_be_left_out():
    with pytest.raises(TypeError, match=r"^TestMine skips test_x, which is not in its contract; there are: test"):
        type("TestMine", (WeightingContract,), {"skip": {"test_x": "because"}})


def test_more_tests_are_welcome():
    kind = type("TestMine", (WeightingContract,), {"component": "mine", "test_more": lambda self: None})
    assert issubclass(kind, Contract)


def test_every_component_here_has_its_contract():
    offered, held = defaultdict(set), defaultdict(set)
    here = {"xner", *(folder.name.removeprefix("xner-") for folder in ROOT.glob("plugins/*"))}
    for kind, offers in Plugins.load().offers.items():
        offered[kind] |= {offer.component.name for offer in offers if offer.plugin in here}
    contracts = {f"{name}Contract": kind for kind, name in KINDS.items()}
    contracts |= {f"{role.__name__}Contract": "resources" for role in ROLES.values()}
    for file in [*ROOT.glob("tests/*/test_*.py"), *ROOT.glob("plugins/*/tests/**/test_*.py")]:
        kinds = dict(contracts)
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            bases = [base.id for base in getattr(node, "bases", ()) if getattr(base, "id", "") in kinds]
            for base in bases:
                kinds[node.name] = kinds[base]
                held[kinds[base]] |= {ast.literal_eval(a.value) for a in node.body if _is_component(a)}
    assert {kind: offered[kind] - held[kind] for kind in KINDS} == {kind: set() for kind in KINDS}
    assert all(offered.values()) and sum(map(len, offered.values())) >= 24


def _is_component(node):
    return isinstance(node, ast.Assign) and node.targets[0].id == "component"


def test_teachers_learn_for_one_epoch_where_they_have_any():
    assert quick("recognizer") == {"epochs": 1}
    assert quick("nobody") == {}  # of which the contract's own test tells
