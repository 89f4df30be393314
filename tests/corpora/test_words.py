import random
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Regex
from tokenizers.pre_tokenizers import Split

from xner.corpora.words import Word, running_text, split_words, word_pattern

_MARKS = (range(0x200B, 0x2010), range(0x202A, 0x202F), range(0x2060, 0x2065), range(0x2066, 0x206A))
INVISIBLE = {"\u00ad", "\ufeff", *map(chr, chain(*_MARKS))}


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
        ("Ada\u2060Love", ["Ada\u2060Love"]),
        ("\u202bPARIS\u202c ist", ["PARIS", "ist"]),
        ("Mü\u200dller\u200d, \u2067Ro\u200fme\u2069", ["Mü\u200dller", ",", "Ro\u200fme"]),
        ("New\u200bYork", ["New", "York"]),
        ("👩\u200d👧", ["👩", "👧"]),
        ("", []),
        (" \t\r\n\x1c", []),
    ],
)
def test_words_of_many_scripts(text, words):
    assert [word.text for word in split_words(text)] == words


def test_offsets_count_characters():
    assert split_words(" 𠀀 ab") == [Word("𠀀", 1, 2), Word("ab", 3, 5)]


@given(st.text() | st.text(st.characters(categories=["L", "M", "N", "P", "Z", "Cc", "Cf", "Cs"])))
def test_words_are_slices_in_order_and_cover_all_that_is_seen(text):
    covered, end = set(), 0
    for word in split_words(text):
        assert word.text == text[word.start : word.end]
        assert end <= word.start < word.end
        end = word.end
        covered.update(range(word.start, word.end))
    unseen = {place for place, character in enumerate(text) if character.isspace() or character in INVISIBLE}
    everything = set(range(len(text)))
    assert everything - unseen <= covered
    assert not any(text[place].isspace() for place in covered)


def test_the_pattern_means_the_same_to_tokenizers():
    pieces = "aZ9_ é\u0301\u200c\u202a\u2060\u00ad\u200b東ター〇ไท์ខ្មែរ.,'❤\ufe0f😀\n\t\x1c\u3000नम्स्तेㆍ々"
    split = Split(Regex(word_pattern()), "removed", invert=True)
    draw = random.Random(0)
    for text in ("".join(draw.choices(pieces, k=draw.randint(0, 12))) for _ in range(2000)):
        assert [place for _, place in split.pre_tokenize_str(text)] == [word[1:] for word in split_words(text)]


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("Merkel ( gestern ) in Paris , 3 % mehr .", "Merkel (gestern) in Paris, 3% mehr."),
        ("我 在 北京 ， 他 说 Hello 世界 。", "我在北京，他说 Hello 世界。"),
        ("« Oui » ¿ sí ?", "«Oui» ¿sí?"),
        ("a", "a"),
    ],
)
def test_words_are_written_as_text_is(words, text):
    made, places = running_text(words.split())
    assert made == text
    assert [made[place.start : place.end] for place in places] == [place.text for place in places] == words.split()


def test_no_words_are_no_text():
    assert running_text([]) == ("", [])
    assert running_text(["", "a"])[0].strip() == "a"
