import gzip

import pytest

from xner.errors import DataError
from xner.testing import GazetteerContract
from xner_gazetteers.gazetteer_file import GazetteerFile


class TestGazetteerFile(GazetteerContract):
    component = "gazetteer-file"

    @pytest.fixture
    def settings(self, tmp_path):
        (tmp_path / "names.tsv").write_text("Paris\tLOC\t0.9\nParis\tPER\n", encoding="utf-8")
        return {"path": str(tmp_path / "names.tsv")}


@pytest.fixture
def made(tmp_path):
    def made(name="names.tsv"):
        return GazetteerFile(GazetteerFile.Config(path=str(tmp_path / name)))

    return made


def test_its_rows(tmp_path, made, between):
    text = "\ufeff# names\n\nNew York\tLOC\t0.5\nParis\tPER\t\nRome\tLOC\n"
    expected = [("New York", "LOC", 0.5), ("Paris", "PER", 1.0), ("Rome", "LOC", 1.0)]
    (tmp_path / "names.tsv").write_text(text, encoding="utf-8")
    (tmp_path / "names.tsv.gz").write_bytes(gzip.compress(text.encode()))
    assert list(made().names(between("en", "de"))) == list(made("names.tsv.gz").names(between("en", "de"))) == expected


@pytest.mark.parametrize("line", ["alone", "\tLOC", "Rome\t", "Rome\tLOC\tmuch", "Rome\tLOC\t0", "Rome\tLOC\tnan"])
def test_a_line_that_is_none_is_told_with_its_place(tmp_path, made, between, line):
    (tmp_path / "names.tsv").write_text(f"Paris\tLOC\n{line}\n")
    with pytest.raises(DataError, match=r"names\.tsv:2: expected a name, a type and perhaps a prior above 0"):
        list(made().names(between("en", "de")))


def test_what_cannot_be_read_is_told(tmp_path, made, between):
    with pytest.raises(DataError, match=r"^gazetteer-file: which file\? --set resources\.gazetteer-file\.path"):
        GazetteerFile().identity(between("en", "de"))
    with pytest.raises(DataError, match=r"x-de\.tsv: no such gazetteer for en and de; set resources\.gazetteer-file"):
        made("x-{target}.tsv").identity(between("en", "de"))
    (tmp_path / "names.tsv").write_bytes(b"a\xff\tLOC\n")
    with pytest.raises(DataError, match=r"names\.tsv: is not UTF-8"):
        list(made().names(between("en", "de")))
    (tmp_path / "cut.gz").write_bytes(gzip.compress(b"a\tLOC\n" * 99)[:-9])
    with pytest.raises(DataError, match=r"cut\.gz: is not whole gzip"):
        list(made("cut.gz").names(between("en", "de")))


def test_its_identity_follows_the_contents(tmp_path, made, between):
    found = []
    for text in ("a\tLOC\n", "b\tLOC\n", "a\tLOC\n"):
        (tmp_path / "names.tsv").write_text(text)
        found.append(made().identity(between("en", "de")))
    assert found[0] == found[2] != found[1]
