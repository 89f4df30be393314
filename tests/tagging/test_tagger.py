import json
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from transformers import pipeline

from xner.corpora.corpus import Corpus, Sentence
from xner.corpora.labels import LabelSet, to_iob2
from xner.decoding.decoder import ARGMAX, LEGAL, Decoder
from xner.errors import DataError
from xner.machine.hardware import Hardware
from xner.tagging import tagger as tagger_module
from xner.tagging.quick import batching, packing
from xner.tagging.states import word_states
from xner.tagging.tagger import Tagger
from xner.tagging.windows import collate
from xner.testing import tiny_corpus

WORDS = st.text(max_size=8) | st.sampled_from(["", " ", "Ada", "Rome", "🙂", "שלום", "\u200b", "e\u0301", "a" * 10_000])
SENTENCES = st.lists(st.lists(WORDS, min_size=1, max_size=80), min_size=1, max_size=6)


@pytest.fixture
def untrained(tiny_workbench):
    return tiny_workbench.new_tagger()


@pytest.fixture
def trained(tagger_folder, tiny_workbench):
    return Tagger.load(tagger_folder, tiny_workbench.hardware)


def corpus_of(sentences):
    return Corpus.from_sentences("x", "en", "test", map(Sentence, sentences))


def logits(tagger, corpus):
    return [row["logits"] for row in tagger.states(corpus, lambda states: {"logits": states.logits})]


def legal(tags):
    return all(tag[:2] != "I-" or before in (f"B-{tag[2:]}", f"I-{tag[2:]}") for before, tag in pairwise(["O", *tags]))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(SENTENCES)
@example([[""]])
@example([["a" * 10_000, "", "\u200b"] * 30])
def test_every_word_gets_exactly_one_tag(untrained, sentences):
    predictions = list(untrained.tag(corpus_of(sentences)))
    assert [len(prediction.tags) for prediction in predictions] == [len(sentence) for sentence in sentences]
    for prediction in predictions:
        assert set(prediction.tags) <= set(untrained.labels.tags)
        assert legal(prediction.tags)
        assert len(prediction.scores) == len(prediction.tags)
        assert all(0 < score <= 1 for score in prediction.scores)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
@given(SENTENCES, st.sampled_from([1, 40, 4096]))
def test_a_result_does_not_hang_on_the_company_in_the_batch(untrained, sentences, budget):
    together = logits(untrained, corpus_of(sentences))
    alone = [logits(untrained, corpus_of([sentence]))[0] for sentence in sentences]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(untrained, "room", batching.Room(budget))
        patch.setattr(batching, "_CHUNK", 3)
        other = logits(untrained, corpus_of(sentences))
    for one, two, three in zip(together, alone, other, strict=True):
        assert np.allclose(one, two, atol=1e-5) and np.allclose(one, three, atol=1e-5)


def test_the_padding_is_never_looked_at(untrained):
    long = ["Rome"] * 12
    assert np.allclose(
        logits(untrained, corpus_of([["Ada"], long]))[0], logits(untrained, corpus_of([["Ada"]]))[0], atol=1e-5
    )


@pytest.mark.parametrize("attention", [packing.NAME, "sdpa", "eager"])
def test_a_wider_batch_changes_nothing(untrained, attention):
    """Twenty more columns of padding, whatever stands in them, move the states by rounding alone."""
    corpus = corpus_of([["Ada", "sees", "Rome"], ["Oslo"], ["old"] * 5])
    batch = collate(list(untrained.windower.windows(corpus)), 0)
    rows, more = len(batch["input_ids"]), torch.arange(5, 25)
    wide = {
        "input_ids": torch.cat([batch["input_ids"], more.expand(rows, 20)], 1),
        "attention_mask": torch.cat([batch["attention_mask"], torch.zeros(rows, 20, dtype=torch.long)], 1),
    }
    untrained.model.set_attn_implementation(attention)
    untrained.model.eval()
    with torch.no_grad():
        one, two = word_states(untrained.model, batch), word_states(untrained.model, batch | wide)
    assert torch.allclose(one.hidden, two.hidden, rtol=0, atol=1e-6)
    assert torch.allclose(one.logits, two.logits, rtol=0, atol=1e-6)


def test_the_order_is_kept(untrained):
    sentences = [["Ada"] * (1 + 37 * number % 11) for number in range(50)]
    rows = logits(untrained, corpus_of(sentences))
    assert [len(row) for row in rows] == [len(sentence) for sentence in sentences]


def test_what_it_says_is_the_model_at_the_first_sub_word(untrained, monkeypatch):
    monkeypatch.setattr(untrained, "decoding", ARGMAX)
    sentence = ["Ada", "sees", "Rome"]
    encoded = untrained.tokenizer(sentence, is_split_into_words=True, return_tensors="pt")
    firsts = [encoded.word_ids().index(word) for word in range(3)]
    untrained.model.eval()
    with torch.no_grad():
        output = untrained.model(**encoded, output_hidden_states=True)
    read = untrained.states(corpus_of([sentence]), lambda s: {"h": s.hidden, "l": s.logits})
    row = next(iter(read))
    assert np.allclose(row["h"], output.hidden_states[-1][0, firsts], atol=1e-6)
    assert np.allclose(row["l"], output.logits[0, firsts], atol=1e-6)
    best = output.logits[0, firsts].softmax(-1).max(-1).values
    assert next(iter(untrained.tag(corpus_of([sentence])))).scores == pytest.approx(best.tolist(), abs=1e-6)


def test_of_pieces_it_says_what_the_model_says_of_every_sub_word(untrained):
    long = [word for sentence in tiny_corpus(split="test", size=9) for word in sentence.tokens]
    sentences = [["Ada", "sees", "Rome"], long, ["ko"]]
    windows = list(untrained.windower.windows(corpus_of(sentences)))
    assert len(windows) > 3
    said = list(untrained.states(corpus_of(sentences), lambda s: {"h": s.hidden, "l": s.logits}, pieces=True))
    assert len(said) == 3
    untrained.model.eval()
    for number, row in enumerate(said):
        ids = [torch.tensor(window.input_ids[None].astype(int)) for window in windows if window.sentence == number]
        with torch.no_grad():
            outputs = [untrained.model(each, output_hidden_states=True) for each in ids]
        assert np.allclose(row["h"], np.concatenate([output.hidden_states[-1][0] for output in outputs]), atol=1e-5)
        assert np.allclose(row["l"], np.concatenate([output.logits[0] for output in outputs]), atol=1e-5)


def test_a_long_sentence_is_put_together_from_its_windows(untrained):
    sentence = [word for sentence in tiny_corpus(split="test") for word in sentence.tokens]
    windows = list(untrained.windower.windows(corpus_of([sentence])))
    assert len(windows) > 10
    expected = np.zeros((len(sentence), 7))
    untrained.model.eval()
    for window in windows:
        with torch.no_grad():
            output = untrained.model(torch.tensor(window.input_ids[None].astype(int)))
        expected[window.words] = output.logits[0, window.positions]
    assert np.allclose(logits(untrained, corpus_of([sentence]))[0], expected, atol=1e-5)


def test_what_was_learned_holds_in_long_sentences(trained):
    test = list(tiny_corpus(split="test"))
    (prediction,) = trained.tag(corpus_of([[word for sentence in test for word in sentence.tokens]]))
    gold = [tag for sentence in test for tag in sentence.tags]
    assert np.mean([guess == right for guess, right in zip(prediction.tags, gold, strict=True)]) > 0.75
    assert legal(prediction.tags)


def test_tags_of_a_labelled_corpus_are_not_read(trained):
    corpus = tiny_corpus(split="test")
    liar = Corpus.from_sentences("x", "en", "test", (Sentence(s.tokens, ["B-NONE"] * len(s.tokens)) for s in corpus))
    assert list(trained.tag(corpus)) == list(trained.tag(liar))


def test_saved_and_loaded_it_is_the_same(trained, tmp_path):
    trained.save(tmp_path / "t")
    again = Tagger.load(tmp_path / "t", trained.hardware)
    corpus = tiny_corpus("xx", "test")
    assert (again.labels, again.max_length) == (trained.labels, 64)
    assert list(again.tag(corpus)) == list(trained.tag(corpus))
    assert Tagger.load(tmp_path / "t").hardware == Hardware.choose()


def test_the_folder_is_a_plain_token_classification_checkpoint(trained, tmp_path):
    trained.save(tmp_path / "t")
    names = json.loads((tmp_path / "t" / "config.json").read_text())["id2label"]
    assert list(names.values()) == ["O", "B-LOC", "I-LOC", "B-ORG", "I-ORG", "B-PER", "I-PER"]
    for sentence, prediction in zip(tiny_corpus(size=10), trained.tag(tiny_corpus(size=10)), strict=True):
        found = pipeline("token-classification", str(tmp_path / "t"), aggregation_strategy="first")(
            " ".join(sentence.tokens)
        )
        starts = {piece["start"]: piece["entity_group"] for piece in found}
        offset, expected = 0, {}
        for word, tag in zip(sentence.tokens, prediction.tags, strict=True):
            if tag.startswith("B-"):
                expected[offset] = tag[2:]
            offset += len(word) + 1
        assert starts == expected
        assert expected


def test_bfloat16_changes_little(trained):
    corpus = tiny_corpus(split="test")
    half = Tagger(trained.model, trained.tokenizer, trained.labels, 64, Hardware(torch.device("cpu"), bf16=True))
    one, two = np.concatenate(logits(trained, corpus)), np.concatenate(logits(half, corpus))
    assert one.dtype == two.dtype == np.float32
    assert 0 < np.abs(one - two).max() < 0.2


@pytest.mark.parametrize("made", [False, True])
def test_a_folder_without_a_tagger(tmp_path, made):
    folder = tmp_path / "none"
    if made:
        folder.mkdir()
    with pytest.raises(DataError, match=r"none: there is no tagger here; expected a folder with config\.json"):
        Tagger.load(folder)


def test_a_model_with_two_classes_of_one_name_is_refused(untrained, tmp_path):
    untrained.save(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    config["id2label"]["2"] = "I-ORG"
    (tmp_path / "config.json").write_text(json.dumps(config))
    with pytest.raises(
        DataError, match="I-ORG is twice among its classes: O, B-LOC, I-ORG, B-ORG, I-ORG, B-PER, I-PER; name each once"
    ):
        Tagger.load(tmp_path)


def test_the_head_fits_the_label_set(tiny_workbench):
    assert tiny_workbench.new_tagger().model.config.num_labels == len(LabelSet(("LOC", "ORG", "PER")).tags) == 7


@pytest.mark.parametrize(
    ("bf16", "trainable", "dtype"), [(True, False, "bfloat16"), (True, True, "float32"), (False, False, "float32")]
)
def test_weights_are_read_as_they_are_multiplied_unless_they_are_to_learn(tagger_folder, bf16, trainable, dtype):
    tagger = Tagger.load(tagger_folder, Hardware(torch.device("cpu"), bf16), trainable)
    assert {weight.dtype for weight in tagger.model.parameters()} == {getattr(torch, dtype)}
    (prediction,) = tagger.tag(corpus_of([["Ada", "in", "Rome"]]))
    assert prediction.tags[2] == "B-LOC"


@pytest.mark.parametrize("size", [1, 5, 23])
def test_tags_are_the_predictions(untrained, monkeypatch, size):
    monkeypatch.setattr(tagger_module, "_BLOCK", 5)
    corpus = tiny_corpus(size=size)
    assert untrained.tags(corpus) == [prediction.tags for prediction in untrained.tag(corpus)]
    assert untrained.tags(corpus, repaired=False) == [prediction.best for prediction in untrained.tag(corpus)]


def test_tags_are_those_of_the_best_legal_path(untrained):
    corpus = tiny_corpus(size=5)
    assert untrained.decoder.rule == "legal"  # no bigrams are known
    best = [list(said.best) for said in untrained.tag(corpus)]
    assert best == [list(said.tags) for said in untrained.tag(corpus)]
    rows = untrained.probabilities(corpus)
    assert best == [said.best for said in Decoder(untrained.labels, LEGAL).decode(rows)]


def test_by_argmax_tags_are_the_most_probable_ones_in_legal_iob2(untrained, monkeypatch):
    monkeypatch.setattr(untrained, "decoding", ARGMAX)
    corpus = corpus_of([["Ada", "zed", "Rome"] * 10])
    (row,) = untrained.states(corpus, lambda states: {"p": states.logits})
    (prediction,) = untrained.tag(corpus)
    assert prediction.best == [untrained.labels.tags[number] for number in row["p"].argmax(-1)]
    assert prediction.tags == to_iob2(prediction.best) != prediction.best
