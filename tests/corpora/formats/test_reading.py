import gzip
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xner.corpora.corpus import Sentence
from xner.corpora.formats.columns import write_conll
from xner.corpora.formats.options import ReadOptions
from xner.corpora.formats.reading import read, stem_of, suffix_of
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
        ("x.txt", "Ann\tB-PER\nran\tO\n"),
        ("x.jsonl", '{"text": "Ann ran."}\n'),
        ("x.json", '[{"text": "Ann ran."}]'),
        ("x.csv", "text\nAnn ran.\n"),
        ("x.conll.gz", "Ann\tB-PER\n"),
    ],
)
def test_a_file_is_opened_once(parse, opened, name, content):
    assert parse(content, name)
    assert opened == ["wb", "rb"]  # the test's own, and the reader's


ANN = [Sentence(["Ann", "ran"], ["B-PER", "O"])]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.conll", "Ann\tB-PER\nran\tO\n"),
        ("eng.testa", "Ann\tB-PER\nran\tO\n"),
        ("eng.testb", "Ann NNP I-NP B-PER\nran VBD B-VP O\n"),
        ("eng.train", "Ann NNP I-NP I-PER\nran VBD I-VP O\n"),
        ("train.txt", "Ann\tB-PER\nran\tO\n"),
        ("x.jsonl", '{"tokens": ["Ann", "ran"], "tags": ["B-PER", "O"]}\n'),
        ("x.json", '[{"tokens": ["Ann", "ran"], "tags": ["B-PER", "O"]}]'),
        ("x.csv", "token,tag\nAnn,B-PER\nran,O\n"),
    ],
)
@pytest.mark.parametrize("packed", ["", ".gz", ".GZ"])
def test_every_format_may_be_compressed(parse, tmp_path, name, content, packed):
    data = gzip.compress(content.encode()) if packed else content.encode()
    (tmp_path / f"{name}{packed}").write_bytes(data)
    assert list(read(tmp_path / f"{name}{packed}", ReadOptions())) == ANN


def test_compressed_parquet(tmp_path):
    pq.write_table(pa.table({"tokens": [["Ann", "ran"]], "tags": [["B-PER", "O"]]}), tmp_path / "x.parquet")
    (tmp_path / "x.parquet.gz").write_bytes(gzip.compress((tmp_path / "x.parquet").read_bytes()))
    assert list(read(tmp_path / "x.parquet.gz", ReadOptions())) == ANN


def test_names_without_their_suffixes():
    assert [stem_of(Path(name)) for name in ("a/train.conll", "train.CONLL.gz", "eng.testa")] == [
        "train",
        "train",
        "eng",
    ]
    assert [suffix_of(Path(name)) for name in ("train.CONLL.gz", "a.gz", "eng.testa")] == [".conll", "", ".testa"]
