"""The rule of decoding on the command line and in Python: what the folder says, and what is asked for in its place."""

import json
import re
import shutil

import pytest
from huggingface_hub import ModelCard

from xner import load
from xner.decoding.decoder import ARGMAX, DecodingSettings
from xner.decoding.noted import note_rule
from xner.errors import UsageError
from xner.tagging.tagger import Tagger
from xner.using import serving

CHAIN = DecodingSettings(rule="chain", strength=0.5)
NOTE = "decoding: chain is legal here, since the tag bigrams of the tagger's sources are not known\n"
TEXT = "Ada sees Rome"


@pytest.fixture
def chained(exports, tmp_path):
    """A student with bigrams whose folder says chain 0.5."""
    shutil.copytree(exports / "student", tmp_path / "chained" / "student")
    note_rule(tmp_path / "chained" / "student", CHAIN)
    return tmp_path / "chained"


@pytest.fixture
def foreign(chained):
    """One that says nothing of its decoding."""
    file = chained / "student" / "config.json"
    config = json.loads(file.read_text())
    del config["xner_decoding"]
    file.write_text(json.dumps(config))
    return chained


def scores(out):
    return [entity["score"] for line in out.splitlines() for entity in json.loads(line)["entities"]]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, CHAIN),
        ({"decoding": "legal"}, DecodingSettings(rule="legal", strength=0.5)),
        ({"decoding": "chain", "strength": 2}, DecodingSettings(rule="chain", strength=2)),
        ({"strength": 0.1}, DecodingSettings(rule="chain", strength=0.1)),
    ],
)
def test_what_is_asked_for_takes_the_place_of_what_the_folder_says(chained, asked, expected):
    tagger = load(chained, **asked).tagger
    assert (tagger.decoding, tagger.decoder.notes) == (expected, ())


def test_who_says_nothing_is_read_as_argmax(foreign):
    assert load(foreign).tagger.decoding == ARGMAX
    assert load(foreign, decoding="legal").tagger.decoding.rule == "legal"


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"decoding": "best"}, r"decoding\.rule = 'best': input should be"),
        ({"strength": -1}, r"decoding\.strength = -1: input should be"),
    ],
)
def test_a_rule_that_there_is_not_is_told_before_a_model_is_loaded(chained, monkeypatch, asked, told):
    monkeypatch.setattr(Tagger, "load", None)
    with pytest.raises(UsageError, match=told):
        load(chained, **asked)


def test_predict_by_another_rule(xner, chained):
    """The scores of one entity by the rules are different ones."""
    found = {}
    for option in ("argmax", "legal", "chain"):
        code, out, err = xner("predict", chained, TEXT, "--format", "jsonl", "--decoding", option)
        assert (code, err) == (0, "")
        found[option] = scores(out)
        assert found[option] == [entity.score for entity in load(chained, decoding=option).predict(TEXT)[0]]
    assert found["argmax"] and len({str(each) for each in found.values()}) == 3
    assert scores(xner("predict", chained, TEXT, "--format", "jsonl")[1]) == found["chain"]
    strong = xner("predict", chained, TEXT, "--format", "jsonl", "--set", "decoding.strength=5")[1]
    assert scores(strong) != found["chain"]


def test_predict_says_that_chain_is_legal_where_bigrams_are_not_known(xner, foreign):
    code, out, err = xner("predict", foreign, TEXT, "--format", "jsonl", "--decoding", "chain")
    assert (code, err) == (0, NOTE)
    assert out == xner("predict", foreign, TEXT, "--format", "jsonl", "--decoding", "legal")[1]


def test_evaluate_names_the_rule(xner, chained, data_folder):
    asked = ("--dataset", data_folder, "--tgt", "xx", "--split", "test")
    assert "; decoding: chain 0.5; checkpoint: " in xner("evaluate", chained, *asked)[1]
    for options, name in (
        (("--decoding", "argmax"), "argmax"),
        (("--decoding", "legal"), "legal"),
        (("--set", "decoding.strength=1"), "chain 1"),
    ):
        code, out, err = xner("evaluate", chained, *asked, *options, "--json")
        assert (code, err) == (0, "")
        assert json.loads(out)["decoding"] == name


def test_evaluate_says_that_chain_is_legal_where_bigrams_are_not_known(xner, foreign, data_folder):
    asked = ("--dataset", data_folder, "--tgt", "xx", "--split", "test", "--json")
    assert json.loads(xner("evaluate", foreign, *asked)[1])["decoding"] == "argmax"
    code, out, err = xner("evaluate", foreign, *asked, "--decoding", "chain")
    assert (code, json.loads(out)["decoding"]) == (0, "legal")
    assert NOTE in err


def test_serve_by_another_rule(xner, foreign, monkeypatch):
    served = []
    monkeypatch.setattr(
        serving, "application", lambda runs: served.extend(one.tagger.decoding.rule for one in runs.values())
    )
    monkeypatch.setattr(serving, "run", lambda *_: None)
    assert xner("serve", foreign, "--port", 0)[2] == ""
    assert xner("serve", foreign, "--port", 0, "--decoding", "chain")[2] == NOTE
    assert served == ["argmax", "chain"]


def test_rule_and_bigrams_go_into_an_export_and_its_card_tells_them_apart(xner, chained, quick_export):
    assert xner("export", chained)[0] == 0
    exported, student = load(chained / "onnx").tagger, load(chained).tagger
    assert exported.decoding == student.decoding == CHAIN
    assert exported.bigrams == student.bigrams is not None
    text = re.sub(r"\s+", " ", ModelCard.load(chained / "onnx" / "README.md").text)
    assert (
        "This takes each word's best tag (`argmax`), while `xner` chooses tags as `xner_decoding` in `config.json` says"
    ) in text
