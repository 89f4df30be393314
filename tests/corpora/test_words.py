import pytest
from hypothesis import given
from hypothesis import strategies as st

from xner.corpora.words import Word, split_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Angela Merkel, Berlin.", ["Angela", "Merkel", ",", "Berlin", "."]),
        ("don't", ["don", "'", "t"]),
        ("snake_case 3.5", ["snake_case", "3", ".", "5"]),
        ("東京タワーへ行く", ["東", "京", "タ", "ワ", "ー", "へ", "行", "く"]),
        ("東京Tower2", ["東", "京", "Tower2"]),
        ("二〇二四年", ["二", "〇", "二", "四", "年"]),
        ("ประเทศไทย ดี", ["ป", "ร", "ะ", "เ", "ท", "ศ", "ไ", "ท", "ย", "ดี"]),
        ("ລາວ ខ្មែរ မြန်မာ", ["ລ", "າ", "ວ", "ខ្", "មែ", "រ", "မြ", "န်", "မာ"]),
        ("नमस्ते दुनिया", ["नमस्ते", "दुनिया"]),
        ("می\u200cخواهم رفت", ["می\u200cخواهم", "رفت"]),
        ("서울에서 왔다", ["서울에서", "왔다"]),
        ("cafe\u0301s", ["cafe\u0301s"]),
        ("Fuß\u00adball", ["Fuß\u00adball"]),
        ("10\u00a0000\u3000x\u2028y", ["10", "000", "x", "y"]),
        ("❤\ufe0f!", ["❤\ufe0f", "!"]),
        ("", []),
        (" \t\r\n\x1c", []),
    ],
)
def test_words_of_many_scripts(text, words):
    assert [word.text for word in split_words(text)] == words


def test_offsets_count_characters():
    assert split_words(" 𠀀 ab") == [Word("𠀀", 1, 2), Word("ab", 3, 5)]


@given(st.text() | st.text(st.characters(categories=["L", "M", "N", "P", "Z", "Cc", "Cf", "Cs"])))
def test_words_are_slices_in_order_and_cover_all_but_spaces(text):
    covered, end = set(), 0
    for word in split_words(text):
        assert word.text == text[word.start : word.end]
        assert end <= word.start < word.end
        end = word.end
        covered.update(range(word.start, word.end))
    assert covered == {place for place, character in enumerate(text) if not character.isspace()}
