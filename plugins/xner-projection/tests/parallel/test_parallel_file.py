import pytest

from xner.errors import DataError
from xner_projection.parallel.parallel_file import parallel_text


def test_sentences_and_the_words_of_their_translations(tmp_path):
    (tmp_path / "en-de.tsv").write_text("Ada sees Rome.\tAda sieht Rom.\n\n \tnichts\n(Oslo)\tOslo\n", encoding="utf-8")
    text, others = parallel_text(str(tmp_path / "{source}-{target}.tsv"), "en", "de")
    assert [s.tokens for s in text] == [["Ada", "sees", "Rome", "."], ["(", "Oslo", ")"]]
    assert others == [["Ada", "sieht", "Rom", "."], ["Oslo"]]
    assert (text.language, text.labelled) == ("en", False)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, r"made\.tsv: no such parallel text of en and de; set methods\.ws\.parallel$"),
        (b"a b\n", r"made\.tsv:1: expected a sentence, a tab and its translation: 'a b'$"),
        (b"a\tb\tc\n", r"made\.tsv:1: expected a sentence"),
        (b"a\t\xff\n", r"made\.tsv: is not UTF-8 \(byte 2\); convert it$"),
        (b"\n", r"the corpus is empty"),
    ],
)
def test_what_is_none_is_told(tmp_path, content, message):
    file = tmp_path / "made.tsv"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(DataError, match=message):
        parallel_text(str(file), "en", "de")
