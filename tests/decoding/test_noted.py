"""What config.json says of decoding, and what is read of it."""

import json
import re

import pytest
from transformers import BertConfig

from xner.corpora.labels import LabelSet
from xner.decoding.bigrams import Bigrams
from xner.decoding.decoder import ARGMAX, LEGAL, DecodingSettings
from xner.decoding.noted import bigrams_of, note_bigrams, note_rule, noted_decoder
from xner.errors import DataError

LABELS = LabelSet(("LOC", "PER"))
BIGRAMS = Bigrams.of([["O", "B-PER", "I-PER"]], LABELS)


@pytest.fixture
def folder(tmp_path):
    """A saved configuration with bigrams."""
    config = BertConfig()
    note_bigrams(config, BIGRAMS)
    config.save_pretrained(tmp_path)
    return tmp_path


def read(folder):
    return noted_decoder(BertConfig.from_pretrained(folder), LABELS, "here")


def damage(folder, noted):
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"xner_decoding": noted}))


def test_who_says_nothing_is_read_as_argmax():
    decoder = noted_decoder(BertConfig(), LABELS, "here")
    assert (decoder.labels, decoder.settings, decoder.bigrams) == (LABELS, ARGMAX, None)


def test_bigrams_without_a_rule_are_kept_and_the_rule_is_argmax(folder):
    assert (read(folder).settings, read(folder).bigrams) == (ARGMAX, BIGRAMS)
    assert bigrams_of(folder, LABELS) == BIGRAMS


@pytest.mark.parametrize("settings", [LEGAL, DecodingSettings(), DecodingSettings(strength=0.5), ARGMAX])
def test_a_rule_comes_back_and_nothing_else_changes(folder, settings):
    before = json.loads((folder / "config.json").read_text())
    note_rule(folder, settings)
    assert (read(folder).settings, read(folder).bigrams) == (settings, BIGRAMS)
    after = json.loads((folder / "config.json").read_text())
    assert {**after, "xner_decoding": before["xner_decoding"]} == before
    assert after["xner_decoding"] == {**before["xner_decoding"], **settings.model_dump()}


def test_a_rule_can_be_noted_of_a_tagger_that_had_no_note(tmp_path):
    BertConfig().save_pretrained(tmp_path)
    assert bigrams_of(tmp_path, LABELS) is None
    note_rule(tmp_path, DecodingSettings())
    assert (read(tmp_path).settings, read(tmp_path).bigrams) == (DecodingSettings(), None)


def test_bigrams_that_are_not_known_take_the_place_of_others(folder):
    config = BertConfig.from_pretrained(folder)
    note_bigrams(config, None)
    config.save_pretrained(folder)
    assert read(folder).bigrams is None


def test_bigrams_of_other_tags_are_not_known(folder):
    other = LabelSet(("PER", "LOC"))
    assert noted_decoder(BertConfig.from_pretrained(folder), other, "here").bigrams is None
    assert bigrams_of(folder, other) is None


@pytest.mark.parametrize(
    ("noted", "told"),
    [
        ("legal", "a table is expected, and not 'legal'"),
        ([], "a table is expected, and not []"),
        ({"rule": "best"}, "rule = 'best': Input should be 'legal', 'chain' or 'argmax'"),
        ({"rule": "chain", "strength": "much"}, "strength = 'much': "),
        ({"rule": None}, "rule = None: "),
        ({"bigrams": None}, "bigrams are expected as 'tags'"),
        ({"bigrams": {**BIGRAMS.noted(), "first": [1]}}, "bigrams are expected as 'tags'"),
        ({"bigrams": {**BIGRAMS.noted(), "then": [[1], [1, 2]]}}, ""),
    ],
)
def test_damage_is_one_line(folder, noted, told):
    damage(folder, noted)
    with pytest.raises(DataError, match=re.escape(f"here: 'xner_decoding' of its config.json is damaged: {told}")) as e:
        read(folder)
    assert "\n" not in str(e.value)
    if "rule" not in noted:
        with pytest.raises(DataError, match=re.escape(f"{folder}: 'xner_decoding' of its config.json is damaged")):
            bigrams_of(folder, LABELS)
