import pytest

from xner.errors import DataError
from xner.testing import DictionaryContract
from xner_resources.dictionary_file import DictionaryFile


class TestDictionaryFile(DictionaryContract):
    component = "dictionary-file"

    @pytest.fixture
    def settings(self, tmp_path):
        (tmp_path / "words.txt").write_text("sees zed\nthe ko\n", encoding="utf-8")
        return {"path": str(tmp_path / "words.txt")}


@pytest.fixture
def read(tmp_path, between):
    def read(text, **settings):
        (tmp_path / "words.txt").write_text(text, encoding="utf-8")
        made = DictionaryFile(DictionaryFile.Config(path=str(tmp_path / "words.txt"), **settings))
        return list(made.pairs(between("en", "zh")))

    return read


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the el\nthe la\n", [("the", "el"), ("the", "la")]),  # MUSE
        ("New York\tNueva York\t0.7\n", [("New York", "Nueva York")]),  # columns with tabs
        ("\ufeff# words\n\nsea  mar\n", [("sea", "mar")]),
        ("北京 北京 [Bei3 jing1] /Beijing, capital of China/\n", [("北京", "Beijing"), ("北京", "capital of China")]),
    ],
)
def test_its_forms(read, text, expected):
    assert read(text) == expected


def test_it_can_be_read_the_other_way_round(read):
    assert read("mar sea\n", inverted=True) == [("sea", "mar")]
    line = "漢語 汉语 [Han4 yu3] /Chinese language/Chinese/\n"
    assert read(line, inverted=True) == [("Chinese language", "汉语"), ("Chinese", "汉语")]
    assert read(line, script="traditional")[1] == ("漢語", "Chinese")


@pytest.mark.parametrize("line", ["alone", "a b c", "\tword", "word\t"])
def test_a_line_that_is_none_is_told_with_its_place(read, line):
    with pytest.raises(DataError, match=r"words\.txt:2: expected a word, a tab or a space, and a translation: "):
        read(f"the el\n{line}\n")


def test_the_file_may_depend_on_the_languages(tmp_path, between):
    (tmp_path / "en-pt.txt").write_text("sea mar\n")
    made = DictionaryFile(DictionaryFile.Config(path=str(tmp_path / "{source}-{target}.txt")))
    assert list(made.pairs(between("en", "pt"))) == [("sea", "mar")]
    with pytest.raises(
        DataError, match=r"en-de\.txt: no such dictionary from en to de; set resources\.dictionary-file"
    ):
        made.identity(between("en", "de"))
    with pytest.raises(DataError, match=r"^dictionary-file: which file\?"):
        DictionaryFile().identity(between("en", "de"))


def test_its_identity_follows_the_contents(tmp_path, between):
    file = tmp_path / "words.txt"
    made = DictionaryFile(DictionaryFile.Config(path=str(file)))
    found = []
    for text in ("a b\n", "a c\n", "a b\n"):
        file.write_text(text)
        found.append(made.identity(between("en", "pt")))
    assert found[0] == found[2] != found[1]
    file.write_bytes(b"a \xff\n")
    with pytest.raises(DataError, match=r"words\.txt: is not UTF-8 \(byte 2\)"):
        list(made.pairs(between("en", "pt")))
