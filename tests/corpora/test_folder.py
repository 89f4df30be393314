import gzip
import os
from dataclasses import replace
from pathlib import Path

import pytest
from datasets import Dataset, DatasetDict
from pydantic import ValidationError

from xner.corpora.folder import Folder, FolderConfig
from xner.corpora.labels import LabelMap
from xner.errors import DataError
from xner.testing import CorpusReaderContract


class TestFolder(CorpusReaderContract):
    component = "folder"

    @pytest.fixture
    def settings(self, data_folder):
        return {"path": str(data_folder)}


@pytest.fixture
def root(tmp_path):
    for name in ("de/train.conll", "de/validation.jsonl", "de/notes.md", "en/test.TXT", ".git/x.json", "readme.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("Ann\tB-PER\n" if name.endswith("conll") else '{"tokens": ["x"]}')
    return tmp_path


def folder(path, **options):
    return Folder(FolderConfig(path=str(path), **options))


def test_layout(root):
    assert folder(root).splits() == {"de": ("train", "dev"), "en": ("test",)}
    corpus = folder(root).load("de", "train")
    assert (corpus.name, corpus.language, corpus.split) == (str(root), "de", "train")
    assert [tuple(sentence) for sentence in corpus] == [(["Ann"], ["B-PER"])]


@pytest.mark.parametrize("asked", ["dev", "validation", "valid"])
@pytest.mark.parametrize("stored", ["dev", "validation", "valid"])
def test_names_of_the_dev_split(tmp_path, asked, stored):
    (tmp_path / "de").mkdir()
    (tmp_path / "de" / f"{stored}.conll").write_text("a\tO\n")
    assert folder(tmp_path).splits() == {"de": ("dev",)}
    assert len(folder(tmp_path).load("de", asked)) == 1


def test_options_reach_the_reader(root):
    (root / "de/train.conll").write_bytes(b"1\tM\xfcller\tB-PER\tx\n")
    corpus = folder(root, token_column=1, tag_column=2, encoding="latin-1").load("de", "train")
    assert next(iter(corpus)).tokens == ["Müller"]


def test_a_file_serves_for_every_language_and_split(root):
    source = folder(root / "de/train.conll")
    assert source.splits() == {}
    assert source.load("xx", "test").counts == source.load("de", "train").counts == "1 sentences, 1 words, PER 1"
    assert source.load("xx", "test").language == "xx"


def test_a_home_folder(root, monkeypatch):
    monkeypatch.setenv("HOME", str(root))
    assert folder("~").splits() == folder(root).splits()
    assert len(folder("~").load("de", "train")) == 1


@pytest.mark.parametrize(
    ("language", "split", "said"),
    [
        ("dee", "train", "no language 'dee'; it has de, en. Did you mean 'de'?"),
        ("fr", "train", "no language 'fr'; it has de, en."),
        ("de", "test", "no split 'test'; it has train, dev"),
    ],
)
def test_what_is_not_there(root, language, split, said):
    with pytest.raises(DataError) as caught:
        folder(root).load(language, split)
    assert said in str(caught.value)
    assert str(root) in str(caught.value)


def test_two_files_for_one_split(root):
    (root / "de/dev.conll").write_text("a\tO\n")
    with pytest.raises(DataError, match=r"several files for 'dev', keep one: dev\.conll, validation\.jsonl"):
        folder(root).load("de", "dev")


def test_no_folder_and_no_corpora(root):
    with pytest.raises(DataError, match=r"no such file or folder\. Did you mean 'readme\.txt'\?"):
        folder(root / "readm.txt").load("de", "train")
    (root / "empty").mkdir()
    with pytest.raises(DataError, match=r"no corpora here; expected files .*empty/<language>/<split>\.conll$"):
        folder(root / "empty").load("de", "train")
    with pytest.raises(ValidationError, match="path"):
        Folder()


@pytest.mark.parametrize("content", ["", "\n\n", "-DOCSTART- O\n\n"])
def test_an_empty_file_is_named(root, content):
    (root / "de/train.conll").write_text(content)
    with pytest.raises(DataError, match=r"de/train\.conll: the file is empty; expected at least one sentence"):
        folder(root).load("de", "train")


@pytest.mark.skipif("XNER_TEST_DATA" not in os.environ, reason="XNER_TEST_DATA names no folder of corpora")
def test_counts_of_real_corpora():
    root = Path(os.environ["XNER_TEST_DATA"])
    counts = {
        ("uner", "en", "test"): "2,077 sentences, 25,097 words, PER 449, ORG 322, LOC 317",
        ("uner", "qaf", "dev"): "139 sentences, 2,210 words, PER 118, LOC 58, ORG 28",
        ("anercorp", "ar", "test"): "925 sentences, 25,007 words, PERS 907, LOC 676, ORG 459, MISC 243",
        ("turku", "fi", "dev"): "1,364 sentences, 18,308 words, PER 298, LOC 288, ORG 239, DATE 119, PRO 102, EVENT 17",
    }
    for (name, language, split), expected in counts.items():
        assert folder(root / name).load(language, split).counts == expected
    assert set(folder(root / "uner").splits()["tl"]) == {"test"}


@pytest.mark.parametrize(
    ("files", "language", "start"),
    [
        (["de/train.xyz"], "de", "no corpora here; expected files"),
        (["de/train.xyz", "en/train.conll"], "de", "no language 'de'; it has en."),
        (["de/train.xyz", "de/dev.conll"], "de", "no split 'train'; it has dev"),
    ],
)
def test_a_file_whose_suffix_says_nothing_is_named(tmp_path, files, language, start):
    for name in files:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("Ann\tB-PER\n")
    with pytest.raises(DataError) as error:
        folder(tmp_path).load(language, "train")
    assert f": {start}" in str(error.value)
    assert str(error.value).endswith(
        f"; {tmp_path / files[0]} is not read, since its suffix is none of .conll, .iob, .iob2, .bio, .tsv, .conllu, "
        ".train, .testa, .testb, .dev, .test, .jsonl, .json, .csv, .parquet, .txt"
    )


INDEXED = "#\tx\n1\tAnn\tb-PER\tx\n2\tran\tO\ty\n"


def test_a_corpus_says_how_it_was_read(tmp_path):
    (tmp_path / "de").mkdir()
    (tmp_path / "de" / "train.tsv").write_text(INDEXED)
    corpus = folder(tmp_path).load("de", "train")
    assert corpus.counts == "1 sentences, 2 words, PER 1; columns: 2 words, 3 tags"
    assert corpus.notes == (f"{tmp_path}/de/train.tsv:2: the tag 'b-PER' is read as B-PER",)
    for changed in (corpus.limit(1, 0), corpus.relabel(LabelMap((), {"PER": "P"}))):
        assert (changed.layout, changed.notes) == (corpus.layout, corpus.notes)
    assert corpus.relabel(LabelMap((), {"PER": "P"})).entities == {"P": 1}
    assert corpus.fingerprint == replace(corpus, layout="", notes=()).fingerprint


def test_names_as_those_of_conll_and_compressed_files(tmp_path):
    (tmp_path / "en").mkdir()
    for name in ("eng.train", "eng.testa", "eng.testb"):
        (tmp_path / "en" / name).write_text("Ann NNP I-NP I-PER\n")
    (tmp_path / "de").mkdir()
    for name in ("train.conll.gz", "valid.txt.gz"):
        (tmp_path / "de" / name).write_bytes(gzip.compress(b"Ann B-PER\nran O\n"))
    reader = folder(tmp_path)
    assert {name: set(splits) for name, splits in reader.splits().items()} == {
        "de": {"train", "dev"},
        "en": {"train", "dev", "test"},
    }
    for language, split in (("en", "train"), ("en", "dev"), ("en", "testa"), ("en", "test"), ("de", "dev")):
        assert reader.load(language, split).entities == {"PER": 1}


@pytest.fixture
def rows():
    return Dataset.from_dict({"tokens": [["Ann", "ran"]], "tags": [["B-PER", "O"]]})


def test_one_data_set_that_was_saved(tmp_path, rows):
    rows.save_to_disk(str(tmp_path / "one"))
    assert folder(tmp_path / "one").splits() == {}
    assert folder(tmp_path / "one").load("xx", "test").entities == {"PER": 1}


def test_saved_splits_are_those_of_every_language(tmp_path, rows):
    DatasetDict({"train": rows, "validation": rows}).save_to_disk(str(tmp_path / "all"))
    reader = folder(tmp_path / "all")
    assert reader.splits().get("xx") == reader.splits()["de"] == ("train", "dev")
    assert "test" not in reader.splits().get("xx", ())
    assert len(reader.splits()) == len(list(reader.splits())) == 1
    assert reader.load("xx", "dev").entities == {"PER": 1}
    with pytest.raises(DataError, match=r"all: no split 'test'; it has train, dev"):
        reader.load("xx", "test")


def test_saved_data_sets_in_folders_of_languages(tmp_path, rows):
    DatasetDict({"train": rows, "validation": rows}).save_to_disk(str(tmp_path / "de"))
    rows.save_to_disk(str(tmp_path / "en" / "test"))
    reader = folder(tmp_path)
    assert reader.splits() == {"de": ("train", "dev"), "en": ("test",)}
    assert reader.load("de", "dev").entities == reader.load("en", "test").entities == {"PER": 1}
