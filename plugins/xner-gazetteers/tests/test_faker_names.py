import pytest

from xner.errors import DataError
from xner.testing import GazetteerContract
from xner_gazetteers import faker_names
from xner_gazetteers.faker_names import FakerNames


class TestFakerNames(GazetteerContract):
    component = "faker-names"
    languages = "en", "de"


def test_names_of_both_languages(between):
    german = {name.surface for name in FakerNames().names(between("en", "de"))}
    assert {"Smith", "Müller"} <= german
    chinese = {name.surface for name in FakerNames().names(between("qaa", "zh-hans"))}
    assert "王" in chinese and "Müller" not in chinese


def test_what_is_not_there_is_told(between, monkeypatch):
    with pytest.raises(DataError, match=r"^faker-names: Faker has no names for qaa or qab"):
        FakerNames().identity(between("qaa", "qab"))
    monkeypatch.setattr(faker_names, "find_spec", lambda name: None)
    with pytest.raises(DataError, match=r'^faker-names: Faker is not installed: pip install "xner-gazetteers"'):
        FakerNames().identity(between("en", "de"))
