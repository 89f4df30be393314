"""CSV with a header, as on Kaggle."""

import pytest

from xner.corpora.corpus import Sentence

TWO = [Sentence(["Ann", 'said"', "Rome"], ["B-per", "O", "B-geo"]), Sentence(["Hi", ","], ["O", "O"])]
KAGGLE = (
    "Sentence #,Word,POS,Tag\n"
    'Sentence: 1,Ann,NNP,B-per\n,"said""",VBD,O\n,Rome,NNP,B-geo\n'
    'Sentence: 2,Hi,UH,O\n,",",",",O\n'
)


@pytest.mark.parametrize(
    "content",
    [
        KAGGLE,
        KAGGLE.replace("\n,", "\nSentence: 1,", 2).replace("\n,", "\nSentence: 2,", 2),
        KAGGLE.replace("\n", "\r\n"),
        'sentence_id;token;ner\n7;Ann;B-per\n7;"said""";O\n7;Rome;B-geo\n8;Hi;O\n8;,;O\n',
        'word,tag\nAnn,B-per\n"said""",O\nRome,B-geo\n\nHi,O\n",",O\n',
        'word\tlabel\nAnn\tB-per\n"said"""\tO\nRome\tB-geo\n\t\nHi\tO\n,\tO\n\n',
    ],
)
def test_a_word_a_row(told, content):
    found = told(content, "ner_dataset.csv")
    assert found.sentences == TWO
    assert found.notes == []


def test_the_columns_are_said(told):
    assert told(KAGGLE, "x.csv").layout == "columns: Sentence #, Word, Tag"
    assert told("id,text\n1,Ann ran\n", "x.csv").layout == "columns: text"


def test_another_encoding(told, refused):
    content = KAGGLE.replace("Ann", "Zoë").encode("cp1252")
    assert told(content, "x.csv", encoding="cp1252").sentences[0].tokens[0] == "Zoë"
    assert refused(content, "x.csv").startswith("x.csv:2: 'utf-8' codec can't decode byte 0xeb")


@pytest.mark.parametrize(
    "content",
    [
        "Sentence,Tag\nAnn saw Rome,\"['B-PER', 'O', 'B-LOC']\"\n",
        "text,labels\nAnn saw Rome,B-PER O B-LOC\n",
        "id,text,entities\n1,Ann saw Rome,\"[(0, 3, 'PER'), (8, 12, 'LOC')]\"\n",
        'text,label\nAnn saw Rome,"[{""start"": 0, ""end"": 3, ""label"": ""PER""}, '
        '{""start"": 8, ""end"": 12, ""label"": ""LOC""}]"\n',
        'text,labels\n"Ann\nsaw Rome",B-PER O B-LOC\n',
    ],
)
def test_a_text_a_row(parse, content):
    assert parse(content, "x.csv") == [Sentence(["Ann", "saw", "Rome"], ["B-PER", "O", "B-LOC"])]


def test_raw_text_a_row(parse):
    assert parse('id,text\n1,"Ann, ran."\n\n2,Rome\n', "x.csv") == [
        Sentence(["Ann", ",", "ran", "."]),
        Sentence(["Rome"]),
    ]
    assert parse("text,iob2\nAnn ran,B-PER O\n", "x.csv", tag_column="none") == [Sentence(["Ann", "ran"])]
    assert parse("text,entities\nAnn ran,[]\n", "x.csv") == [Sentence(["Ann", "ran"], ["O", "O"])]


def test_columns_that_are_set(parse):
    content = "sentence_id,form,x,gold\n1,Ann,7,B-PER\n1,ran,8,O\n"
    ann = [Sentence(["Ann", "ran"], ["B-PER", "O"])]
    assert parse(content, "x.csv", tag_column="gold") == ann
    assert parse(content.replace("form", "w"), "x.csv", token_column="w", tag_column=-1) == ann
    assert parse(content, "x.csv", tag_column="none") == [Sentence(["Ann", "ran"])]
    assert parse("word,tag\nAnn,PER\nran,0\n", "x.csv") == ann
    numbers = "word,tag\nAnn,1\nran,0\n"
    assert parse(numbers, "x.csv", names=["O", "B-PER"]) == ann


@pytest.mark.parametrize(
    ("content", "options", "said"),
    [
        ('text,"a\n b"\nAnn ran,B-PER O\n', {}, 'x.csv:3: the key "a b" is not read'),
        ("a,b\n1,2\n", {}, "x.csv:1: no column has words or a text; expected a header with word, token or text"),
        (
            "word,gold\nAnn,B-PER\n",
            {},
            'x.csv:1: no column has tags; expected one called tag, ner or label; "gold" is ',
        ),
        ("word,tag\nAnn,B-PER\n", {"tag_column": "x"}, "x.csv:1: no column 'x'; it has word, tag; correct tag_column"),
        ("word,tag\nAnn,B-PER\n", {"token_column": 2}, "x.csv:1: 2 columns, so there is no column 2"),
        ("word,tag\nAnn,B-PER\nran\n", {}, "x.csv:3: 1 columns, but the header has more: 'ran'"),
        ("word,tag\nAnn,B-X\nran,B-\n", {}, "x.csv:3: 'B-' is not a tag"),
        (
            "text,ents\nAnn,\"[[0, 3, 'X']]\"\n",
            {},
            'x.csv:2: the key "ents" is not read, and no other has labels; set ',
        ),
        (
            "text,iob2\nAnn ran,B-PER O\n",
            {},
            'x.csv:2: the key "iob2" is not read, and no other has labels; set corpora.folder',
        ),
        ("text,tags\nAnn ran,[O\n", {}, "x.csv:2: the labels are no list: '[O'"),
        ("text,tags\nAnn ran,O\n", {}, "x.csv:2: 2 tokens, but the tags are not a list of 2: ['O']"),
    ],
)
def test_what_cannot_be_read_is_told(refused, content, options, said):
    assert refused(content, "x.csv", **options).startswith(said)
