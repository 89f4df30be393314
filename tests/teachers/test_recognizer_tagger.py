"""The recognizer as a tagger of other people, which is not trained."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.models import theirs
from tests.stand_ins import SOURCE, TARGET
from xner.corpora.labels import LabelSet
from xner.errors import DataError, UsageError
from xner.store.stages import TAGGER
from xner.tagging.tagger import Tagger
from xner.teachers.recognizer import Recognizer, RecognizerSettings
from xner.testing import tiny_corpus

TURNED = LabelSet(("LOC", "ORG", "PER")).tags[::-1]


@pytest.fixture
def public(tagger_folder, tmp_path):
    """A tagger whose classes stand in another order, O last."""
    return theirs(tagger_folder, tmp_path / "public", range(6, -1, -1), TURNED)


@pytest.fixture
def knows(tagger_folder, tiny_workbench):
    """What it says, in our order."""
    return list(Tagger.load(tagger_folder, tiny_workbench.hardware).probabilities(TARGET))


def teacher(folder, **more):
    return Recognizer(RecognizerSettings(tagger=str(folder), **more))


def test_it_is_taken_as_it_is(public, knows, tiny_workbench, tmp_path):
    taken = teacher(public)
    taken.fit(tiny_corpus(size=4), tiny_workbench)
    taken.save(tmp_path / "saved")
    again = teacher(public)
    again.restore(tmp_path / "saved", tiny_workbench)
    for one, two in zip(again.label(TARGET), knows, strict=True):
        assert np.allclose(one["probabilities"], two, atol=1e-5)
    assert Tagger.load(tmp_path / "saved" / TAGGER).max_length == 64
    assert not tiny_workbench.folder.exists()  # nothing was trained


def test_the_source_may_be_anything(public, tiny_workbench):
    teacher(public).fit(tiny_corpus(size=4).without_labels(), tiny_workbench)
    with pytest.raises(DataError, match="has no labels, so no recognizer can learn from it"):
        Recognizer().fit(tiny_corpus(size=4).without_labels(), tiny_workbench)


def key(make_context, settings, workbench):
    context = make_context({f"teachers.recognizer.{name}": value for name, value in settings.items()}, True, workbench)
    return context.fit("recognizer", SOURCE).stage.key


def test_its_identity_is_in_the_key(public, make_context, tiny_workbench):
    first = key(make_context, {"tagger": str(public)}, tiny_workbench)
    assert first == key(make_context, {"tagger": str(public)}, tiny_workbench)
    assert first != key(make_context, {}, tiny_workbench)
    mapped = replace(tiny_workbench, renames={"MISC": "O"})
    assert first != key(make_context, {"tagger": str(public)}, mapped)
    assert key(make_context, {}, mapped) == key(make_context, {}, tiny_workbench)
    weights = bytearray((public / "model.safetensors").read_bytes())
    weights[-1] ^= 1
    (public / "model.safetensors").write_bytes(weights)
    assert first != key(make_context, {"tagger": str(public)}, tiny_workbench)


def test_types_that_do_not_fit_are_said_before_the_first_stage(public, make_context, tiny_workbench):
    few = replace(tiny_workbench, labels=LabelSet(("LOC", "PER")))
    with pytest.raises(UsageError, match=r"public: finds PER, ORG, LOC, and the labels are .*--map ORG=O$"):
        key(make_context, {"tagger": str(public)}, few)
    assert key(make_context, {"tagger": str(public)}, replace(few, renames={"ORG": "O"}))
    with pytest.raises(DataError, match=r"cannot load the tagger 'nobody/nothing'"):
        key(make_context, {"tagger": "nobody/nothing"}, tiny_workbench)


def test_a_tagger_of_the_hub_is_a_commit(public, knows, make_context, tiny_workbench, tmp_path, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    there = tmp_path / "hub" / "models--a--ner"
    (there / "refs").mkdir(parents=True)
    (there / "snapshots").mkdir()
    public.rename(there / "snapshots" / ("1" * 40))
    (there / "refs" / "main").write_text("1" * 40)
    taken = teacher("a/ner")
    assert taken.identity(tiny_workbench)["tagger"] == f"a/ner@{'1' * 40}"
    taken.fit(tiny_corpus(size=4), tiny_workbench)
    for one, two in zip(taken.label(TARGET), knows, strict=True):
        assert np.allclose(one["probabilities"], two, atol=1e-5)


@pytest.mark.parametrize("start", ["teacher", "encoder"])
def test_a_student_learns_from_it(train, public, start):
    options = {"teachers.recognizer.tagger": str(public), "student.start": start}
    run = train("tsl", ("student",), options, epochs=2, batch_size=8, learning_rate=5e-3)
    assert run.metrics.overall.f1 > 30
    again = Tagger.load(run.folder / "student")
    assert again.labels == LabelSet(("LOC", "ORG", "PER"))


def test_it_goes_on_learning_where_a_method_says_so(make_context, public):
    quick = {"epochs": 3, "batch_size": 4, "learning_rate": 0.01, "tagger": str(public)}
    context = make_context({f"teachers.recognizer.{name}": value for name, value in quick.items()})
    taken = context.fit("recognizer", tiny_corpus(size=8))
    taught = context.fit("recognizer", tiny_corpus(size=8), start=taken.stage)
    before, after = (
        Tagger.load(teacher.stage.folder / "tagger").model.classifier.weight for teacher in (taken, taught)
    )
    assert not torch.equal(before, after)


def test_direct_is_that_tagger(train, public, tagger_folder, xner, data_folder):
    run = train("direct", (), {"teachers.recognizer.tagger": str(public), "decoding.rule": "legal"})
    scored = ("--dataset", data_folder, "--tgt", "xx", "--precision", "fp32", "--decoding", "legal", "--json")
    own = json.loads(xner("evaluate", tagger_folder, *scored)[1])["by_type"]
    for folder in (public, run.folder, run.folder / "student"):
        assert json.loads(xner("evaluate", folder, *scored)[1])["by_type"] == own
    assert {name: score.model_dump() for name, score in run.metrics.by_type.items()} == own
    assert run.metrics.overall.f1 > 40


def test_a_tagger_without_names_is_evaluated_and_taught_with_names(train, tagger_folder, tmp_path, xner, data_folder):
    nameless = theirs(tagger_folder, tmp_path / "n", range(7), [f"LABEL_{number}" for number in range(7)])
    names = ",".join(LabelSet(("LOC", "ORG", "PER")).tags)
    scored = ("--dataset", data_folder, "--tgt", "xx", "--precision", "fp32", "--json")
    own = json.loads(xner("evaluate", tagger_folder, *scored)[1])["overall"]
    assert json.loads(xner("evaluate", nameless, "--names", names, *scored)[1])["overall"] == own
    said = [xner("predict", tagger_folder, "Ada in Rome"), xner("predict", nameless, "--names", names, "Ada in Rome")]
    assert said[0][:2] == said[1][:2] and said[0][0] == 0  # the third is progress, with times
    code, _, err = xner("predict", nameless, "Ada in Rome")
    assert (code, err.count("\n")) == (1, 1) and "LABEL_0" in err and "--names" in err
    more = {"teachers.recognizer.tagger": str(nameless), "teachers.recognizer.names": names, "decoding.rule": "legal"}
    legal = json.loads(xner("evaluate", tagger_folder, "--decoding", "legal", *scored)[1])["overall"]
    assert train("direct", (), more).metrics.overall.model_dump() == legal


def test_an_export_reads_the_classes_in_the_same_way(public, tmp_path, xner):
    assert xner("export", public, "--out", tmp_path / "onnx")[0] == 0
    texts = ("Ada sees Rome", "zed Juan", "--format", "conll")
    fp32 = ("--precision", "fp32")
    exported, whole = xner("predict", tmp_path / "onnx", *texts), xner("predict", public, *texts, *fp32)
    assert exported[:2] == whole[:2] and exported[0] == 0
