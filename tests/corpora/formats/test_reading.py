import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xner.corpora.corpus import Sentence
from xner.corpora.formats.columns import write_conll
from xner.corpora.formats.options import ReadOptions
from xner.corpora.formats.reading import read
from xner.errors import DataError


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


# what a column file can hold: no separators, and nothing that reads as a comment, a document's start or a BOM
word = st.text(st.characters(exclude_characters="\t\r\n", exclude_categories=["Cs"]), min_size=1).filter(
    lambda token: token[0] not in "#\ufeff" and not token.startswith("-DOCSTART-")
)
labelled = st.lists(st.tuples(word, st.sampled_from(["O", "B-PER", "I-PER", "B-LOC"])), min_size=1)


@given(st.lists(labelled), st.booleans())
def test_what_is_written_is_read_back(tmp_path_factory, sentences, as_json):
    path = tmp_path_factory.mktemp("trip") / ("x.jsonl" if as_json else "x.conll")
    expected = []
    for pairs in sentences:
        tokens, tags = [token for token, _ in pairs], [tag for _, tag in pairs]
        for place, tag in enumerate(tags):  # make it IOB2
            if tag == "I-PER" and (place == 0 or not tags[place - 1].endswith("PER")):
                tags[place] = "B-PER"
        expected.append(Sentence(tokens, tags))
    if as_json:
        fields = ({"tokens": sentence.tokens, "tags": sentence.tags} for sentence in expected)
        path.write_text("".join(f"{json.dumps(one)}\n" for one in fields), encoding="utf-8")
    else:
        write_conll(path, expected)
    assert list(read(path, ReadOptions(strip_prefix=False))) == expected


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.conll", "# text = a\n#\n-DOCSTART- O\n\nAnn\tB-PER\nran\tO\n"),
        ("x.conll", "zh:a\tO\nzh:b\tO\n"),
        ("x.conll", "#a\n#b"),
        ("x.txt", "Ann ran.\nRome\n"),
        ("x.jsonl", '{"text": "Ann ran."}\n'),
    ],
)
def test_a_file_is_opened_once(parse, monkeypatch, name, content):
    opened, whole = [], Path.open
    monkeypatch.setattr(Path, "open", lambda path, mode="r", *more: opened.append(mode) or whole(path, mode, *more))
    assert parse(content, name)
    assert opened == ["wb", "rb"]  # the test's own, and the reader's
