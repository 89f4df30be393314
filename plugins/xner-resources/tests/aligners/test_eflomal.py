"""eflomal itself where it is installed, and a module in its place for what happens around it."""

import sys
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import pytest

from xner.base import Pair
from xner.errors import DataError
from xner.testing import AlignerContract
from xner_resources.aligners import eflomal
from xner_resources.aligners.eflomal import Eflomal

PAIRS = [Pair(("the", "old ship"), ("ko", "gol")), Pair(("Rome",), ("Rome", "um"))]


class Aligner:
    """Writes links that it is told."""

    said: dict[str, object]

    def __init__(self, model):
        Aligner.said = {"model": model}

    def align(self, source, target, links_filename_fwd, links_filename_rev):
        Aligner.said |= {"source": source, "target": target}
        Path(links_filename_fwd).write_text("1-1 0-0\n0-0\n")
        Path(links_filename_rev).write_text("0-0\n0-1\n")


@pytest.fixture
def stub(monkeypatch):
    module = ModuleType("eflomal")
    module.Aligner = Aligner
    monkeypatch.setitem(sys.modules, "eflomal", module)
    monkeypatch.setattr(eflomal, "find_spec", lambda name: name == "eflomal")


@pytest.mark.skipif(not find_spec("eflomal"), reason="needs xner-resources[eflomal]")
class TestEflomal(AlignerContract):
    component = "eflomal"
    skip = {"test_the_links_are_the_same_every_time": "eflomal draws at random and takes no seed"}


@pytest.mark.skipif(not find_spec("eflomal"), reason="needs xner-resources[eflomal]")
def test_it_learns_which_words_stand_together(between):
    words = [("one", "eins"), ("two", "zwei"), ("three", "drei"), ("four", "vier")]
    pairs = [Pair((a[0], b[0]), (b[1], a[1])) for a in words for b in words if a != b] * 20
    links = list(Eflomal().align(pairs, between("en", "de")))
    assert sum(each == ((0, 1), (1, 0)) for each in links) > 0.9 * len(pairs)


@pytest.mark.parametrize(
    ("joined", "links"),
    [("intersection", [((0, 0),), ()]), ("union", [((0, 0), (1, 1)), ((0, 0), (0, 1))])],
)
def test_both_directions_are_joined(stub, between, joined, links):
    made = list(Eflomal(Eflomal.Config(joined=joined, model=1)).align(PAIRS, between("en", "de")))
    assert made == links
    assert Aligner.said == {"model": 1, "source": ["the old_ship\n", "Rome\n"], "target": ["ko gol\n", "Rome um\n"]}


def test_that_it_is_not_installed_is_told_before_anything_is_done(monkeypatch, between):
    monkeypatch.setattr(eflomal, "find_spec", lambda name: None)
    with pytest.raises(
        DataError, match=r'^eflomal: it is not installed: pip install "xner-resources\[eflomal\]", .*itermax$'
    ):
        Eflomal().identity(between("en", "de"))
