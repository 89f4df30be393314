import io

import pytest

from xner.corpora.corpus import Sentence
from xner.corpora.formats.columns import write_conll
from xner.corpora.formats.options import ReadOptions
from xner.corpora.formats.reading import read
from xner.errors import DataError

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
        ("a\tB-X\n\nb\tO\nc\tPER\n", {}, 4, "'PER' is not a tag: expected O or a prefix and a type such as B-PER"),
        ("New York\nx y\n", {}, 1, "none of the 2 columns has tags such as O and B-PER, the last is 'York'"),
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


def test_real_files_against_a_naive_reading(real_data):
    for name in ("uner/en/test", "uner/sv/test", "uner/zh/test", "anercorp/ar/test", "germeval2014/de/dev"):
        blocks = (real_data / f"{name}.conll").read_bytes().decode().strip("\n").split("\n\n")
        naive = [[line.split("\t") for line in block.split("\n")] for block in blocks]
        sentences = list(read(real_data / f"{name}.conll", ReadOptions()))
        assert [sentence.tokens for sentence in sentences] == [[line[0] for line in block] for block in naive]
        assert [sentence.tags for sentence in sentences] == [[line[1] for line in block] for block in naive]


def test_writing_without_tags(tmp_path):
    sentences = [Sentence(["Ann", "10\u00a0000"]), Sentence(["ran"])]
    write_conll(tmp_path / "x.conll", sentences)
    assert list(read(tmp_path / "x.conll", ReadOptions())) == sentences


def test_written_bytes(tmp_path):
    handle = io.StringIO()
    write_conll(handle, TWO)
    assert handle.getvalue() == "Ann\tB-PER\nran\tO\n\nRome\tB-LOC\n\n"


@pytest.mark.parametrize(
    "sentence",
    [
        Sentence(["a\tb"], ["O"]),
        Sentence(["a\nb"], ["O"]),
        Sentence([""], ["O"]),
        Sentence(["a b"]),
        Sentence(["\xa0"]),
    ],
)
def test_words_that_would_break_a_column_file_are_refused(sentence):
    with pytest.raises(DataError, match=r"cannot stand in a column file; write \.jsonl"):
        write_conll(io.StringIO(), [sentence])


def test_sentences_come_while_the_file_is_read(tmp_path):
    path = tmp_path / "x.conll"
    path.write_bytes(b"de:a\tO\n\nAnn\tB-PER\n\n\xff\tO\n")
    sentences = read(path, ReadOptions())
    assert [next(sentences), next(sentences)] == [Sentence(["de:a"], ["O"]), Sentence(["Ann"], ["B-PER"])]
    with pytest.raises(DataError, match=r"x\.conll:5: "):
        next(sentences)
