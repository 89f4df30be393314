import pytest

from xner.reporting.page import Mark, environment, marks, shown, types_of
from xner.reporting.parts import Heat, Points, Sentences, Tagged

SENTENCE = Tagged(
    tokens=("Ada", "<b>", "in", "Rome"),
    sides={"gold": ("B-PER", "O", "O", "B-LOC"), "said": ("B-PER", "I-PER", "O", "B-LOC")},
    groups=("wrong boundary", "PER"),
)


def render(*parts):
    page = environment().from_string('{% import "sections.html" as show with context %}{{ show.parts(parts) }}')
    return page.render(parts=parts)


@pytest.mark.parametrize(
    ("value", "text"), [(None, "–"), ("a", "a"), (1234, "1,234"), (0.5, "0.50"), (-1234.567, "-1,234.57"), (0, "0")]
)
def test_values_are_text(value, text):
    assert shown(value) == text


def test_stretches_of_a_sentence_and_what_both_sides_agree_on():
    found = dict(marks(SENTENCE, ["LOC", "PER"]))
    assert [mark for mark in found["gold"] if mark.text] == [
        Mark("Ada", "PER", 1, False),
        Mark("<b> in", "", 0, True),
        Mark("Rome", "LOC", 0, True),
    ]
    assert [mark for mark in found["said"] if mark.type] == [
        Mark("Ada <b>", "PER", 1, False),
        Mark("Rome", "LOC", 0, True),
    ]


def test_of_three_sides_the_first_is_agreed_with_where_all_are():
    three = SENTENCE.model_copy(update={"sides": {**SENTENCE.sides, "third": ("O", "O", "O", "O")}})
    found = dict(marks(three, ["LOC", "PER"]))
    assert [mark.agreed for mark in found["gold"] if mark.type] == [False, False]
    assert [mark.agreed for mark in found["said"] if mark.type] == [False, True]


def test_sentences_have_their_groups_and_words_are_never_markup():
    text = render(Sentences(caption="c", sentences=(SENTENCE,), groups=("wrong boundary", "PER", "LOC")))
    assert 'data-groups="wrong boundary\nPER"' in text and 'data-groups="wrong boundary\nPER\nLOC"' in text
    assert "&lt;b&gt;" in text and "<b>" not in text
    assert '<mark class="t1 off">Ada <small>PER</small></mark>' in text
    assert '<mark class="t0">Rome <small>LOC</small></mark>' in text


def test_types_are_all_that_any_side_has():
    assert types_of([SENTENCE, Tagged(tokens=("x",), sides={"gold": ("B-ORG",)})]) == ["LOC", "ORG", "PER"]


def test_a_grid_is_darkest_where_it_has_most():
    text = render(Heat(caption="c", down="a", across="b", rows=("x",), columns=("y", "z"), counts=((1, 4),)))
    assert "--share: 0.5" in text and "--share: 1.0" in text
    assert '--share: 0"' in render(Heat(caption="c", down="a", across="b", rows=("x",), columns=("y",), counts=((0,),)))


def test_a_map_has_a_dot_for_each_point():
    text = render(Points(caption="c", points={"a<b>": ((0, 0), (1, 1)), "c": ((0, 1),)}))
    assert text.count("<circle") == 3 + 2 and "a&lt;b&gt;" in text  # and those of the legend
