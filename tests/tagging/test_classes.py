import json
import shutil

import numpy as np
import pytest
import torch
from transformers import AutoConfig

from tests.models import theirs
from xner.corpora.corpus import Corpus, Sentence
from xner.corpora.labels import LabelSet
from xner.errors import DataError, UsageError, XnerError
from xner.machine.hardware import Hardware
from xner.tagging.classes import KEPT, Reading, Wanted, read_classes
from xner.tagging.hub import Origin
from xner.tagging.tagger import Tagger
from xner.testing import tiny_corpus

CPU = Hardware(torch.device("cpu"), bf16=False)
OURS = LabelSet(("LOC", "ORG", "PER"))
TEXT = tiny_corpus("xx", "test")


def said(tagger, corpus=TEXT):
    return list(tagger.probabilities(corpus)), tagger.tags(corpus)


def same(found, expected, columns=None):
    for one, two in zip(found[0], expected[0], strict=True):
        assert np.allclose(one, two if columns is None else two[:, columns], atol=1e-5)
    assert found[1] == expected[1]


@pytest.fixture
def ours(tagger_folder):
    return said(Tagger.load(tagger_folder, CPU))


# any order and scheme


@pytest.mark.parametrize(
    ("rows", "names", "types", "columns"),
    [
        (
            (6, 5, 4, 3, 2, 1, 0),
            ["I-PER", "B-PER", "I-ORG", "B-ORG", "I-LOC", "B-LOC", "O"],
            "PER ORG LOC",
            [0, 5, 6, 3, 4, 1, 2],
        ),
        ((1, 0, 3, 5, 2, 4, 6), ["B-LOC", "O", "B-ORG", "B-PER", "I-LOC", "I-ORG", "I-PER"], "LOC ORG PER", range(7)),
        ((0, 1, 2, 3, 4, 5, 6), ["O", "B_LOC", "I_LOC", "B_ORG", "I_ORG", "B_PER", "I_PER"], "LOC ORG PER", range(7)),
        ((0, 1, 2, 3, 4, 5, 6), ["O", "S-LOC", "E-LOC", "B-ORG", "L-ORG", "U-PER", "M-PER"], "LOC ORG PER", range(7)),
    ],
)
def test_classes_in_any_order_are_the_tags_that_they_mean(tagger_folder, tmp_path, ours, rows, names, types, columns):
    folder = theirs(tagger_folder, tmp_path / "t", rows, names)
    tagger = Tagger.load(folder, CPU)
    assert tagger.labels == LabelSet(tuple(types.split()))
    same(said(tagger), ours, list(columns))
    same(said(Tagger.adopt(Origin(str(folder)), CPU, Wanted(OURS))), ours)


def test_classes_that_mean_the_same_tag_are_added(tagger_folder, tmp_path, ours):
    rows = (0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6)
    names = ["O", *(f"{mark}-{kind}" for kind in ("LOC", "ORG", "PER") for mark in "BSIE")]
    folder = theirs(tagger_folder, tmp_path / "t", rows, names, split=range(1, 13))
    same(said(Tagger.load(folder, CPU)), ours)


@pytest.mark.parametrize("prefix", ["I-", ""])
def test_without_classes_for_beginnings_an_entity_begins_where_the_type_changes(tagger_folder, tmp_path, prefix):
    names = ["O", *(prefix + kind for kind in OURS.types)]
    tagger = Tagger.load(theirs(tagger_folder, tmp_path / "t", (0, 2, 4, 6), names), CPU)
    assert tagger.labels == OURS
    raw = [row["p"] for row in tagger.states(TEXT, lambda states: {"p": states.logits.softmax(-1)})]
    for before, after in zip(raw, tagger.probabilities(TEXT), strict=True):
        kinds = np.concatenate([before[:, :1], before[:, 1::2] + before[:, 2::2]], 1)
        assert np.allclose(kinds, np.concatenate([after[:, :1], after[:, 1::2] + after[:, 2::2]], 1), atol=1e-6)
        last = 0
        for word, best in enumerate(kinds.argmax(1)):
            expected = "O" if not best else f"{'I' if best == last else 'B'}-{OURS.types[best - 1]}"
            assert OURS.tags[after[word].argmax()] == expected
            last = best
    (row,) = tagger.tags(Corpus.from_sentences("x", "en", "t", [Sentence(["Ada", "Noor", "sees", "Rome"])]))
    assert [tag[2:] for tag in row if tag != "O"]  # it finds something
    assert tagger.tags(TEXT, repaired=False) == tagger.tags(TEXT)  # legal already: also for a strict score


def test_a_type_without_classes_for_insides(tagger_folder, tmp_path, ours):
    names = ["O", "B-LOC", "I-LOC", "B-ORG", "I-ORG", "B-PER"]
    tagger = Tagger.load(theirs(tagger_folder, tmp_path / "t", range(6), names), CPU)
    assert tagger.labels == OURS
    assert not any("I-PER" in row for row in tagger.tags(TEXT))


def test_what_is_added_is_a_probability_with_a_gradient():
    reading = Reading(LabelSet(("A", "B")), ["I-A", "O", "I-B", "B-B", "O"])
    logits = torch.randn(6, 5, requires_grad=True)
    tags, classes = reading(logits).softmax(-1), logits.softmax(-1)
    assert torch.allclose(tags[:, 0], classes[:, 1] + classes[:, 4])
    assert torch.allclose(tags[:, 1] + tags[:, 2], classes[:, 0])
    assert torch.allclose(tags[:, 3:], classes[:, [3, 2]])
    tags[:, 2].sum().backward()
    assert logits.grad.isfinite().all() and logits.grad.abs().sum() > 0
    assert np.allclose(reading.added(classes.detach().numpy()), tags.detach().numpy(), atol=1e-6)


# names


def test_classes_without_names_are_named_by_the_user(tagger_folder, tmp_path, ours):
    nameless = [f"LABEL_{number}" for number in range(7)]
    folder = theirs(tagger_folder, tmp_path / "t", (6, 5, 4, 3, 2, 1, 0), nameless)
    with pytest.raises(DataError, match=r"t: its 7 classes have no names: LABEL_0, .*LABEL_6; .*--names for predict"):
        Tagger.load(folder, CPU)
    tagger = Tagger.load(folder, CPU, names=OURS.tags[::-1])
    same(said(tagger), ours, [0, 5, 6, 3, 4, 1, 2])
    tagger.save(tmp_path / "named")
    same(said(Tagger.load(tmp_path / "named", CPU)), ours, [0, 5, 6, 3, 4, 1, 2])
    assert AutoConfig.from_pretrained(tmp_path / "named").id2label[0] == "I-PER"
    with pytest.raises(UsageError, match=r"t: has 7 classes, but there are 2 names: O, B-PER$"):
        Tagger.load(folder, CPU, names=["O", "B-PER"])


def test_a_tagger_without_a_class_for_other_words(tagger_folder, tmp_path):
    folder = theirs(tagger_folder, tmp_path / "t", (1, 3), ["B-LOC", "B-ORG"])
    with pytest.raises(DataError, match=r"t: none of its classes is O: B-LOC, B-ORG; say what they are: O,B-PER"):
        Tagger.load(folder, CPU)


# the labels of a run


def adopt(folder, types, renames=None):
    return Tagger.adopt(Origin(str(folder)), CPU, Wanted(LabelSet(types), renames or {}))


def test_types_are_renamed_joined_and_dropped(tagger_folder, ours):
    tagger = adopt(tagger_folder, ("PERSON", "PLACE"), {"PER": "PERSON", "LOC": "PLACE", "ORG": "O"})
    for one, two in zip(said(tagger)[0], ours[0], strict=True):
        assert np.allclose(one, np.stack([two[:, [0, 3, 4]].sum(1), *two[:, [5, 6, 1, 2]].T], 1), atol=1e-5)
    joined = adopt(tagger_folder, ("NAME",), {"*": "NAME"})
    for one, two in zip(said(joined)[0], ours[0], strict=True):
        assert np.allclose(one, np.stack([two[:, 0], two[:, 1::2].sum(1), two[:, 2::2].sum(1)], 1), atol=1e-5)


def test_it_is_saved_with_its_reading_and_its_own_classes(tagger_folder, tmp_path):
    tagger = adopt(tagger_folder, ("PERSON", "PLACE"), {"PER": "PERSON", "LOC": "PLACE", "*": "O"})
    tagger.save(tmp_path / "a")
    again = Tagger.load(tmp_path / "a", CPU)
    assert again.labels == tagger.labels
    same(said(again), said(tagger))
    config = json.loads((tmp_path / "a" / "config.json").read_text())
    assert list(config["id2label"].values()) == list(OURS.tags)
    assert config[KEPT]["types"] == ["PERSON", "PLACE"]
    assert KEPT not in json.loads((tagger_folder / "config.json").read_text())


@pytest.mark.parametrize(
    ("types", "renames", "message"),
    [
        (
            ("LOC", "PER"),
            {},
            r"finds LOC, ORG, PER, and the labels are LOC, PER: there is no place for ORG; map it with "
            r"--map ORG=TYPE, or drop it with --map ORG=O$",
        ),
        (
            ("LOC", "MISC", "ORG", "PER"),
            {},
            r"finds LOC, ORG, PER, but not MISC; leave that out of the labels with --la",
        ),
        (("LOC", "PER"), {"ORG": "FIRM"}, "the label map leads to 'FIRM', which is not among the labels"),
    ],
)
def test_types_that_do_not_fit(tagger_folder, types, renames, message):
    with pytest.raises(XnerError, match=message) as error:
        adopt(tagger_folder, types, renames)
    assert "\n" not in str(error.value)


def test_a_plain_tagger_is_read_as_it_is(tagger_folder, tmp_path):
    config = AutoConfig.from_pretrained(shutil.copytree(tagger_folder, tmp_path / "t"))
    assert read_classes(config, "t", Wanted()) == (OURS, None)
    assert read_classes(config, "t", Wanted(OURS)) == (OURS, None)
    assert not hasattr(config, KEPT)
