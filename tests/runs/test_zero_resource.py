"""Gold labels of the target can reach no training."""

import random
from dataclasses import fields, replace
from pathlib import Path

import pytest
from safetensors.torch import load_file

from xner.corpora.corpus import Corpus, Sentence
from xner.corpora.formats.columns import write_conll
from xner.errors import DataError
from xner.machine.progress import Progress
from xner.methods.method import TransferTask
from xner.plugin.manager import Plugins
from xner.runs.components import Components
from xner.runs.config import build
from xner.runs.loading import load_corpora
from xner.runs.prepared import prepare
from xner.store.stages import TAGGER
from xner.students.batch import SignalBatch
from xner.testing import tiny_corpus, tiny_folder

QUICK = {
    f"{part}.{name}": value
    for part in ("teachers.recognizer", "teachers.similarity", "teachers.joint", "student")
    for name, value in (("epochs", 1), ("learning_rate", 1e-3), ("batch_size", 8))
}


LANGUAGES = "en", "zz", "xx"


@pytest.fixture
def right(tmp_path):
    return tiny_folder(tmp_path / "right", LANGUAGES)


@pytest.fixture
def wrong(tmp_path):
    """The same corpora, but the target's training and dev sentences have other gold labels."""
    return shuffle(shuffle(tiny_folder(tmp_path / "wrong", LANGUAGES), "xx"), "xx", "dev")


@pytest.fixture
def bare(tmp_path):
    """The same corpora, but the target has neither training labels nor dev sentences."""
    folder = tiny_folder(tmp_path / "bare", LANGUAGES)
    (folder / "xx" / "dev.conll").unlink()
    write_conll(folder / "xx" / "train.conll", tiny_corpus("xx", "train").without_labels())
    return folder


def shuffle(folder, language, split="train"):
    sentences = list(tiny_corpus(language, split))
    tags = [tag for sentence in sentences for tag in sentence.tags]
    random.Random(1).shuffle(tags)
    shuffled = iter(tags)
    file = folder / language / f"{split}.conll"
    before = file.read_text()
    write_conll(file, (Sentence(s.tokens, [next(shuffled) for _ in s.tokens]) for s in sentences))
    assert file.read_text() != before
    return folder


def config_of(folder, encoder, method="mtmt", sources=("en",), checkpoint="last"):
    return build(
        {
            "method": method,
            "checkpoint": checkpoint,
            "source.languages": sources,
            "encoder": str(encoder),
            "precision": "fp32",
            "source.dataset": str(folder),
            "target.dataset": str(folder),
            "source.limit": 20,
            "target.language": "xx",
            "target.limit": 20,
            **QUICK,
        }
    )


@pytest.fixture
def train(encoder_folder, tmp_path, monkeypatch):
    """Trains on a folder with a cache of its own; returns the student's weights as bytes and the stages' keys."""

    def run(folder, method, *sources, checkpoint="last"):
        monkeypatch.setenv("XNER_CACHE", str(tmp_path / f"cache-{folder.name}"))
        config = config_of(folder, encoder_folder, method, sources or ("en",), checkpoint)
        script = prepare(config, Plugins.load(), Progress(quiet=True)).run()
        files = (script.last.folder / TAGGER).glob("*.safetensors")  # its own, and links to those that stages share
        weights = {name: weight for file in files for name, weight in load_file(file).items()}
        return {name: weight.numpy().tobytes() for name, weight in weights.items()}, [s.key for s in script.stages]

    return run


@pytest.mark.parametrize("checkpoint", ["last", "source-dev"])
@pytest.mark.parametrize("method", ["direct", "tsl", "mtmt", "mtst"])
def test_without_target_labels_or_with_others_the_student_is_the_same(train, right, wrong, bare, method, checkpoint):
    student = train(right, method, checkpoint=checkpoint)
    assert student == train(wrong, method, checkpoint=checkpoint)
    assert student == train(bare, method, checkpoint=checkpoint)


@pytest.mark.parametrize("checkpoint", ["last", "source-dev"])
def test_no_labelled_target_corpus_is_in_reach_of_a_training(right, encoder_folder, checkpoint):
    config = config_of(right, encoder_folder, checkpoint=checkpoint)
    dev = prepare(config, Plugins.load(), Progress(quiet=True)).context.workbench.dev
    languages = [corpus.language for corpus in dev.corpora] if dev else []
    assert languages == {"last": [], "source-dev": ["en"]}[checkpoint]


def test_asked_for_target_labels_choose_and_the_stages_say_so(train, right, wrong, bare):
    _, keys = train(right, "tsl", checkpoint="target-dev")
    _, other_keys = train(wrong, "tsl", checkpoint="target-dev")
    assert not set(keys) & {*other_keys, *train(right, "tsl")[1], *train(right, "tsl", checkpoint="source-dev")[1]}
    with pytest.raises(DataError, match="no labelled split 'dev' to choose checkpoints on"):
        train(bare, "tsl", checkpoint="target-dev")


@pytest.mark.parametrize("checkpoint", ["last", "source-dev"])
@pytest.mark.parametrize("method", ["tsl", "tsl-multi", "mtmt"])
def test_so_it_is_with_several_sources(train, right, wrong, method, checkpoint):
    student = train(right, method, "en", "zz", checkpoint=checkpoint)
    assert student == train(wrong, method, "en", "zz", checkpoint=checkpoint)


def test_shuffled_source_labels_do_not(train, right, tmp_path):
    weights, keys = train(right, "mtmt")
    others, other_keys = train(shuffle(tiny_folder(tmp_path / "source"), "en"), "mtmt")
    for name in ("classifier.weight", "bert.encoder.layer.0.attention.self.query.weight"):
        assert weights[name] != others[name]
    assert not set(keys) & set(other_keys)


def test_target_labels_that_the_run_has_no_place_for_are_no_error(right, encoder_folder):
    sentences = [Sentence(s.tokens, ["B-UNHEARD"] * len(s.tokens)) for s in tiny_corpus("xx", "train")]
    write_conll(right / "xx" / "train.conll", sentences)
    config = config_of(right, encoder_folder)
    data = load_corpora(config, Components(Plugins.load(), config))
    assert data.labels.types == ("LOC", "ORG", "PER")


def test_the_target_of_a_task_has_no_labels(right, encoder_folder):
    config = config_of(right, encoder_folder)
    target = load_corpora(config, Components(Plugins.load(), config)).target
    assert not target.labelled
    assert target.data.column_names == ["tokens"]
    assert target.data.data.column_names == ["tokens"]  # nor in the Arrow table beneath
    assert all(sentence.tags is None for sentence in target)
    assert not target.entities
    assert target.relabel(config.labels.to_map()) == target
    assert not target.limit(5, 0).labelled


def test_a_task_has_nothing_else():
    assert [field.name for field in fields(TransferTask)] == ["sources", "target", "dev"]
    public = {name for name in dir(TransferTask((), tiny_corpus().without_labels())) if not name.startswith("_")}
    assert public == {"sources", "target", "source", "dev"}
    assert [field.name for field in fields(SignalBatch)] == ["columns", "sentences", "pairs"]


@pytest.mark.parametrize("checkpoint", ["last", "source-dev", "target-dev"])
def test_dev_sentences_of_a_task_are_the_sources(right, encoder_folder, monkeypatch, checkpoint):
    config = build(config_of(right, encoder_folder, "direct").model_dump(), {"checkpoint": checkpoint})
    kind, handed = Plugins.load().get("methods", "direct"), []
    run = kind.run
    monkeypatch.setattr(kind, "reads_dev", True)
    prepared = prepare(config, Plugins.load(), Progress(quiet=True))
    monkeypatch.setattr(kind, "run", lambda self, task, context: handed.append(task) or run(self, task, context))
    assert prepared.plan and [(corpus.language, corpus.split) for corpus in handed[0].dev] == [("en", "dev")]


def test_labels_do_not_come_back_by_way_of_the_corpus():
    bare = tiny_corpus("xx").without_labels()
    assert [field.name for field in fields(Corpus)] == ["name", "language", "split", "data", "layout", "notes"]
    assert replace(bare, notes=("a:1: the tag 'B_PER' is read",)).without_labels().notes == ()
    assert bare.fingerprint == bare.without_labels().fingerprint != tiny_corpus("xx").fingerprint


def test_the_test_split_is_loaded_but_not_handed_to_the_method(right, encoder_folder, monkeypatch):
    config = config_of(right, encoder_folder, "direct")
    prepared = prepare(config, Plugins.load(), Progress(quiet=True))
    handed, kind, data = [], type(prepared.method), prepared.corpora
    run = kind.run
    monkeypatch.setattr(kind, "run", lambda self, task, ctx: handed.append(task) or run(self, task, ctx))
    _ = prepared.plan
    (task,) = handed
    assert task.sources == data.sources and task.target == data.target
    assert data.test.labelled and Path(data.test.name) == right
