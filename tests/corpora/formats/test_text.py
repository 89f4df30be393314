import pytest

from xner.corpora.corpus import Sentence
from xner.errors import DataError


def test_plain_text(parse):
    assert parse("Ann ran.\r\n\n \n東京 Tower\n", "x.txt") == [
        Sentence(["Ann", "ran", "."]),
        Sentence(["東", "京", "Tower"]),
    ]
    assert parse(b"M\xfcller", "x.txt", encoding="latin-1") == [Sentence(["Müller"])]


def test_a_column_file_named_txt_is_not_taken_for_text(parse):
    for content in ("Ann\tB-PER\nran\tO\n", "Ann NNP I-PER\nran VB O\n"):
        with pytest.raises(DataError, match=r"looks like a column file.*rename it to x\.conll"):
            parse(content, "x.txt")
    assert len(parse("Vitamin O\nis good\n", "x.txt")) == 2
