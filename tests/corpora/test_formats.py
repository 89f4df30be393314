import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datasets import ClassLabel, Features, List, Value

from xner.corpora.corpus import Sentence
from xner.corpora.formats import ReadOptions, read
from xner.errors import DataError, UsageError
from xner.runs.config import check


@pytest.fixture
def parse(tmp_path):
    """Write a file and read it back."""

    def run(content, name="x.conll", **options):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return list(read(path, ReadOptions(**options)))

    return run


TWO = [Sentence(["Ann", "ran"], ["B-PER", "O"]), Sentence(["Rome"], ["B-LOC"])]


@pytest.mark.parametrize("suffix", [".conll", ".iob", ".iob2", ".bio", ".tsv", ".conllu", ".CoNLL"])
def test_column_suffixes(parse, suffix):
    assert parse("Ann\tB-PER\nran\tO\n\nRome\tB-LOC\n", f"x{suffix}") == TWO


@pytest.mark.parametrize(
    "content",
    [
        "Ann B-PER\nran O\n\nRome B-LOC\n",
        "Ann   NNP  B-PER\nran VB   O\n\nRome NNP B-LOC",
        "  Ann B-PER \nran O\n\nRome B-LOC\n",
        "Ann\tB-PER \nran O\n \t\nRome\tB-LOC\n\n\n",
        "\n\nAnn\tB-PER\r\nran\tO\r\n\r\nRome\tB-LOC\r\n",
        "\ufeffAnn\tB-PER\nran\tO\n\u00a0\nRome\tB-LOC",
        "-DOCSTART- -X- -X- O\n\nAnn B-PER\nran O\n-DOCSTART- -X- O\nRome B-LOC\n",
        "# id = 1\n# text = Ann ran\nAnn\tB-PER\nran\tO\n\n#\n# id = 2\nRome\tB-LOC\n",
        "Ann\tI-PER\nran\tO\n\nRome\tS-LOC\n",
    ],
)
def test_shapes_of_column_files(parse, content):
    assert parse(content) == TWO


def test_columns_in_another_order(parse):
    content = "# newdoc\n#\thttp://a.b\n1\tAnn\tB-PER\t-\n1-2\tran\tO\t-\n\n1\tRome\tB-LOC\t-\n"
    assert parse(content, token_column=1, tag_column=2) == TWO
    assert parse("B-PER Ann\nO ran\n\nB-LOC Rome\n", token_column=-1, tag_column=0) == TWO


def test_a_hash_with_a_tag_is_a_word(parse):
    assert parse("#\tO\nAnn\tB-PER\n") == [Sentence(["#", "Ann"], ["O", "B-PER"])]
    assert parse("# O\nAnn B-PER\n") == [Sentence(["#", "Ann"], ["O", "B-PER"])]
    assert parse("Ann\n# \n#tag\n") == [Sentence(["Ann", "#", "#tag"])]


def test_words_keep_spaces_that_are_no_separators(parse):
    assert parse("10\u00a0000\tO\n") == [Sentence(["10\u00a0000"], ["O"])]
    assert parse("10\u00a0000 O\n") == [Sentence(["10\u00a0000"], ["O"])]
    assert parse("New York\tB-LOC\n") == [Sentence(["New York"], ["B-LOC"])]
    assert parse("a\x85b\u2028c\tO\n") == [Sentence(["a\x85b\u2028c"], ["O"])]


def test_one_column_is_unlabelled_text(parse):
    assert parse("Ann\nran\n\n10\u00a0000\n") == [Sentence(["Ann", "ran"]), Sentence(["10\u00a0000"])]


@pytest.mark.parametrize(
    ("content", "options", "line", "said"),
    [
        ("a\tO\n\nb\tO\nc\n", {}, 4, "one column, expected a word and a tag as in line 1"),
        ("\na\nb\tO\n", {}, 3, "2 columns, expected one as in line 2"),
        ("a\tO\n\nb\tO\nc\tPER\n", {}, 4, "'PER' is not a tag: expected O or a prefix and a type such as B-PER"),
        ("New York\nx y\n", {}, 1, "column -1 (tag_column)"),
        ("a\tO\n\tO\n", {}, 2, "the word in column 0 is empty"),
        ("a\tO\nb\tO\n", {"token_column": 2}, 1, "2 columns, so there is no column 2; correct token_column"),
        ("a\tO\nb\tO\n", {"tag_column": -3}, 1, "2 columns, so there is no column -3; correct tag_column"),
        (b"a\tO\nM\xfcller\tO\n", {}, 2, "set `encoding`"),
    ],
)
def test_column_file_errors_name_the_line(parse, tmp_path, content, options, line, said):
    with pytest.raises(DataError) as caught:
        parse(content, **options)
    message = str(caught.value)
    assert message.startswith(f"{tmp_path / 'x.conll'}:{line}: ")
    assert said in message
    assert "\n" not in message


def test_an_encoding_that_does_not_exist_is_a_setting_that_does_not_fit():
    with pytest.raises(UsageError) as caught:
        check(ReadOptions, {"encoding": "klingon"}, "corpora.folder.")
    assert str(caught.value) == (
        "corpora.folder.encoding = 'klingon': unknown encoding: klingon; "
        "expected one that Python knows, such as utf-8 or latin-1"
    )


def test_encoding(parse):
    assert parse(b"M\xfcller\tB-PER\n", encoding="latin-1") == [Sentence(["Müller"], ["B-PER"])]


WIKIANN = "zh:中\tB-LOC\nzh:，\tO\n\nzh:：\tO\n"


def test_language_prefixes_are_cut_off_where_all_words_have_the_same(parse):
    assert parse(WIKIANN) == [Sentence(["中", "，"], ["B-LOC", "O"]), Sentence(["："], ["O"])]
    assert parse("zh-min-nan:a\tO\nzh-min-nan:b\tO\n")[0].tokens == ["a", "b"]


@pytest.mark.parametrize(
    "words",
    [
        ["re:Haus"],  # a single word proves nothing
        ["de:Haus", "en:house"],
        ["de:Haus", "Maus"],
        ["Haus", "de:Maus"],
        ["http://a", "http://b"],
        ["DE:a", "DE:b"],
        ["10:30", "10:45"],
    ],
)
def test_other_words_keep_what_stands_before_a_colon(parse, words):
    content = "".join(f"{word}\tO\n\n" for word in words)
    assert [sentence.tokens[0] for sentence in parse(content)] == words


def test_cutting_prefixes_can_be_forced_and_forbidden(parse):
    assert parse(WIKIANN, strip_prefix=False)[0].tokens == ["zh:中", "zh:，"]
    assert parse("de:a\tO\nb:c\tO\nx/de:b\tO\n", strip_prefix=True)[0].tokens == ["a", "b:c", "x/de:b"]


def test_prefixes_are_those_of_the_word_column(parse):
    assert parse("1\tde:a\tO\n2\tde:b\tO\n", token_column=1)[0].tokens == ["a", "b"]
    assert parse("de:1\ta\tO\nde:2\tb\tO\n", token_column=1)[0].tokens == ["a", "b"]


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


@pytest.mark.parametrize("suffix", [".jsonl", ".json"])
def test_json_lines(parse, suffix):
    rows = [
        {"tokens": ["Ann", "ran"], "tags": ["S-PER", "O"], "id": 1},
        {"tokens": ["Rome"], "ner_tags": ["B-LOC"]},
        {"tokens": ["Rome"], "tags": None},
        {"text": "Ann ran."},
    ]
    content = "\n\n".join(map(json.dumps, rows))
    assert parse(content, f"x{suffix}") == [*TWO, Sentence(["Rome"]), Sentence(["Ann", "ran", "."])]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[1]", "expected an object"),
        ('{"words": ["a"]}', 'expected "tokens", a list of words, or "text", a sentence; found words'),
        ('{"tokens": "a b"}', 'expected "tokens", a list of words'),
        ('{"tokens": ["a", 1]}', 'expected "tokens", a list of words'),
        ('{"text": 1}', 'expected "tokens", a list of words'),
        ('{"tokens": ["a", "b"], "tags": ["O"]}', "2 tokens, but the tags are not a list of 2: ['O']"),
        ('{"tokens": ["a"], "tags": []}', "1 tokens, but the tags are not a list of 1: []"),
        ('{"tokens": ["a"], "tags": "O"}', "1 tokens, but the tags are not a list of 1: 'O'"),
        ('{"tokens": ["a"], "ner_tags": [3]}', "the tag 3 has no name"),
        ('{"tokens": ["a"], "tags": ["PER"]}', "'PER' is not a tag"),
        ('{"tokens": ["\\ud800"]}', "surrogate"),
    ],
)
def test_json_errors_name_the_line(parse, tmp_path, line, said):
    with pytest.raises(DataError) as caught:
        parse('{"tokens": ["a"]}\n\n' + line, "x.jsonl")
    assert str(caught.value).startswith(f"{tmp_path / 'x.jsonl'}:3: ")
    assert said in str(caught.value)


def write_parquet(path, columns, **features):
    table = pa.table(columns)
    if features:
        table = table.cast(Features(features).arrow_schema)
    pq.write_table(table, path)


CLASSES = List(ClassLabel(names=["O", "B-PER", "B-LOC"]))


def test_parquet(tmp_path):
    path = tmp_path / "x.parquet"
    tokens = [["Ann", "ran"], ["Rome"]]
    write_parquet(path, {"tokens": tokens, "tags": [["B-PER", "O"], ["B-LOC"]], "other": [1, 2]})
    assert list(read(path, ReadOptions())) == TWO
    words = List(Value("string"))
    write_parquet(path, {"tokens": tokens, "ner_tags": [[1, 0], [2]]}, tokens=words, ner_tags=CLASSES)
    assert list(read(path, ReadOptions())) == TWO
    write_parquet(path, {"text": ["Ann ran."]})
    assert list(read(path, ReadOptions())) == [Sentence(["Ann", "ran", "."])]


def test_parquet_errors_name_the_row(tmp_path):
    path = tmp_path / "x.parquet"
    write_parquet(path, {"tokens": [["a"], ["b"]], "tags": [[0], [1]]})
    with pytest.raises(DataError, match=r"x\.parquet: row 1: the tag 0 has no name"):
        list(read(path, ReadOptions()))
    columns = {"tokens": [["a"], ["b"]], "ner_tags": [[0], [-1]]}
    write_parquet(path, columns, tokens=List(Value("string")), ner_tags=CLASSES)
    with pytest.raises(DataError, match=r"x\.parquet: row 2: the tag -1 has no name"):
        list(read(path, ReadOptions()))
    path.write_bytes(b"PAR1 no")
    with pytest.raises(DataError, match=r"x\.parquet: not a Parquet file that can be read"):
        list(read(path, ReadOptions()))


def test_files_that_cannot_be_opened(tmp_path):
    (tmp_path / "train.conll").write_text("a\tO\n")
    (tmp_path / "sub").mkdir()
    for name, said in {
        "trian.conll": "no such file or folder. Did you mean 'train.conll'?",
        "no/train.conll": "no' does not exist either",
        "sub": "is a folder; expected a file",
    }.items():
        with pytest.raises(DataError) as caught:
            read(tmp_path / name, ReadOptions())
        assert str(caught.value).startswith(str(tmp_path / name))
        assert said in str(caught.value)
    (tmp_path / "x.docx").touch()
    with pytest.raises(DataError, match=r"cannot tell the format from '\.docx'; expected \.conll, .*\.txt"):
        read(tmp_path / "x.docx", ReadOptions())


def test_an_empty_file_has_no_sentences(parse):
    for name in ("x.conll", "x.txt", "x.jsonl"):
        assert parse("", name) == parse("\n\n", name) == []


def test_real_files_against_a_naive_reading(real_data):
    for name in ("uner/en/test", "uner/sv/test", "uner/zh/test", "anercorp/ar/test", "germeval2014/de/dev"):
        blocks = (real_data / f"{name}.conll").read_bytes().decode().strip("\n").split("\n\n")
        naive = [[line.split("\t") for line in block.split("\n")] for block in blocks]
        sentences = list(read(real_data / f"{name}.conll", ReadOptions()))
        assert [sentence.tokens for sentence in sentences] == [[line[0] for line in block] for block in naive]
        assert [sentence.tags for sentence in sentences] == [[line[1] for line in block] for block in naive]
