from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xner.corpora.labels import LabelMap, LabelSet, Span, TagError, rename, spans, to_iob2
from xner.errors import DataError, UsageError

KINDS = ["PER", "LOC", "LOC-part"]


@st.composite
def entities(draw):
    """Draw the length of a sentence and its entities."""
    found, place = [], 0
    for kind, gap, length in draw(st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 2), st.integers(1, 4)))):
        found.append(Span(kind, place + gap, place + gap + length))
        place += gap + length
    return place + draw(st.integers(0, 2)), found


def tagged(size, found, first, middle, last, single):
    """Write entities in a scheme, given its prefixes."""
    tags = ["O"] * size
    for kind, start, end in found:
        for place in range(start, end):
            prefix = first if place == start else last if place == end - 1 else middle
            tags[place] = f"{single if end - start == 1 else prefix}-{kind}"
    return tags


def iob1(size, found):
    """Write entities with B- only where two of a type touch."""
    tags = tagged(size, found, "I", "I", "I", "I")
    for before, after in pairwise(found):
        if before.end == after.start and before.type == after.type:
            tags[after.start] = f"B-{after.type}"
    return tags


def conlleval(tags):
    """Read entities as the conlleval script says, word by word: an independent reading of IOB1 and IOB2."""
    found = []
    for place, tag in enumerate(tags):
        before = tags[place - 1] if place else "O"
        if tag == "O":
            continue
        prefix, kind = tag.split("-", 1)
        if prefix == "B" or before == "O" or before.split("-", 1)[1] != kind:
            found.append([kind, place, place])
        found[-1][2] = place + 1
    return [Span(*entity) for entity in found]


def test_an_inside_tag_that_continues_nothing_is_no_entity_until_it_is_repaired():
    tags = ["I-PER", "B-PER", "I-PER", "I-LOC", "I-PER", "O", "I-LOC"]
    assert spans(tags) == [Span("PER", 1, 3)]
    assert spans(to_iob2(tags)) == [Span("PER", *ends) for ends in ((0, 1), (1, 3))] + [
        Span("LOC", 3, 4),
        Span("PER", 4, 5),
        Span("LOC", 6, 7),
    ]


@given(entities())
def test_every_scheme_becomes_the_same_iob2(drawn):
    size, found = drawn
    iob2 = tagged(size, found, "B", "I", "I", "B")
    for scheme in (
        iob2,
        iob1(size, found),
        tagged(size, found, "B", "I", "E", "S"),
        tagged(size, found, "B", "M", "E", "S"),
        tagged(size, found, "B", "I", "L", "U"),
    ):
        assert to_iob2(scheme) == iob2
    assert spans(iob2) == found


@given(st.lists(st.sampled_from(["O", *(f"{prefix}-{kind}" for prefix in "BI" for kind in KINDS)])))
def test_reading_agrees_with_conlleval(tags):
    iob2 = to_iob2(tags)
    assert spans(iob2) == conlleval(tags)
    assert to_iob2(iob2) == iob2


@given(st.lists(st.sampled_from(["O", *(f"{prefix}-{kind}" for prefix in "BIESULM" for kind in KINDS)])))
def test_any_mixture_is_made_valid(tags):
    iob2 = to_iob2(tags)
    assert to_iob2(iob2) == iob2
    assert [tag[2:] for tag in iob2] == [tag[2:] for tag in tags]
    for place, tag in enumerate(iob2):
        if tag.startswith("I-"):
            assert iob2[place - 1][2:] == tag[2:]
            assert place > 0
    rebuilt = tagged(len(tags), spans(iob2), "B", "I", "I", "B")
    assert rebuilt == iob2


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ("I-PER I-PER O I-PER", "B-PER I-PER O B-PER"),
        ("B-PER I-LOC", "B-PER B-LOC"),
        ("S-PER I-PER", "B-PER B-PER"),
        ("B-PER E-PER I-PER", "B-PER I-PER B-PER"),
        ("B-PER L-PER E-PER", "B-PER I-PER B-PER"),
        ("U-PER U-PER", "B-PER B-PER"),
        ("M-LOC-part E-LOC-part", "B-LOC-part I-LOC-part"),
    ],
)
def test_closed_and_orphaned_entities(tags, expected):
    assert to_iob2(tags.split(" ")) == expected.split(" ")


@pytest.mark.parametrize("tag", ["PER", "B-", "-PER", "X-PER", "b-PER", "", "o", "B_PER", " O", "BPER-X"])
def test_what_is_no_tag(tag):
    with pytest.raises(TagError, match="is not a tag: expected O or a prefix and a type such as B-PER") as caught:
        to_iob2(["O", "B-PER", tag])
    assert caught.value.position == 2
    assert repr(tag) in str(caught.value)


def test_label_set():
    labels = LabelSet(("PER", "LOC"))
    assert labels.tags == ("O", "B-PER", "I-PER", "B-LOC", "I-LOC")
    assert labels.ids == {"O": 0, "B-PER": 1, "I-PER": 2, "B-LOC": 3, "I-LOC": 4}
    assert LabelSet.from_tags(iter(labels.tags)) == labels
    assert LabelSet.from_tags(["O"]) == LabelSet(())
    assert LabelSet.from_tags(LabelSet(("A", "B", "C")).tags) == LabelSet(("A", "B", "C"))


@pytest.mark.parametrize(
    "tags", [(), ("B-PER", "I-PER"), ("O", "B-PER"), ("O", "I-PER", "B-PER"), ("O", "B-PER", "I-LOC"), ("LABEL_0",)]
)
def test_tags_of_another_model(tags):
    with pytest.raises(DataError, match="not the tags of an xner tagger"):
        LabelSet.from_tags(tags)


def test_label_map_names_each_type():
    labels = LabelMap(("PER", "LOC"), {"PERS": "PER", "MISC": "O"})
    assert labels.check(["PERS", "LOC", "MISC"], "x") == {"PERS": "PER", "LOC": "LOC", "MISC": "O"}
    assert LabelMap(("PER",), {"*": "O", "PERS": "PER"}).check(["PER", "PERS", "X"], "x") == {
        "PER": "PER",
        "PERS": "PER",
        "X": "O",
    }
    assert LabelMap((), {"PERS": "PER"}).check(["PERS", "X"], "x") == {"PERS": "PER", "X": "X"}
    assert LabelMap(("PER", "LOC"), {"PER": "LOC"}).new_type("PER") == "LOC"


def test_a_type_without_a_place():
    with pytest.raises(KeyError):
        LabelMap(("PER",)).new_type("ORG")
    with pytest.raises(DataError) as caught:
        LabelMap(("PER", "LOC")).check(["PER", "ORG", "MISC"], "germeval de/test")
    message = str(caught.value)
    assert message.startswith("germeval de/test: no place for the label 'MISC'.")
    assert "The corpus has MISC, ORG, PER; the run has PER, LOC." in message
    assert "--map MISC=O" in message
    assert "--map '*=O'" in message


def test_a_map_that_leads_nowhere():
    with pytest.raises(UsageError, match="the label map leads to 'PERS', which is not among the labels: PER, LOC"):
        LabelMap(("PER", "LOC"), {"X": "PERS"})
    assert LabelMap((), {"X": "PERS"}).new_type("X") == "PERS"
    assert LabelMap(("PER",), {"X": "O"}).new_type("X") == "O"


@given(entities(), st.fixed_dictionaries({kind: st.sampled_from(["O", "A", "B"]) for kind in KINDS}))
def test_renaming_renames_entities_and_drops_those_named_outside(drawn, names):
    size, found = drawn
    tags = rename(tagged(size, found, "B", "I", "I", "B"), names)
    assert len(tags) == size
    assert spans(tags) == [span._replace(type=names[span.type]) for span in found if names[span.type] != "O"]
