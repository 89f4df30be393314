from dataclasses import replace

import pytest
import torch
from transformers import AutoConfig, AutoModelForTokenClassification

from tests.models import BEHIND_PADDING, KINDS, write_kind
from xner.corpora.corpus import Corpus, Sentence
from xner.errors import DataError, UsageError
from xner.machine.hardware import Hardware
from xner.tagging.hubmodel import HubModel
from xner.tagging.limits import check_precision, freeze, longest_input
from xner.tagging.tagger import Tagger
from xner.teachers.recognizer import GoldTags
from xner.testing import tiny_corpus
from xner.training.settings import TrainingSettings

CPU, HALF = Hardware(torch.device("cpu"), bf16=False), Hardware(torch.device("cpu"), bf16=True)
LONG = Corpus.from_sentences("x", "en", "test", [Sentence(["A"] * 700), Sentence(["Rome", "sees"])])
WITHOUT_LIMIT = ("xlnet", "t5", "bloom")
LENGTHS = dict.fromkeys(KINDS, 130) | dict.fromkeys(BEHIND_PADDING, 128) | dict.fromkeys(WITHOUT_LIMIT, 512)
READ = sorted(KINDS.keys() - {"canine"})


@pytest.fixture
def bench(tiny_workbench, encoder_folder, tmp_path):
    """Makes a workbench over a tiny encoder of a kind, with windows as long as it can read."""

    def make(kind, max_length=512, freeze="words"):
        encoder = HubModel(HubModel.Config(path=str(write_kind(tmp_path / kind, kind, encoder_folder))))
        return replace(tiny_workbench, encoder=encoder, max_length=max_length, freeze=freeze)

    return make


@pytest.mark.parametrize("kind", READ)
def test_every_kind_learns_and_tags_text_longer_than_its_positions(bench, kind, tmp_path):
    workbench = bench(kind)
    tagger = workbench.new_tagger()
    assert tagger.max_length == LENGTHS[kind]
    assert max(len(window.input_ids) for window in tagger.windower.windows(LONG)) == tagger.max_length
    workbench.train(tagger, GoldTags(tagger), tiny_corpus(size=8), TrainingSettings(epochs=1, batch_size=4))
    tagger.save(tmp_path / "saved")
    again = Tagger.load(tmp_path / "saved", CPU)
    assert again.max_length == LENGTHS[kind]
    assert [len(said.tags) for said in again.tag(LONG)] == [700, 2]


@pytest.mark.parametrize("kind", READ)
def test_what_a_model_without_a_limit_is_given_is_the_setting(bench, kind):
    asked = 600
    assert bench(kind, asked).new_tagger().max_length == (asked if kind in WITHOUT_LIMIT else LENGTHS[kind])
    assert bench(kind, 40).new_tagger().max_length == 40


@pytest.mark.parametrize(
    ("said", "length"), [(10**30, 128), (10**6, 128), (4096, 128), (128, 128), (129, 128), (100, 100)]
)
@pytest.mark.parametrize("saved", [False, True])
def test_a_tokenizer_counts_only_where_it_knows_a_smaller_number(bench, tmp_path, said, length, saved):
    workbench = bench("roberta")
    model, tokenizer = workbench.encoder.load(workbench.labels)
    tokenizer.model_max_length = said
    assert longest_input(model, tokenizer) == length
    if saved:
        model.save_pretrained(tmp_path / "t")
        tokenizer.save_pretrained(tmp_path / "t")
        assert Tagger.load(tmp_path / "t", CPU).max_length == length


@pytest.mark.parametrize("said", [0, 2])
def test_no_room_for_text(bench, said):
    workbench = bench("bert")
    model, tokenizer = workbench.encoder.load(workbench.labels)
    tokenizer.model_max_length = said
    with pytest.raises(DataError, match=rf"^BertForTokenClassification reads {said} sub-words at most .* correct"):
        longest_input(model, tokenizer)


def small(kind, bert_size=70):
    config = AutoConfig.for_model(kind, **KINDS[kind], **({} if kind == "canine" else {"vocab_size": bert_size}))
    return AutoModelForTokenClassification.from_config(config)


def test_a_kind_that_overflows_in_bf16_says_so_when_it_is_made_and_when_it_is_loaded(bench, tmp_path):
    workbench = bench("deberta")
    message = r"^DebertaForTokenClassification does not run in bf16 \(value cannot be converted .*--precision fp32"
    with pytest.raises(UsageError, match=message) as error:
        replace(workbench, hardware=HALF).new_tagger()
    assert "\n" not in str(error.value)
    workbench.new_tagger().save(tmp_path / "t")
    assert [len(said.tags) for said in Tagger.load(tmp_path / "t", CPU).tag(LONG)] == [700, 2]


@pytest.mark.parametrize("kind", [kind for kind in READ if kind != "deberta"])
def test_kinds_that_run_in_bf16(bench, kind, tmp_path):
    tagger = replace(bench(kind), hardware=HALF).new_tagger()
    tagger.save(tmp_path / "t")
    for each in (tagger, Tagger.load(tmp_path / "t", HALF)):
        assert [len(said.tags) for said in each.tag(LONG)] == [700, 2]


def test_a_trial_of_the_precision_leaves_the_model_and_chance_as_they_are():
    model = small("bert").train()
    before = torch.random.get_rng_state()
    check_precision(model, HALF)
    assert model.training and torch.equal(torch.random.get_rng_state(), before)


def test_word_embeddings_that_a_model_does_not_name_are_found_by_their_number(monkeypatch):
    def unnamed(self):
        raise NotImplementedError

    model = small("bert")
    monkeypatch.setattr(type(model), "get_input_embeddings", unnamed)
    freeze(model, "words")
    frozen = [name for name, weight in model.named_parameters() if not weight.requires_grad]
    assert frozen == ["bert.embeddings.word_embeddings.weight"]


def test_a_model_without_word_embeddings_can_only_be_trained_whole():
    model = small("canine")
    for what in ("words", 1):
        with pytest.raises(UsageError, match=r"^CanineForTokenClassification has no word embeddings .*; set freeze=n"):
            freeze(model, what)
    freeze(model, "none")
