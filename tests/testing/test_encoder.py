import pytest

from xner.testing import EncoderContract

SOURCE = """
import uuid

import torch
from torch import nn
from transformers import BertForTokenClassification

from xner.tagging.hubmodel import HubModel
from xner.corpora.labels import LabelSet


class Sound(HubModel):
    def load(self, labels):
        model, tokenizer = super().load(labels)
        self.change(model, tokenizer)
        return model, tokenizer

    def change(self, model, tokenizer):
        pass


class OneMoreTag(HubModel):
    def load(self, labels):
        return super().load(LabelSet((*labels.types, "MORE")))


class NothingToFillUp(Sound):
    def change(self, model, tokenizer):
        tokenizer.pad_token = None


class NoHiddenStates(Sound):
    def change(self, model, tokenizer):
        forward = model.forward
        model.forward = lambda *given, output_hidden_states, **others: forward(*given, **others)


class Unsteady(Sound):
    def change(self, model, tokenizer):
        draw = torch.Generator()
        draw.seed()
        model.classifier.weight.data.normal_(generator=draw)


class OldHead(Sound):
    def change(self, model, tokenizer):
        nn.init.ones_(model.classifier.weight)


class Frozen(Sound):
    def change(self, model, tokenizer):
        model.base_model.requires_grad_(False)


class OtherHead(Sound):
    def change(self, model, tokenizer):
        model.classifier = nn.Sequential(model.classifier, nn.Linear(7, 7))


class Nobody(Sound):
    def identity(self):
        return str(uuid.uuid4())
"""
SETTINGS = """
    @pytest.fixture
    def settings(self, encoder_folder):
        return {"path": str(encoder_folder)}
"""
BROKEN = {
    "Sound": {},
    "OneMoreTag": {
        "test_the_model_has_a_class_for_each_tag": "the model's `id2label` is not the label set",
        "test_every_word_gets_a_tag": "has 9 classes for 7 tags",
        "test_the_gradient_reaches_its_layers": "has 9 classes for 7 tags",
        "test_saved_and_loaded_it_tags_the_same": "has 9 classes for 7 tags",
    },
    "NothingToFillUp": {
        "test_the_model_has_a_class_for_each_tag": "its tokenizer has nothing to fill up batches with",
    },
    "NoHiddenStates": dict.fromkeys(
        (
            "test_every_word_gets_a_tag",
            "test_the_gradient_reaches_its_layers",
            "test_saved_and_loaded_it_tags_the_same",
        ),
        "'NoneType' object is not subscriptable",
    ),
    "Unsteady": {"test_the_same_seed_gives_the_same_model": "the model differs from one time to the next"},
    "OldHead": {"test_the_same_seed_gives_the_same_model": "its tag head is not a fresh one"},
    "Frozen": {"test_the_gradient_reaches_its_layers": "no gradient of the tags' loss reaches the pretrained part"},
    "OtherHead": {"test_saved_and_loaded_it_tags_the_same": ""},
    "Nobody": {"test_its_identity_is_its_own": "its identity differs from one time to the next"},
}


@pytest.fixture(scope="module")
def failed(failures):
    return failures("encoders", "EncoderContract", SOURCE, BROKEN, extra=SETTINGS)


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_one_fails_where_it_is_broken(failed, name):
    assert failed[name].keys() == BROKEN[name].keys()
    for test, message in BROKEN[name].items():
        assert message in failed[name][test]


def test_every_test_of_the_contract_can_fail():
    tests = {name for name in vars(EncoderContract) if name.startswith("test_")}
    assert tests == {test for tests in BROKEN.values() for test in tests}
