import pytest

from xner.errors import UsageError
from xner.testing import GazetteerContract
from xner_gazetteers.faker_names import FakerNames
from xner_gazetteers.iso_codes import ISOCodes
from xner_gazetteers.public_names import PublicNames


class TestPublicNames(GazetteerContract):
    component = "public-names"

    @pytest.fixture
    def settings(self):
        return {"places": False}


def made(**settings):
    return PublicNames(PublicNames.Config(places=False, **settings))


def test_the_names_of_all_parts(tmp_path, between):
    (tmp_path / "own.tsv").write_text("Acme\tORG\n")
    sides = between("en", "de")
    expected = [*ISOCodes().names(sides), *FakerNames().names(sides), ("Acme", "ORG", 1.0)]
    assert list(made(file=str(tmp_path / "own.tsv")).names(sides)) == expected


def test_its_identity_is_that_of_all_parts(between):
    sides = between("en", "de")
    assert made().identity(sides) != made(persons=False).identity(sides)
    assert ISOCodes().identity(sides) in made().identity(sides)


def test_languages_without_names_of_persons_have_the_other_parts(between):
    sides = between("qaa", "qab")
    assert {name.type for name in made().names(sides)} == {"LOC"}


def test_nothing_at_all_is_an_error(between):
    with pytest.raises(UsageError, match=r"^resources\.public-names: no part is left; set places, countries"):
        made(countries=False, persons=False).identity(between("en", "de"))
