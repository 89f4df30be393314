import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from tests.models import KINDS, write_kind
from xner.corpora.labels import LabelSet
from xner.errors import DataError
from xner.tagging import hubmodel
from xner.tagging.hubmodel import HubModel, load_pretrained
from xner.tagging.tagger import Tagger
from xner.testing import EncoderContract


class TestHubModel(EncoderContract):
    component = "hub"

    @pytest.fixture
    def settings(self, encoder_folder):
        return {"path": str(encoder_folder)}


LABELS = LabelSet(("LOC", "PER"))


def encoder(path, **settings):
    return HubModel(HubModel.Config(path=str(path), **settings))


def test_a_folder_becomes_a_tagger_for_the_label_set(encoder_folder):
    model, tokenizer = encoder(encoder_folder).load(LABELS)
    assert model.config.num_labels == 5
    assert model.config.id2label == {0: "O", 1: "B-LOC", 2: "I-LOC", 3: "B-PER", 4: "I-PER"}
    assert model.config.label2id == LABELS.ids
    assert model.classifier.weight.shape == (5, 32)
    assert tokenizer.is_fast


def test_a_head_for_other_classes_is_not_taken_over(encoder_folder, tmp_path):
    torch.manual_seed(0)
    model, tokenizer = load_pretrained(str(encoder_folder), LabelSet(("A", "B", "C", "D")))
    model.save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    again, _ = load_pretrained(str(tmp_path), LABELS)
    assert again.classifier.weight.shape == (5, 32)
    assert again.config.id2label[1] == "B-LOC"
    name = "embeddings.word_embeddings.weight"
    assert torch.equal(again.base_model.state_dict()[name], model.base_model.state_dict()[name])


@pytest.mark.parametrize(("kind", "asked"), [("roberta", True), ("bert", False), ("xlm-roberta", False)])
def test_byte_level_tokenizers_are_told_that_words_are_split(monkeypatch, kind, asked):
    class Config:
        model_type = kind

    given = {}
    monkeypatch.setattr(hubmodel, "check_vocabulary", lambda path, tokenizer: None)
    monkeypatch.setattr(hubmodel.AutoConfig, "from_pretrained", lambda path, **options: Config())
    monkeypatch.setattr(hubmodel.AutoTokenizer, "from_pretrained", lambda path, **options: given.update(options))
    monkeypatch.setattr(hubmodel.AutoModelForTokenClassification, "from_pretrained", lambda path, **options: None)
    load_pretrained("some/model", LABELS, "main")
    assert ("add_prefix_space" in given) == asked
    assert given["revision"] == "main"


def test_a_model_that_cannot_be_had_is_one_line_with_advice():
    with pytest.raises(DataError) as error:
        encoder("nobody/nothing").load(LABELS)
    message = str(error.value)
    assert message.startswith("cannot load the encoder 'nobody/nothing': ")
    assert "\n" not in message
    assert "--encoder e5-small" in message


def test_a_folder_without_a_model(tmp_path):
    with pytest.raises(DataError, match="cannot load the encoder"):
        encoder(tmp_path).load(LABELS)


def test_damaged_files_are_one_line(encoder_folder, tmp_path):
    for number, (name, content) in enumerate([("config.json", b"{"), ("model.safetensors", b"short")]):
        copy = shutil.copytree(encoder_folder, tmp_path / str(number))
        (copy / name).write_bytes(content)
        with pytest.raises(DataError) as error:
            encoder(copy).load(LABELS)
        assert str(error.value).startswith(f"cannot load the encoder '{copy}': ")
        assert "\n" not in str(error.value)


@pytest.mark.parametrize("kind", sorted(KINDS.keys() - {"canine"}))
def test_a_folder_without_a_tokenizer_is_not_given_an_empty_one(encoder_folder, tmp_path, kind):
    folder = write_kind(tmp_path / kind, kind, encoder_folder, ["O", "B-LOC", "I-LOC"])
    for file in folder.glob("tokenizer*"):
        file.unlink()
    for load in (lambda: encoder(folder).load(LABELS), lambda: Tagger.load(folder)):
        with pytest.raises(DataError, match=r"^\S+: there is no tokenizer here, only a model; expected "):
            load()


def test_a_tokenizer_that_transformers_makes_of_nothing_is_refused(encoder_folder, tmp_path):
    folder = write_kind(tmp_path / "bert", "bert", encoder_folder, ["O", "B-LOC", "I-LOC"])
    (folder / "tokenizer.json").unlink()  # and tokenizer_config.json is left
    (folder / "tokenizer_config.json").write_text("{}")
    for load in (lambda: encoder(folder).load(LABELS), lambda: Tagger.load(folder)):
        with pytest.raises(DataError, match=r"^\S+: there is no tokenizer here, only a model; expected "):
            load()


def test_the_identity_of_a_folder_is_its_content(encoder_folder, tmp_path):
    copy = shutil.copytree(encoder_folder, tmp_path / "copy")
    assert encoder(copy).identity() == encoder(encoder_folder).identity()
    (copy / "README.md").write_text("other words")
    assert encoder(copy).identity() == encoder(encoder_folder).identity()
    weights = bytearray((copy / "model.safetensors").read_bytes())
    weights[-1] ^= 1
    (copy / "model.safetensors").write_bytes(weights)
    assert encoder(copy).identity() != encoder(encoder_folder).identity()


def test_a_folder_without_an_encoder_has_no_identity(tmp_path):
    with pytest.raises(DataError, match=r"there is no encoder here; expected config\.json"):
        encoder(tmp_path).identity()


def test_the_identity_of_a_tokenizer_counts_too(encoder_folder, tmp_path):
    copy = shutil.copytree(encoder_folder, tmp_path / "copy")
    text = (copy / "tokenizer.json").read_text()
    (copy / "tokenizer.json").write_text(text + " ")
    assert encoder(copy).identity() != encoder(encoder_folder).identity()


@pytest.fixture
def pickled(encoder_folder, tmp_path):
    """An encoder whose weights are pickled."""
    folder = shutil.copytree(encoder_folder, tmp_path / "pickled")
    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    return folder


def test_pickled_weights_are_read_only_if_that_was_asked_for(encoder_folder, pickled):
    for load in (lambda: encoder(pickled).load(LABELS), lambda: Tagger.load(pickled)):
        with pytest.raises(
            DataError, match=r"^\S+: its weights are pickled \(\.bin\), .* encoders\.hub\.allow_pickle=tr"
        ):
            load()
    allowed, name = encoder(pickled, allow_pickle=True), "embeddings.word_embeddings.weight"
    expected = encoder(encoder_folder).load(LABELS)[0].base_model.state_dict()[name]
    assert torch.equal(allowed.load(LABELS)[0].base_model.state_dict()[name], expected)
    assert (encoder(pickled).pickled, allowed.pickled) == (False, True)
    assert Tagger.load(pickled, names=("O", "B-PER"), pickled=True).labels.types == ("PER",)


def test_what_a_pickle_would_run_does_not_run_even_then(pickled, tmp_path):
    class Bomb:
        def __reduce__(self):
            return Path.touch, (tmp_path / "it-ran",)

    torch.save({"classifier.bias": Bomb()}, pickled / "pytorch_model.bin")
    with pytest.raises(DataError, match="cannot load the encoder"):
        encoder(pickled, allow_pickle=True).load(LABELS)
    assert not (tmp_path / "it-ran").exists()
    torch.load(pickled / "pytorch_model.bin", weights_only=False)  # the bomb is one
    assert (tmp_path / "it-ran").exists()
