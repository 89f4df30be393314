"""What xner writes: it is read back as it was, or refused."""

import io
import json
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xner.corpora.corpus import Sentence
from xner.corpora.formats import ReadOptions, read, write_conll
from xner.errors import DataError

TWO = [Sentence(["Ann", "ran"], ["B-PER", "O"]), Sentence(["Rome"], ["B-LOC"])]


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


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "x.conll"
    path.write_text("old")

    def broken():
        yield TWO[0]
        raise RuntimeError("stop")

    with pytest.raises(RuntimeError):
        write_conll(path, broken())
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_writing_through_a_link_and_to_a_device(tmp_path):
    (tmp_path / "link.conll").symlink_to(tmp_path / "real.conll")
    write_conll(tmp_path / "link.conll", TWO)
    assert (tmp_path / "link.conll").is_symlink()
    assert list(read(tmp_path / "real.conll", ReadOptions())) == TWO
    write_conll(str(tmp_path / "y.conll"), TWO)
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    write_conll(tmp_path / "pipe", TWO)
    assert os.read(reader, 100).startswith(b"Ann\tB-PER\n")
    os.close(reader)
    assert not (tmp_path / "pipe").is_file()


def test_where_one_cannot_write(tmp_path):
    (tmp_path / "file").touch()
    for target in (tmp_path / "no" / "x.conll", tmp_path, tmp_path / "file" / "x.conll"):
        with pytest.raises(DataError) as caught:
            write_conll(target, TWO)
        assert str(caught.value).startswith(f"{target}: cannot be written: ")
