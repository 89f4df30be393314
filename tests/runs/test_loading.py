import shutil

import pytest

from xner.corpora.corpus import Sentence
from xner.corpora.folder import Folder
from xner.corpora.formats.columns import write_conll
from xner.errors import DataError, XnerError
from xner.plugin.manager import Plugins
from xner.runs.components import Components
from xner.runs.config import build
from xner.runs.loading import load_corpora
from xner.testing import tiny_corpus


@pytest.fixture(scope="module")
def plugins():
    return Plugins.load()


@pytest.fixture(scope="module")
def values(data_folder):
    return {"target.language": "xx", "source.dataset": str(data_folder), "target.dataset": str(data_folder)}


@pytest.fixture
def own(data_folder, tmp_path):
    """A copy of the corpora to change."""
    return shutil.copytree(data_folder, tmp_path / "own")


def data(plugins, *layers):
    config = build(*layers)
    return load_corpora(config, Components(plugins, config))


def test_target_labels_are_gone_before_any_method_sees_them(plugins, values):
    loaded = data(plugins, values)
    assert not loaded.target.labelled
    assert [corpus.labelled for corpus in (*loaded.sources, loaded.test)] == [True, True]
    assert loaded.labels.types == ("LOC", "ORG", "PER")


def test_limits_cut_source_and_target_but_not_the_test(plugins, values):
    loaded = data(plugins, values, {"source.limit": 7, "target.limit": 5})
    assert (len(loaded.sources[0]), len(loaded.target), len(loaded.test)) == (7, 5, 60)
    other = data(plugins, values, {"source.limit": 7, "target.limit": 5, "seed": 1})
    assert loaded.target.fingerprint != other.target.fingerprint


def test_several_sources_and_labels_that_are_mapped(plugins, values):
    loaded = data(plugins, values, {"source.languages": ["en", "xx"], "labels.map": {"ORG": "O"}})
    assert [corpus.language for corpus in loaded.sources] == ["en", "xx"]
    assert loaded.labels.types == ("LOC", "PER")
    assert set(loaded.test.entities) == {"LOC", "PER"}
    ordered = data(plugins, values, {"labels.types": ["PER", "LOC"], "labels.map": {"*": "O"}})
    assert ordered.labels.types == ("PER", "LOC")


def test_another_corpus_to_score_on(plugins, values, data_folder, tmp_path):
    shutil.copy(data_folder / "en" / "dev.conll", tmp_path / "dev.conll")
    loaded = data(plugins, values, {"target.test_dataset": str(tmp_path / "dev.conll")})
    assert loaded.test.fingerprint != data(plugins, values).test.fingerprint
    with pytest.raises(DataError, match="no split 'tset'"):
        data(plugins, values, {"target.test_dataset": str(data_folder), "target.test_split": "tset"})


def test_an_unlabelled_test_split_is_not_scored_on(plugins, values, data_folder, tmp_path):
    folder = shutil.copytree(data_folder, tmp_path / "data")
    (folder / "xx" / "test.conll").write_text("ta\nAda\n")
    assert data(plugins, values, {"target.dataset": str(folder)}).test is None


@pytest.mark.parametrize(
    ("sentences", "problem"),
    [
        ([Sentence(["a", "b"])], "has no labels, but a source must; expected one tag for each word"),
        ([Sentence(["a"], ["O"])], "has no entity to learn from; expected tags such as B-PER"),
    ],
)
def test_a_source_without_labels_or_entities(plugins, values, tmp_path, sentences, problem):
    (tmp_path / "en").mkdir()
    write_conll(tmp_path / "en" / "train.conll", sentences)
    with pytest.raises(DataError) as error:
        data(plugins, values, {"source.dataset": str(tmp_path)})
    assert str(error.value) == f"{tmp_path} en/train: {problem}"


@pytest.mark.parametrize(
    ("labels", "problem"),
    [
        ({"labels.types": ["per"], "labels.map.*": "O"}, "it has LOC, ORG, PER, and the run has per"),
        ({"labels.map": {"PER": "O", "LOC": "O", "ORG": "O"}}, "it has LOC, ORG, PER, and the run has none of them"),
    ],
)
def test_a_map_that_leaves_no_entity(plugins, values, labels, problem):
    with pytest.raises(DataError) as error:
        data(plugins, values, labels)
    assert str(error.value).endswith(f" en/train: none of its entities is left; {problem}; correct --labels or --map")


def test_a_corpus_plugin_that_returns_something_else(plugins, values, monkeypatch):
    monkeypatch.setattr(Folder, "load", lambda *_: None)
    with pytest.raises(XnerError, match=r"^the corpus xner.corpora.folder:Folder returned NoneType for en/train; ex"):
        data(plugins, values)


@pytest.mark.parametrize("place", ["en/train", "xx/train", "xx/test"])
def test_an_empty_word_is_told_before_anything_is_trained(plugins, values, data_folder, tmp_path, place):
    own = shutil.copytree(data_folder, tmp_path / "own")
    (own / f"{place}.conll").unlink()
    (own / f"{place}.jsonl").write_text('{"tokens": ["Ada", ""], "tags": ["B-PER", "O"]}\n')
    with pytest.raises(DataError, match=rf"{place}\.jsonl:1: word 2 of 2 is empty; take it out, and its tag$"):
        data(plugins, values, {"source.dataset": str(own), "target.dataset": str(own)})


# dev sentences


def test_dev_sentences_are_loaded_only_if_they_are_to_choose(plugins, values, own):
    for language in ("en", "xx"):
        (own / language / "dev.conll").unlink()
    loaded = data(plugins, values, {"source.dataset": str(own), "target.dataset": str(own)})
    assert loaded.dev is None
    assert [f"{corpus.language}/{corpus.split}" for corpus in loaded.corpora] == ["en/train", "xx/train", "xx/test"]


@pytest.mark.parametrize(
    ("rule", "sources", "languages"),
    [
        ("source-dev", ["en"], ["en"]),
        ("source-dev", ["en", "xx"], ["en", "xx"]),
        ("target-dev", ["en"], ["xx"]),
        ("target-dev", ["en", "xx"], ["xx"]),
    ],
)
def test_whose_dev_sentences(plugins, values, rule, sources, languages):
    loaded = data(plugins, values, {"checkpoint": rule, "source.languages": sources, "source.limit": 5})
    assert loaded.dev.choice == rule
    assert [corpus.language for corpus in loaded.dev.corpora] == languages
    assert [corpus.fingerprint for corpus in loaded.dev.corpora] == [
        tiny_corpus(language, "dev").fingerprint for language in languages
    ]
    assert [corpus for corpus in loaded.corpora if corpus.split == "dev"] == list(loaded.dev.corpora)
    assert loaded.corpora[-1] is loaded.test
    assert not loaded.target.labelled


@pytest.mark.parametrize("side", ["source", "target"])
def test_dev_sentences_from_elsewhere_and_with_the_runs_labels(plugins, values, tmp_path, side):
    sentences = [Sentence(["Ada", "Acme"], ["B-PERS", "B-ORG"])]
    write_conll(tmp_path / "elsewhere.conll", sentences)
    options = {"checkpoint": f"{side}-dev", f"{side}.dev_dataset": str(tmp_path / "elsewhere.conll")}
    loaded = data(plugins, values, options, {"labels.map": {"PERS": "PER", "ORG": "O"}})
    (dev,) = loaded.dev.corpora
    assert [sentence.tags for sentence in dev] == [["B-PER", "O"]]
    with pytest.raises(DataError, match="no place for the label 'PERS'"):
        data(plugins, values, options)
    (other,) = data(plugins, values, {"checkpoint": f"{side}-dev", f"{side}.dev_split": "train"}, APART).dev.corpora
    assert other.split == "train"


APART = {"source.languages": ["en"], "source.split": "dev"}
"""Lets the train split serve as dev."""


@pytest.mark.parametrize("content", [None, "Ada\nin\n", "Ada\tO\nin\tO\n"], ids=["none", "unlabelled", "no entities"])
@pytest.mark.parametrize("side", ["source", "target"])
def test_without_labelled_dev_sentences_it_is_said_what_to_do(plugins, values, own, side, content):
    language = {"source": "en", "target": "xx"}[side]
    file = own / language / "dev.conll"
    file.unlink()
    if content:
        file.write_text(content)
    with pytest.raises(DataError) as error:
        data(plugins, values, {f"{side}.dataset": str(own), "checkpoint": f"{side}-dev"})
    assert str(error.value) == (
        f"{own} {language}: no labelled split 'dev' to choose checkpoints on; name one with {side}.dev_split or "
        f"{side}.dev_dataset, or keep the last with --checkpoint last"
    )


@pytest.mark.parametrize(("side", "what"), [("source", "en/train"), ("target", "xx/test")])
def test_what_is_learned_from_or_scored_on_cannot_choose(plugins, values, data_folder, side, what):
    language, split = what.split("/")
    file = str(data_folder / language / f"{split}.conll")
    options = {"checkpoint": f"{side}-dev", f"{side}.dev_dataset": file, "source.limit": 7}
    with pytest.raises(DataError) as error:
        data(plugins, values, options)
    assert str(error.value) == (
        f"{file} {language}/dev: has every sentence of {data_folder} {what}, so it can judge nothing; "
        f"set {side}.dev_split to another split"
    )


def dev_of(plugins, *layers):
    config = build(*layers)
    return load_corpora(config, Components(plugins, config), reads_dev=True)


def test_a_method_that_reads_them_gets_dev_sentences_of_the_sources(plugins, values, own):
    loaded = dev_of(plugins, values, {"source.languages": ["en", "zz"]})
    assert [(corpus.language, corpus.split, corpus.labelled) for corpus in loaded.source_dev] == [
        ("en", "dev", True),
        ("zz", "dev", True),
    ]
    assert loaded.dev is None and [*loaded.source_dev] == [*loaded.corpora[2:4]]
    chosen = dev_of(plugins, values, {"checkpoint": "source-dev"})
    assert [corpus.split for corpus in chosen.corpora] == ["train", "dev", "train", "test"]  # both, and once
    assert not data(plugins, values).source_dev
    (own / "en" / "dev.conll").unlink()
    assert not dev_of(plugins, values, {"source.dataset": str(own)}).source_dev  # it does without
    (own / "zz" / "dev.conll").write_text("Ada\nin\n")
    assert not dev_of(plugins, values, {"source.dataset": str(own), "source.languages": ["zz"]}).source_dev


def test_dev_sentences_that_a_method_reads_are_in_the_runs_label_set(plugins, values):
    loaded = dev_of(plugins, values, {"labels.map": {"ORG": "O"}})
    assert set(loaded.source_dev[0].entities) == {"LOC", "PER"}


def test_dev_sentences_that_are_those_of_the_source_are_refused(plugins, values):
    with pytest.raises(DataError, match=r"so it can judge nothing; set source\.dev_split to another split"):
        dev_of(plugins, values, {"source.dev_split": "train"})


def test_source_and_target_may_be_laid_out_differently(plugins, tmp_path):
    (tmp_path / "source.tsv").write_text("1\tAda\tB-PER\tB-X\n2\tsees\tO\tO\n")
    (tmp_path / "target.tsv").write_bytes("B-X\tZoë\tB-PER\nO\tko\tO\n".encode("latin-1"))
    given = {
        "source.dataset": str(tmp_path / "source.tsv"),
        "target.dataset": str(tmp_path / "target.tsv"),
        "target.corpora.folder": {"encoding": "latin-1", "token_column": 1, "tag_column": 2},
    }
    loaded = data(plugins, given)
    assert [next(iter(corpus)).tokens for corpus in (*loaded.sources, loaded.target)] == [
        ["Ada", "sees"],
        ["Zoë", "ko"],
    ]
    assert [tuple(corpus.entities) for corpus in (*loaded.sources, loaded.test)] == [("PER",), ("PER",)]
    assert loaded.sources[0].counts.endswith("; columns: 2 words, 3 tags")


def test_what_was_repaired_is_said_once_for_each_file(plugins, tmp_path):
    (tmp_path / "x.conll").write_text("Ada\tB_PER\nsees\tO\n")
    loaded = data(plugins, {"source.dataset": str(tmp_path / "x.conll"), "target.dataset": str(tmp_path / "x.conll")})
    assert loaded.notes == (f"{tmp_path}/x.conll:1: the tag 'B_PER' is read as B-PER",)
    assert loaded.target.notes == ()  # they show tags
