"""Tags as people write them: what has one meaning is read with a note, all else is one clear line."""

import pytest

from xner.corpora.corpus import Sentence
from xner.corpora.formats.notes import Notes
from xner.corpora.formats.tags import TagReader, are_bare, is_tag

ANN = [Sentence(["Ann", "Lee", "saw", "Rome"], ["B-PER", "I-PER", "O", "B-LOC"])]


def column(*tags):
    return "".join(f"{word}\t{tag}\n" for word, tag in zip(ANN[0].tokens, tags, strict=True))


@pytest.mark.parametrize(
    ("tags", "note"),
    [
        (("B_PER", "I_PER", "O", "B_LOC"), "x.conll:1: the tag 'B_PER' is read as B-PER (3 of this kind)"),
        (("b-per", "i-per", "O", "b-loc"), "x.conll:1: the tag 'b-per' is read as B-PER (3 of this kind)"),
        (("b-PER", "i-PER", "O", "B-LOC"), "x.conll:1: the tag 'b-PER' is read as B-PER (2 of this kind)"),
        (("b_per", "I-PER", "O", "B-LOC"), "x.conll:1: the tag 'b_per' is read as B-PER"),
        (("PER-B", "PER-I", "O", "LOC-B"), "x.conll:1: the tag 'PER-B' is read as B-PER (3 of this kind)"),
        (("PER_B", "PER_E", "O", "LOC_S"), "x.conll:1: the tag 'PER_B' is read as B-PER (3 of this kind)"),
        (("per-b", "per-i", "O", "B-LOC"), "x.conll:1: the tag 'per-b' is read as B-PER (2 of this kind)"),
        (("PER", "PER", "O", "LOC"), "x.conll:1: the tag 'PER' is read as I-PER (3 of this kind)"),
        (("B-PER", "I-PER", "0", "B-LOC"), "x.conll:3: the tag '0' is read as O"),
        (("B-PER", "I-PER", "o", "B-LOC"), "x.conll:3: the tag 'o' is read as O"),
    ],
)
def test_what_has_one_meaning_is_read_with_a_note(told, tags, note):
    assert told(column(*tags)) == (ANN, "", [note])


def test_usual_tags_are_no_news(told):
    assert told(column("B-PER", "I-PER", "O", "B-LOC")) == (ANN, "", [])
    assert told(column("S-PER", "S-PER", "O", "U-LOC")).notes == []


def test_hyphens_in_types_are_theirs(parse):
    tags = ["B-creative-work", "I-creative-work", "O", "B-LOC-part"]
    assert parse(column(*tags))[0].tags == tags
    assert parse(column("creative-work", "creative-work", "O", "LOC"))[0].tags == [*tags[:3], "B-LOC"]


@pytest.mark.parametrize("nested", ["I-ORG|B-LOC", "B-LOC|O", "O|B-LOC"])
def test_two_tags_in_one_are_refused(refused, nested):
    message = refused(column("B-PER", "I-PER", "O", nested))
    assert message.startswith(f"x.conll:4: {nested!r} is two tags in one, and a word has one; keep one of them")


@pytest.mark.parametrize(
    ("tags", "line", "said"),
    [
        (("B-PER", "I-PER", "O", "LOC"), 4, "'LOC' is not a tag: expected O or a prefix and a type such as B-PER"),
        (("B-PER", "X-PER", "O", "O"), 2, "'X-PER' is not a tag"),
        (("B-PER", "B-", "O", "O"), 2, "'B-' is not a tag"),
        (("B-PER", "I-PER", "O", "7"), 4, "the tag '7' has no name; expected tags such as B-PER, or names = "),
    ],
)
def test_what_has_no_meaning_is_told_with_its_line(refused, tags, line, said):
    message = refused(column(*tags))
    assert message.startswith(f"x.conll:{line}: {said}")
    assert message.endswith("; the tag is taken from column 1 (tag_column)")


def test_types_without_prefix_and_tags_do_not_mix(refused):
    content = "".join(f"w{number}\tO\n" for number in range(600)) + "Ann\tPER\nRome\tB-LOC\n"
    assert refused(content).startswith("x.conll:602: 'B-LOC' has a prefix, and types before it have none")


def test_parts_of_speech_are_no_types(refused):
    assert "none of the 2 columns has tags such as O and B-PER" in refused(column("NNP", "NNP", "VBD", "NNP"))


def test_types_far_down_a_file(told):
    content = "".join(f"w{number}\tO\n" for number in range(600)) + "Ann\tPER\nLee\tPER\n"
    found = told(content)
    assert found.sentences[0].tags[-2:] == ["B-PER", "I-PER"]
    assert found.notes == ["x.conll:601: the tag 'PER' is read as I-PER (2 of this kind)"]


def test_numbers_with_names(parse, refused):
    names = ["O", "B-PER", "I-PER", "B-LOC"]
    assert parse(column(1, 2, 0, 3), names=names) == parse(column(1, 2, 0, 3), names="O,B-PER,I-PER,B-LOC") == ANN
    assert refused(column(1, 2, 0, 4), names=names).startswith(
        "x.conll:4: the tag '4' has no name; names has 4 of them"
    )


def test_what_is_a_tag():
    assert all(map(is_tag, ["O", "0", "B-PER", "I_PER", "PER-B", "s-x", "I-ORG|B-LOC"]))
    assert not any(map(is_tag, ["", "PER", "1", "-", "B-", "re-do", "X-PER", "_"]))
    assert are_bare(["PER", "O"]) and not are_bare(["O", "O"]) and not are_bare(["PER", "LOC"])


def test_one_file_has_one_reader():
    reader = TagReader((), Notes())
    assert reader.read(["O", "PER"], str) == ["O", "B-PER"]
    assert TagReader(("O", "B_PER"), Notes()).read([1, 0], str) == ["B-PER", "O"]
