import pytest

from xner.corpora.corpus import Sentence


def test_plain_text(parse):
    assert parse("Ann ran.\r\n\n \n東京 Tower\n", "x.txt") == [
        Sentence(["Ann", "ran", "."]),
        Sentence(["東", "京", "Tower"]),
    ]
    assert parse(b"M\xfcller", "x.txt", encoding="latin-1") == [Sentence(["Müller"])]


TAGGED = [Sentence(["Ann", "Lee", "ran"], ["B-PER", "I-PER", "O"])]


@pytest.mark.parametrize(
    ("content", "layout"),
    [
        ("Ann\tB-PER\nLee\tI-PER\nran\tO\n", ""),
        ("Ann NNP I-PER\nLee NNP I-PER\nran VB O\n", "columns: 1 words, 3 tags"),
        ("-DOCSTART- -X- O\n\nAnn B-PER\nLee E-PER\nran O\n", ""),
        ("# id 7\nAnn _ _ B-PER\nLee _ _ I-PER\nran _ _ O\n", "columns: 1 words, 4 tags"),
    ],
)
def test_a_column_file_named_txt_is_read_as_such_and_told(told, content, layout):
    sentences, found, notes = told(content, "train.txt")
    assert (sentences, found) == (TAGGED, layout)
    assert notes == ["train.txt:1: the lines are words with tags in columns, and are read so, not as plain text"]


def test_tags_of_any_scheme_and_type_give_a_column_file_away(told):
    content = "Ann\tS-creative-work\nin\tO\nNew\tB-LOC-part\nYork\tE-LOC-part\n"
    assert told(content, "x.txt").sentences[0].tags == ["B-creative-work", "O", "B-LOC-part", "I-LOC-part"]
    assert told("Ann PER\nLee PER\nran O\n. O\n", "x.txt").sentences[0].tags == ["B-PER", "I-PER", "O", "O"]


def test_one_mistake_does_not_make_text_of_a_column_file(refused):
    content = "Ann\tB-PER\n" + "ran\tO\n" * 20 + "Lee\tPER\n"
    assert refused(content, "x.txt").startswith("x.txt:22: 'PER' is not a tag")


@pytest.mark.parametrize(
    "content", ["Vitamin O\nis good\n", "Vitamin O\n", "Group O\nGroup AB\n", "Ann\nLee\n", "a b\nc d\ne f\n"]
)
def test_text_stays_text(told, content):
    sentences, _, notes = told(content, "x.txt")
    assert [sentence.tokens for sentence in sentences] == [line.split() for line in content.splitlines()]
    assert notes == [] and all(sentence.tags is None for sentence in sentences)
