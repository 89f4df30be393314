import json
import shutil

import numpy as np
import pytest
import torch
from huggingface_hub import ModelCard
from transformers import (
    AutoModelForTokenClassification,
    AutoTokenizer,
    BertConfig,
    BertForTokenClassification,
    BertTokenizer,
    pipeline,
)

import xner
from tests.kinds import TEXTS, encoder_of
from xner.corpora.corpus import Corpus, Sentence
from xner.corpora.labels import LabelSet
from xner.corpora.words import split_words
from xner.errors import DataError, UsageError, XnerError
from xner.machine.hardware import Hardware
from xner.tagging.hubmodel import load_pretrained
from xner.tagging.tagger import Tagger
from xner.testing import tiny_corpus
from xner.using import trimming
from xner.using.exporting import Form
from xner.using.trimming import trim, units

CPU = Hardware(torch.device("cpu"), bf16=False)
UNSEEN = ["Mandela besuchte das alte Lima , sagte sie .", "Rome and Paris mehr Acme"]
KINDS = ("bert", "roberta", "xlm-roberta", "deberta-v2", "modernbert")


def sentences(texts):
    return [Sentence([word.text for word in split_words(text)]) for text in texts]


def tagger_of(kind, folder):
    """A tagger of a kind whose tags differ from word to word."""
    encoder_of(kind, folder)
    torch.manual_seed(0)
    model, tokenizer = load_pretrained(str(folder), LabelSet(("LOC", "PER")))
    model.classifier.weight.data *= 20
    return Tagger(model, tokenizer, LabelSet(("LOC", "PER")), 64, CPU)


@pytest.fixture(scope="module", params=KINDS)
def both(request, tmp_path_factory):
    whole = tagger_of(request.param, tmp_path_factory.mktemp(request.param))
    return whole, trim(whole, sentences(TEXTS[:2]), "x")


def probabilities(tagger, texts):
    return np.concatenate(list(tagger.probabilities(Corpus.from_sentences("x", "", "", sentences(texts)))))


def test_what_it_says_of_its_corpus_is_the_same(both):
    whole, small = both
    assert (small.before, small.pieces) == (len(whole.tokenizer), len(small.tagger.tokenizer))
    assert small.pieces < 0.9 * small.before
    assert (
        small.tagger.model.get_input_embeddings().weight.shape[0]
        == small.pieces
        == small.tagger.model.config.vocab_size
    )
    assert np.allclose(probabilities(small.tagger, TEXTS[:2]), probabilities(whole, TEXTS[:2]), atol=1e-6)


def test_the_whole_one_stays_as_it_was(both):
    whole, small = both
    assert len(whole.model.get_input_embeddings().weight) == whole.model.config.vocab_size == small.before
    weights = dict(whole.model.named_parameters())
    same = [name for name, weight in small.tagger.model.named_parameters() if weight is weights[name]]
    assert len(same) == len(weights) - 1


def test_it_is_the_same_when_it_is_read_again_without_xner(both, tmp_path):
    whole, small = both
    small.tagger.save(tmp_path)
    model = AutoModelForTokenClassification.from_pretrained(tmp_path).eval()
    tokenizer = AutoTokenizer.from_pretrained(tmp_path)
    loaded = Tagger(model, tokenizer, whole.labels, 64, CPU)
    assert np.allclose(probabilities(loaded, TEXTS[:2]), probabilities(whole, TEXTS[:2]), atol=1e-6)
    for name in ("pad", "cls", "bos", "unk"):
        number = getattr(model.config, f"{name}_token_id", None)
        assert number is None or number == getattr(tokenizer, f"{name}_token_id")


def test_the_loss_is_counted_on_sentences_that_chose_no_piece(tmp_path):
    whole = tagger_of("bert", tmp_path)
    given = sentences([*[TEXTS[0]] * 9, "Angela Lovelace sees gestern", *[TEXTS[0]] * 9, "Rome Rome besuchte"])
    small = trim(whole, iter(given), "x")
    rest = trimming.narrowed(whole, trimming.needed(whole.tokenizer.backend_tokenizer, set(given[0].tokens)))
    apart = {
        w
        for w in ("Angela", "gestern", "besuchte", "sees", "Rome")
        if whole.tokenizer.tokenize(w) != rest.tokenizer.tokenize(w)
    }
    assert apart == {"Angela", "gestern", "besuchte"}
    loss = small.loss
    assert (small.sentences, loss.words, loss.otherwise, loss.unseen, loss.unseen_otherwise) == (20, 7, 3, 3, 3)
    found = [
        {
            (n, *span)
            for n, said in enumerate(t.tag(Corpus.from_sentences("x", "", "", given[9::10])))
            for span in said.entities
        }
        for t in (whole, rest)
    ]
    assert found[0] and found[0] != found[1]
    assert (loss.entities, loss.same, loss.more) == (len(found[0]), len(found[0] & found[1]), len(found[1] - found[0]))


def test_special_tokens_that_move_have_their_new_numbers_in_the_configuration(tmp_path):
    names = ["zz", "qq", "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"ab", "##a", "##b", "##zz"]
    tokenizer = BertTokenizer({name: number for number, name in enumerate(names)}, do_lower_case=False)
    shape = {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 1, "intermediate_size": 8}
    torch.manual_seed(0)
    config = BertConfig(vocab_size=len(names), max_position_embeddings=32, pad_token_id=2, num_labels=3, **shape)
    whole = Tagger(BertForTokenClassification(config), tokenizer, LabelSet(("X",)), 32, CPU)
    small = trim(whole, [Sentence(["ab", "ba"])], "x").tagger
    assert small.model.config.pad_token_id == small.tokenizer.pad_token_id == 0
    assert small.model.get_input_embeddings().padding_idx == 0
    assert whole.model.config.pad_token_id == whole.model.get_input_embeddings().padding_idx == 2


def test_it_is_not_counted_on_fewer_than_ten(both):
    assert both[1].loss is None


def test_words_of_scripts_without_spaces_are_cut_as_running_text_has_them():
    assert units(["在", "北", "京", "看见", "了", "Ada", "1", "、"]) == ["在北京", "看见", "了", "Ada", "1", "、"]


def test_an_empty_corpus(tmp_path):
    with pytest.raises(DataError, match=r"news\.txt: the corpus is empty; expected text of the student's language"):
        trim(tagger_of("bert", tmp_path), iter(()), "news.txt")


def test_a_model_that_says_something_else_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(trimming, "rows_of", lambda new, old: [*range(1, new.get_vocab_size()), 0])
    with pytest.raises(XnerError, match=r"BertForTokenClassification says something else of the corpus's own words"):
        trim(tagger_of("bert", tmp_path), sentences(TEXTS[:1]), "x")


# export


@pytest.fixture(scope="module")
def trimmed(exports, tmp_path_factory):
    """A student with its exports for one language: plain, onnx and int8."""
    root = tmp_path_factory.mktemp("trimmed")
    _widen(exports / "student", root / "student")
    rows = [" ".join(sentence.tokens) for sentence in tiny_corpus("en", size=60)]
    (root / "corpus.txt").write_text("\n".join(rows), encoding="utf-8")
    for to, int8 in (("transformers", False), ("onnx", False), ("onnx", True)):
        xner.export(root, to, int8=int8, trim=root / "corpus.txt", quiet=True)
    return root


def _widen(student, folder):
    """Copy a student, and let its tokenizer know pieces that no text of its languages has."""
    shutil.copytree(student, folder)
    tokenizer = json.loads((folder / "tokenizer.json").read_text())
    vocabulary = tokenizer["model"]["vocab"]
    new = [f"{mark}{piece}" for piece in ("я", "да", "Рим", "東", "qq", "zzz") for mark in ("", "##")]
    vocabulary |= {piece: len(vocabulary) + place for place, piece in enumerate(new)}
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer))
    model = AutoModelForTokenClassification.from_pretrained(folder)
    model.resize_token_embeddings(len(vocabulary))
    model.save_pretrained(folder)


def held_out():
    return [" ".join(sentence.tokens) + "." for sentence in tiny_corpus("en", "test")]


def spans(folder, texts):
    return [[(e.type, e.start, e.end) for e in found] for found in xner.load(folder, precision="fp32").predict(texts)]


@pytest.mark.parametrize("name", ["transformers-trimmed", "onnx-trimmed"])
def test_held_out_text_has_the_same_entities(trimmed, name):
    expected, found = (spans(trimmed / folder, held_out()) for folder in ("student", name))
    assert sum(map(len, expected)) > 60
    assert found == expected


def test_with_int8_mostly(trimmed):
    one, two = (
        np.concatenate([said.tags for said in xner.load(trimmed / name, precision="fp32").tag(held_out())])
        for name in ("student", "onnx-int8-trimmed")
    )
    assert np.mean(one == two) > 0.97


def test_a_plain_pipeline_says_the_same(trimmed):
    one, two = (
        pipeline("token-classification", str(trimmed / name), aggregation_strategy="simple")(held_out()[:20])
        for name in ("student", "transformers-trimmed")
    )
    assert sum(map(len, one)) > 10
    for left, right in zip(one, two, strict=True):
        assert [(e["entity_group"], e["start"], e["end"]) for e in left] == [
            (e["entity_group"], e["start"], e["end"]) for e in right
        ]
        assert [e["score"] for e in left] == pytest.approx([e["score"] for e in right], abs=1e-5)


def test_it_is_smaller_and_says_by_how_much(trimmed):
    record = json.loads((trimmed / "transformers-trimmed/export.json").read_text())["trimmed"]
    before, after = (
        AutoModelForTokenClassification.from_pretrained(trimmed / name).get_input_embeddings().weight.shape[0]
        for name in ("student", "transformers-trimmed")
    )
    assert (record["pieces"], record["pieces_before"], record["sentences"]) == (after, before, 60)
    assert (before, after) == (205, 193)
    assert record["loss"]["words"] > 20 and record["loss"]["entities"] > 5
    card = ModelCard.load(trimmed / "transformers-trimmed/README.md")
    assert f"Its tokenizer has {after:,} of {before:,} pieces" in card.text
    assert (card.data.library_name, card.text.strip().endswith("# xx: the card")) == ("transformers", True)
    assert "Its tokenizer has 193 of 205 pieces" in ModelCard.load(trimmed / "onnx-trimmed/README.md").text


def test_another_corpus_makes_another_export(trimmed):
    (trimmed / "other.txt").write_text("Ada\n")
    with pytest.raises(DataError, match="is there already and holds something else"):
        xner.export(trimmed, "transformers", trim=trimmed / "other.txt", quiet=True)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (("transformers", False, None), "--to transformers: the student is such a folder already; --trim FILE makes"),
        (("transformers", True, "x"), "--int8: only an export --to onnx has weights of 8 bits; leave one"),
        (("tflite", False, None), "--to tflite: there is no such format; there are: onnx, transformers"),
    ],
)
def test_what_does_not_go_together(asked, message):
    with pytest.raises(UsageError) as error:
        Form.of(*asked)
    assert str(error.value).startswith(message)


def test_a_corpus_that_is_not_there_is_told_before_a_model_is_loaded(trimmed, monkeypatch):
    monkeypatch.setattr(Tagger, "load", None)
    with pytest.raises(DataError, match="no such file"):
        xner.export(trimmed, trim=trimmed / "no.txt", quiet=True)
