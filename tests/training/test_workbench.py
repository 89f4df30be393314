from dataclasses import replace
from pathlib import Path

import pytest
import torch
from transformers import PreTrainedConfig

from xner.corpora.corpus import Corpus, Sentence
from xner.corpora.labels import LabelSet
from xner.errors import DataError, UsageError, XnerError
from xner.machine.hardware import Hardware
from xner.machine.progress import Progress
from xner.tagging import hubmodel
from xner.tagging.encoder import Encoder
from xner.tagging.hubmodel import HubModel
from xner.tagging.limits import freeze
from xner.teachers.recognizer import GoldTags
from xner.testing import tiny_corpus, tiny_encoder
from xner.training.settings import TrainingSettings


def test_a_new_tagger_is_the_same_for_the_same_seed(tiny_workbench, encoder_folder):
    first = tiny_workbench.new_tagger().model.state_dict()
    torch.rand(5)
    again = tiny_workbench.new_tagger().model.state_dict()
    other = replace(tiny_workbench, seed=1).new_tagger().model.state_dict()
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert {name for name in first if not torch.equal(first[name], other[name])} == {"classifier.weight"}


def test_the_pretrained_weights_are_loaded(tiny_workbench):
    torch.manual_seed(5)
    one = tiny_workbench.new_tagger().model.bert.encoder.layer[0].output.dense.weight
    two = replace(tiny_workbench, seed=9).new_tagger().model.bert.encoder.layer[0].output.dense.weight
    assert torch.equal(one, two)


@pytest.mark.parametrize(("asked", "got"), [(16, 16), (128, 128), (500, 128)])
def test_windows_are_no_longer_than_the_encoder_reads(tiny_workbench, asked, got):
    assert replace(tiny_workbench, max_length=asked).new_tagger().max_length == got


def test_a_tagger_is_read_back(tiny_workbench, tmp_path):
    tagger = tiny_workbench.new_tagger()
    tagger.save(tmp_path / "t")
    again = tiny_workbench.load_tagger(tmp_path / "t")
    assert (again.max_length, again.labels, again.hardware) == (64, tiny_workbench.labels, tiny_workbench.hardware)
    assert torch.equal(again.model.classifier.weight, tagger.model.classifier.weight)


def test_the_identity_has_everything_that_matters(tiny_workbench, tmp_path):
    other = tiny_encoder(tmp_path / "other")
    weights = other / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"\x01")
    benches = [
        tiny_workbench,
        replace(tiny_workbench, encoder=HubModel(HubModel.Config(path=str(other)))),
        replace(tiny_workbench, labels=LabelSet(("LOC", "ORG"))),
        replace(tiny_workbench, max_length=32),
        replace(tiny_workbench, freeze="words"),
        replace(tiny_workbench, seed=1),
        replace(tiny_workbench, hardware=Hardware(torch.device("cpu"), bf16=True)),
        replace(tiny_workbench, hardware=Hardware(torch.device("cpu"), bf16=False, compiled=True)),
    ]
    identities = [workbench.identity() for workbench in benches]
    assert all(one != other for place, one in enumerate(identities) for other in identities[:place])


def test_the_identity_has_nothing_else(tiny_workbench, tmp_path, encoder_folder):
    copy = HubModel(HubModel.Config(path=str(tiny_encoder(tmp_path / "copy"))))
    same = replace(tiny_workbench, folder=tmp_path / "elsewhere", progress=None, encoder=copy)
    assert same.identity() == tiny_workbench.identity()


def test_the_code_of_the_encoder_is_in_the_identity(tiny_workbench, tmp_path, monkeypatch):
    code = tmp_path / "own.py"
    code.write_text(Path(hubmodel.__file__).read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.setattr("xner.plugin.code.inspect.getfile", lambda kind: str(code))
    before = tiny_workbench.identity()
    assert before == tiny_workbench.identity()
    code.write_text(code.read_text(encoding="utf-8") + "# another line", encoding="utf-8")
    assert tiny_workbench.identity() != before


@pytest.mark.parametrize(("asked", "got"), [(None, 0.1), (0.0, 0.0), (0.4, 0.4)])
def test_dropout_before_the_head(tiny_workbench, asked, got):
    tagger = tiny_workbench.new_tagger()
    settings = TrainingSettings(epochs=1, batch_size=8, head_dropout=asked)
    tiny_workbench.train(tagger, GoldTags(tagger), tiny_corpus(size=8), settings)
    assert tagger.model.dropout.p == got
    assert tagger.model.bert.embeddings.dropout.p == 0.1


@pytest.mark.parametrize(
    ("what", "frozen"),
    [
        ("none", 0),
        ("words", 1),
        (0, 5),
        (1, 21),
        (2, 37),
        (9, 37),
        ("quarter", 5),
    ],  # 5 in the embeddings, 16 in a layer, 2 in the head
)
def test_what_is_frozen(tiny_workbench, what, frozen):
    model = tiny_workbench.new_tagger().model
    freeze(model, what)
    assert sum(not weight.requires_grad for weight in model.parameters()) == frozen
    assert model.classifier.weight.requires_grad


@pytest.mark.parametrize(("layers", "lowest"), [(2, 0), (4, 1), (6, 2), (12, 3), (24, 6)])
def test_a_quarter_of_the_layers(tiny_workbench, layers, lowest):
    model = tiny_workbench.new_tagger().model
    model.config.num_hidden_layers = layers
    freeze(model, "quarter")
    mine = [weight.requires_grad for weight in model.parameters()]
    freeze(other := tiny_workbench.new_tagger().model, lowest)
    assert mine == [weight.requires_grad for weight in other.parameters()]


def test_a_model_that_does_not_say_how_many_layers_it_has(tiny_workbench, monkeypatch):
    model = tiny_workbench.new_tagger().model
    monkeypatch.setattr(model, "config", PreTrainedConfig())
    with pytest.raises(
        UsageError, match=r"^freeze = quarter: the model does not say how many layers it has; set freeze"
    ):
        freeze(model, "quarter")


AMHARIC = Corpus.from_sentences("mine", "am", "train", [Sentence(["ኢትዮጵያ", "Rome", "Rome"])] * 3)


def test_unknown_words_are_told_once_whoever_learns_from_them_or_reads_them(tiny_workbench):
    told = []
    bench = replace(tiny_workbench, reads=(AMHARIC,), progress=Progress())
    bench.progress.say = told.append
    for number in range(2):
        tagger = bench.new_tagger()
        settings = TrainingSettings(epochs=1, batch_size=4)
        replace(bench, folder=bench.folder / str(number)).train(tagger, GoldTags(tagger), tiny_corpus(size=8), settings)
    assert [line for line in told if "does not know" in line] == [
        "mine am/train: the encoder's tokenizer does not know 3 of the first 9 words, such as ኢትዮጵያ; "
        "they all look the same to it"
    ]


@pytest.mark.parametrize("later", [False, True])
def test_unknown_words_are_refused_before_anything_is_trained(tiny_workbench, later):
    strange = Corpus.from_sentences("mine", "am", "train", [Sentence(["ኢትዮጵያ"], ["O"])])
    bench = replace(tiny_workbench, reads=(strange,) if later else ())
    tagger = bench.new_tagger()
    with pytest.raises(DataError, match=r"^mine am/train: the encoder's tokenizer does not know 1 of the first"):
        bench.train(tagger, GoldTags(tagger), tiny_corpus(size=8) if later else strange, TrainingSettings(epochs=1))
    assert not bench.folder.exists()


class Other(Encoder):
    """Returns what the test gives it."""

    def load(self, labels):
        return self.given


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda model, tokenizer: None, "returned NoneType; expected a model and its tokenizer$"),
        (
            lambda model, tokenizer: (tokenizer, model),
            r"returned \w+, BertForTokenClassification; expected a model",
        ),
        (lambda model, tokenizer: (classes(model, 5), tokenizer), "has 5 classes for 7 tags$"),
    ],
)
def test_an_encoder_that_returns_something_else(tiny_workbench, change, message):
    encoder = Other()
    encoder.given = change(*tiny_workbench.encoder.load(tiny_workbench.labels))
    with pytest.raises(XnerError, match=rf"^the encoder \S*test_workbench:Other {message}"):
        replace(tiny_workbench, encoder=encoder).new_tagger()


def classes(model, number):
    model.config.num_labels = number
    return model
