import pytest

from xner.base import Translation
from xner.errors import DataError
from xner.testing import TranslatorContract, tiny_corpus
from xner_resources.translators.precomputed import Precomputed


class TestPrecomputed(TranslatorContract):
    component = "precomputed"

    @pytest.fixture
    def settings(self, tmp_path):
        texts = [" ".join(sentence.tokens) for sentence in tiny_corpus(size=24)]
        lines = "".join(f"{text}\t{text.upper()}\n" for text in texts)
        (tmp_path / "made.tsv").write_text(lines, encoding="utf-8")
        return {"path": str(tmp_path / "made.tsv")}


@pytest.fixture
def made(tmp_path):
    def made(text, **settings):
        (tmp_path / "en-es.tsv").write_bytes(text.encode() if isinstance(text, str) else text)
        return Precomputed(Precomputed.Config(path=str(tmp_path / "{source}-{target}.tsv"), **settings))

    return made


def test_its_lines(made, between):
    text = "\ufeff# a remark\n\nthe  sea\tel mar\n#1\tn.º 1\nthe sea\tla mar\n"
    found = list(made(text).translate(["#1", "the sea"], between("en", "es")))
    assert found == [Translation("n.º 1", 0), Translation("el mar", 0)]


def test_what_it_lacks_is_an_error_with_a_list_or_stays_as_it_is(made, between, tmp_path):
    texts = ["the sea", "Rome", "a b"]
    with pytest.raises(DataError, match=r"en-es\.tsv: lacks 2 of 3 texts, such as 'Rome'; all are in .*\.missing"):
        list(made("the sea\tel mar\n").translate(texts, between("en", "es")))
    assert (tmp_path / "en-es.tsv.missing").read_text() == "Rome\na b\n"
    kept = list(made("the sea\tel mar\n", missing="keep").translate(texts, between("en", "es")))
    assert kept == [Translation("el mar", 0), Translation("Rome", 1), Translation("a b", 2)]


@pytest.mark.parametrize("line", ["alone", "a\tb\tc", "\tb", "a\t "])
def test_a_line_that_is_none_is_told_with_its_place(made, between, line):
    with pytest.raises(DataError, match=r"en-es\.tsv:2: expected a text, a tab, and its translation: "):
        list(made(f"a\tb\n{line}\n").translate(["a"], between("en", "es")))


def test_files_that_are_none(made, between):
    with pytest.raises(DataError, match=r"en-pt\.tsv: no such translations from en to pt; set resources\.precomputed"):
        made("a\tb\n").identity(between("en", "pt"))
    with pytest.raises(DataError, match=r"^precomputed: which file\?"):
        Precomputed().identity(between("en", "pt"))
    with pytest.raises(DataError, match=r"is not UTF-8 \(byte 2\)"):
        list(made(b"a\t\xff\n").translate(["a"], between("en", "es")))


def test_its_identity_follows_the_contents(made, between):
    one, other, again = (made(text).identity(between("en", "es")) for text in ("a\tb\n", "a\tc\n", "a\tb\n"))
    assert one == again != other
