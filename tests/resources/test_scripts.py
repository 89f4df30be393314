from importlib.util import find_spec

import pytest

from xner.errors import DataError
from xner.resources import scripts
from xner.resources.scripts import Scripts, by_table, script_of


@pytest.fixture
def table(tmp_path):
    (tmp_path / "table.txt").write_text("# letters\na а\nd д\nsh ш\ns с\n", encoding="utf-8")
    return str(tmp_path / "table.txt")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ana sees Москву", "LATIN"),
        ("Москва in May", "CYRILLIC"),
        ("北京 是 A", "CJK"),
        ("مدينة", "ARABIC"),
        ("12 .", ""),
    ],
)
def test_the_script_of_most_letters(text, expected):
    assert script_of(text.split()) == expected


def test_a_table_takes_the_longest_letters_first(table, tmp_path):
    write = by_table(tmp_path / "table.txt")
    assert (write("dash"), write("Sax"), write("hs")) == ("даш", "саx", "hс")


def test_a_table_that_is_none(tmp_path):
    with pytest.raises(DataError, match=r"no\.txt: no such table of letters; set methods\.METHOD\.table"):
        by_table(tmp_path / "no.txt")
    (tmp_path / "odd.txt").write_text("a а\nb\n")
    with pytest.raises(DataError, match=r"odd\.txt:2: expected two columns, letters and letters: 'b'"):
        by_table(tmp_path / "odd.txt")


def test_words_of_another_script_are_written_in_the_targets(table):
    made = Scripts("CYRILLIC", "icu", table)
    assert [made.written(word) for word in ("Ada", "12", "Москва")] == ["ада", "12", "Москва"]
    assert (made.changed, made.kept) == (1, 0)


def test_they_may_stay_as_they_are_and_are_counted():
    made = Scripts("CYRILLIC", "keep")
    assert [made.written(word) for word in ("Ada", "12", "Москва")] == ["Ada", "12", "Москва"]
    assert (made.changed, made.kept) == (0, 1)


def test_without_icu_it_says_what_to_do(monkeypatch):
    def missing(name):
        raise ImportError(name)

    monkeypatch.setattr(scripts, "import_module", missing)
    with pytest.raises(DataError, match=r"from LATIN into ARABIC letters, which needs PyICU: .*transliteration=keep"):
        Scripts("ARABIC", "icu").written("Ada")


@pytest.mark.skipif(find_spec("icu") is None, reason="needs PyICU")
def test_icu():
    assert Scripts("CYRILLIC", "icu").written("Merkel") == "Меркел"
    assert Scripts("LATIN", "icu").written("Београд") == "Beograd"
    assert Scripts("ARABIC", "icu").written("Merkel") == "مركل"  # no marks for vowels
    with pytest.raises(DataError, match=r"^ICU has no transform Latin-Han that would bring names into the target's"):
        Scripts("CJK", "icu").written("Paris")
