from itertools import pairwise

import pytest

from xner.using.suggesting.forms import Seen, forms_of


def test_case_and_digits_do_not_count():
    assert list(forms_of(["Paris", "PARIS", "Straße", "1984", "٣x"])) == ["paris", "paris", "strasse", "0000", "0x"]


def test_in_scripts_without_spaces_the_next_letter_is_part_of_the_form():
    assert list(forms_of(["王", "小", "明", "in", "東", "京", "。"])) == [
        "王小",
        "小明",
        "明",
        "in",
        "東京",
        "京",
        "。",
    ]


def seen(similar, *sentences):
    found = Seen(similar)
    for forms in sentences:
        found.add(forms)
    return found


@pytest.mark.parametrize("similar", [0.2, 0.49, 0.5, 0.51, 0.9, 1.0])
def test_sentences_are_similar_by_the_jaccard_index_of_forms_and_pairs(similar):
    one, other = [1, 2, 3, 4], [1, 2, 3, 5]
    parts = [{(f,) for f in forms} | set(pairwise(forms)) for forms in (one, other)]
    index = len(parts[0] & parts[1]) / len(parts[0] | parts[1])
    assert index == 5 / 9
    assert seen(similar, [7], one).has_similar(other) == (index >= similar)
    assert seen(similar, one).has_similar(one)
    assert not seen(similar, one).has_similar([8, 9])
    assert not seen(similar).has_similar(one)


def test_the_order_of_words_counts():
    assert not seen(0.7, [1, 2, 3, 4]).has_similar([4, 3, 2, 1])
