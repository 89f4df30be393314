import json
import shutil
import sys
from importlib.metadata import version

import numpy as np
import onnx
import pytest
import torch
from huggingface_hub import ModelCard
from transformers import BertForTokenClassification

import xner
from xner.corpora.corpus import Corpus, Sentence
from xner.errors import DataError, XnerError
from xner.machine.hardware import Hardware
from xner.machine.progress import Progress
from xner.tagging.tagger import Tagger
from xner.testing import tiny_corpus
from xner.using import exporting
from xner.using import onnx as export_module
from xner.using.exported import ExportedTagger
from xner.using.exporting import Form
from xner.using.onnx import RowScaled

CPU = Hardware(torch.device("cpu"), bf16=False)
QUIET = Progress(quiet=True)
load = ExportedTagger.load
TEXT = "Ada sees Rome near Acme Bayer , zed Juan Noor"


@pytest.fixture
def folders(exports):
    return exports


@pytest.fixture
def student(folders):
    return Tagger.load(folders / "student", CPU)


def export(student, folder, int8, progress):
    return exporting.export(student, folder, Form("onnx", int8), progress)


def corpus_of(sentences):
    return Corpus.from_sentences("x", "en", "test", map(Sentence, sentences))


def probabilities(tagger, corpus):
    return list(tagger.probabilities(corpus))


def tags(tagger, corpus):
    return [prediction.tags for prediction in tagger.tag(corpus)]


def weights(folder):
    return {one.name: one for one in onnx.load(folder / "model.onnx").graph.initializer}


@pytest.mark.parametrize("language", ["en", "xx"])
def test_an_export_says_what_the_student_says(folders, student, language):
    corpus = tiny_corpus(language, "test")
    exported = load(folders / "onnx")
    assert tags(exported, corpus) == tags(student, corpus)
    for one, two in zip(probabilities(exported, corpus), probabilities(student, corpus), strict=True):
        assert np.allclose(one, two, atol=1e-5)


def test_an_export_knows_how_its_checkpoint_was_chosen(folders, student):
    assert load(folders / "onnx").chosen_on == load(folders / "onnx-int8").chosen_on == student.chosen_on == "last step"


@pytest.mark.parametrize("budget", [1, 40, 4096])
def test_batches_of_any_size_give_the_same(folders, student, budget):
    corpus = corpus_of([["Ada"], ["Rome"] * 30, ["zed", "ko", "Juan"], ["Oslo"] * 12])
    expected = probabilities(student, corpus)
    exported = load(folders / "onnx")
    exported.room.tokens = budget
    for one, two in zip(probabilities(exported, corpus), expected, strict=True):
        assert np.allclose(one, two, atol=1e-5)


def test_a_sentence_of_many_windows(folders, student):
    corpus = corpus_of([[word for sentence in tiny_corpus(split="test") for word in sentence.tokens]])
    assert len(list(student.windower.windows(corpus))) > 10
    assert tags(load(folders / "onnx"), corpus) == tags(student, corpus)


def test_int8_mostly_agrees(folders, student):
    corpus = tiny_corpus(split="test")
    one, two = (np.concatenate(tags(tagger, corpus)) for tagger in (load(folders / "onnx-int8"), student))
    assert np.mean(one == two) > 0.97
    assert {"B-PER", "B-LOC", "B-ORG"} <= set(one)


def test_int8_has_no_large_weight_left_in_floats(folders):
    kept = weights(folders / "onnx-int8").values()
    assert max(np.prod(one.dims) for one in kept if one.data_type == onnx.TensorProto.FLOAT) <= 128
    (embeddings,) = (one for one in kept if list(one.dims) == [193, 32])
    assert embeddings.data_type in (onnx.TensorProto.INT8, onnx.TensorProto.UINT8)
    assert max(np.prod(one.dims) for one in weights(folders / "onnx").values()) == 193 * 32


def test_load_takes_an_export_as_it_takes_a_run(folders, student):
    predictor = xner.load(folders / "onnx")
    assert isinstance(predictor.tagger, ExportedTagger)
    assert (predictor.tagger.labels, predictor.tagger.max_length) == (student.labels, 64)
    texts = [TEXT, "", TEXT * 30]
    for text, found, expected in zip(
        texts, predictor.predict(texts), xner.Predictor(student).predict(texts), strict=True
    ):
        assert [(e.type, e.start, e.end) for e in found] == [(e.type, e.start, e.end) for e in expected]
        assert [e.score for e in found] == pytest.approx([e.score for e in expected], abs=2e-4)
        assert all(text[e.start : e.end] == e.text for e in found) and bool(found) == bool(text)


def test_the_files_of_an_export(folders):
    files = {file.name for file in (folders / "onnx").iterdir()}
    assert files == {path.name for path in (folders / "onnx-int8").iterdir()}
    assert {"model.onnx", "config.json", "tokenizer.json", "tokenizer_config.json", "README.md"} <= files
    names = json.loads((folders / "onnx" / "config.json").read_text())["id2label"]
    assert list(names.values())[:3] == ["O", "B-LOC", "I-LOC"]
    record = json.loads((folders / "onnx-int8" / "export.json").read_text())
    assert record["settings"]["int8"] is True
    assert record["versions"]["torch"] == version("torch")


def test_the_card_says_what_the_files_are_and_keeps_the_students(folders):
    card = ModelCard.load(folders / "onnx-int8" / "README.md")
    assert (card.data.language, card.data.license, card.data.library_name) == ("xx", "mit", "onnx")
    assert card.text.strip().startswith("# ONNX, int8 weights")
    assert card.text.strip().endswith("# xx: the card")
    assert "fp32 weights" in ModelCard.load(folders / "onnx" / "README.md").text


@pytest.mark.parametrize("bias", [True, False])
def test_row_scaling_changes_nothing_and_bounds_the_input(bias, monkeypatch):
    torch.manual_seed(0)
    x = torch.randn(2, 5, 8) * torch.tensor([1e-3, 1.0, 50.0, 0.0, 1.0])[:, None]
    linear, product, seen = torch.nn.Linear(8, 3, bias=bias), torch.nn.functional.linear, []
    expected = linear(x)
    monkeypatch.setattr(torch.nn.functional, "linear", lambda x, weight: seen.append(x) or product(x, weight))
    assert torch.allclose(RowScaled(linear)(x), expected, atol=1e-5)
    assert seen[0].abs().amax(-1).flatten().tolist() == pytest.approx([1, 1, 1, 0, 1] * 2)


def test_int8_scales_the_rows_of_the_feed_forward_layers_alone(student):
    export_module._scale_rows(student.model)
    names = {name.split("layer.")[-1] for name, part in student.model.named_modules() if isinstance(part, RowScaled)}
    assert names == {"classifier", *(f"{n}.{part}.dense" for n in "01" for part in ("intermediate", "output"))}


def test_the_same_export_again_takes_the_place_of_the_first(folders, tmp_path):
    target = shutil.copytree(folders / "onnx", tmp_path / "out")
    (target / "model.onnx").write_bytes(b"of the first")
    assert export(folders / "student", target, int8=False, progress=QUIET) == target
    assert load(target).labels.types == ("LOC", "ORG", "PER")
    assert [path.name for path in tmp_path.iterdir() if path.name != "cache"] == ["out"]


@pytest.mark.parametrize("int8", [False, True])
def test_weights_that_are_too_large_for_one_file_get_a_second(folders, student, tmp_path, monkeypatch, int8):
    monkeypatch.setattr(export_module, "_PROTOBUF_BYTES", 1000)
    export(folders / "student", tmp_path / "out", int8, QUIET)
    assert (tmp_path / "out" / "model.onnx.data").stat().st_size > 10 * 1000
    assert not (tmp_path / "out" / "fp32").exists()
    corpus = tiny_corpus(split="test")
    same = np.concatenate(tags(load(tmp_path / "out"), corpus)) == np.concatenate(tags(student, corpus))
    assert same.mean() > 0.97


def test_a_folder_that_holds_something_else(folders, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").touch()
    with pytest.raises(DataError, match="out: is there already and holds something else; choose another --out"):
        export(folders / "student", tmp_path / "out", int8=False, progress=QUIET)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["mine.txt"]


def test_an_export_of_other_weights_is_not_overwritten(folders, tmp_path):
    shutil.copytree(folders / "onnx", tmp_path / "out")
    with pytest.raises(DataError, match="is there already and holds something else"):
        export(folders / "student", tmp_path / "out", int8=True, progress=QUIET)


def test_a_folder_without_a_student(tmp_path):
    with pytest.raises(DataError, match=r"there is no tagger here; expected a folder with config\.json"):
        export(tmp_path, tmp_path / "out", int8=False, progress=QUIET)


@pytest.mark.parametrize("name", ["onnx", "onnxruntime", "onnxscript"])
def test_without_the_extra_it_says_what_to_install(folders, tmp_path, monkeypatch, name):
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(XnerError) as error:
        export(folders / "student", tmp_path / "out", int8=True, progress=QUIET)
    assert str(error.value) == f'this needs the package {name}; install it with: pip install "xner[onnx]"'
    assert not (tmp_path / "out").exists()


def test_loading_needs_the_runtime_alone(folders, monkeypatch):
    for name in ("onnx", "onnxscript"):
        monkeypatch.setitem(sys.modules, name, None)
    assert load(folders / "onnx").labels.types == ("LOC", "ORG", "PER")
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(XnerError, match=r'needs the package onnxruntime; install it with: pip install "xner\[onnx\]"$'):
        xner.load(folders / "onnx")


@pytest.mark.parametrize(
    ("name", "content"),
    [("model.onnx", b"short"), ("model.onnx", b""), ("config.json", b"{"), ("tokenizer.json", b"{")],
)
def test_a_damaged_export(folders, tmp_path, name, content):
    copy = shutil.copytree(folders / "onnx", tmp_path / "copy")
    (copy / name).write_bytes(content)
    with pytest.raises(DataError) as error:
        xner.load(copy)
    assert str(error.value).startswith(f"{copy}: cannot be loaded as a tagger: ")
    assert str(error.value).endswith("; `xner export` makes one")
    assert "\n" not in str(error.value)


def test_a_graph_that_computes_something_else_is_refused(folders, student, tmp_path, monkeypatch):
    student.model.classifier.bias.data -= 0.5
    student.save(tmp_path / "cache" / "student")
    graph = folders / "onnx" / "model.onnx"
    monkeypatch.setattr(export_module, "_trace", lambda model, file, large: shutil.copy(graph, file))
    with pytest.raises(XnerError, match=r"does not compute what BertForTokenClassification does: .* off by 0\.5; keep"):
        export(tmp_path / "cache" / "student", tmp_path / "out", int8=False, progress=QUIET)
    assert [path.name for path in tmp_path.iterdir() if path.name != "cache"] == []


def test_a_model_that_cannot_be_traced(folders, tmp_path, monkeypatch):
    plain = BertForTokenClassification.forward

    def forward(self, input_ids=None, attention_mask=None):
        if torch.compiler.is_exporting() and input_ids.float().mean().item() > 0:  # control flow by data
            input_ids = input_ids.clone()
        return plain(self, input_ids=input_ids, attention_mask=attention_mask)

    monkeypatch.setattr(BertForTokenClassification, "forward", forward)
    with pytest.raises(XnerError) as error:
        export(folders / "student", tmp_path / "out", int8=False, progress=QUIET)
    assert str(error.value).startswith("BertForTokenClassification cannot be exported to ONNX: ")
    assert "\n" not in str(error.value)
    assert [path.name for path in tmp_path.iterdir() if path.name != "cache"] == []
