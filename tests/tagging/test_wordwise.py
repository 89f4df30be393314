"""Every kind of tokenizer cuts running text into the sub-words of its words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer
from tokenizers.models import Unigram
from tokenizers.pre_tokenizers import Metaspace
from transformers import AutoTokenizer, PreTrainedTokenizerFast

from tests.kinds import KINDS, TEXTS, encoder_of, tokenizer_of
from xner.corpora.words import split_words
from xner.errors import UsageError
from xner.tagging.wordwise import words_of, wordwise

STRANGE = [
    "(Paris)",
    "U.S.A.",
    "don't 3,5 %",
    "„Guten Tag“",
    "  two   blanks ",
    "東京タワー",
    "snake_case",
    "",
    ".",
]


@pytest.fixture(scope="module", params=KINDS)
def tokenizer(request):
    return wordwise(tokenizer_of(request.param))


def words(tokenizer, text):
    return [word.text for word in words_of(tokenizer, text)]


def pieces(tokenizer, *given):
    return tokenizer(list(given), is_split_into_words=True, add_special_tokens=False)["input_ids"]


@pytest.mark.parametrize("text", [*TEXTS, *STRANGE])
def test_text_has_the_sub_words_of_its_words(tokenizer, text):
    assert tokenizer(text)["input_ids"] == tokenizer(words(tokenizer, text), is_split_into_words=True)["input_ids"]


@given(text=st.text(st.sampled_from("aZ9_é.,'(東ไพ \u200dا-"), max_size=30))
def test_any_text_does(tokenizer, text):
    assert tokenizer(text)["input_ids"] == tokenizer(words(tokenizer, text), is_split_into_words=True)["input_ids"]


@pytest.mark.parametrize("text", [*TEXTS[:3], *TEXTS[4:]])
def test_places_are_those_of_the_words(tokenizer, text):
    """Sub-words of a word lie inside it, and the first begins where it begins."""
    encoded = tokenizer(text, return_offsets_mapping=True)
    places = dict[int, list[tuple[int, int]]]()
    for word, place in zip(encoded.word_ids(), encoded["offset_mapping"], strict=True):
        if word is not None:
            places.setdefault(word, []).append(place)
    found = [(inside[0][0], max(end for _, end in inside)) for inside in places.values()]
    assert found == [(word.start, word.end) for word in words_of(tokenizer, text)]


def test_every_word_is_cut_as_behind_a_blank(tokenizer):
    """So words are never glued: the pieces of "Rome" in a list of words are those of " Rome" in a text."""
    plain = tokenizer("sees Rome", add_special_tokens=False)["input_ids"]
    assert plain == [*pieces(tokenizer, "sees"), *pieces(tokenizer, "Rome")]


@pytest.mark.parametrize("kind", ["roberta", "modernbert", "gemma"])
def test_without_it_words_are_glued(kind):
    tokenizer, given = tokenizer_of(kind), ["Ada", "sees", "Rome"]
    assert tokenizer.decode(pieces(tokenizer, *given)) == "AdaseesRome"
    after = wordwise(tokenizer)
    assert after.decode(pieces(after, *given)).strip() == "Ada sees Rome"


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_kept_in_tokenizer_json(kind, tmp_path):
    """Loaded without xner, from a folder with a model of the kind, whose own class would build its steps anew."""
    made = wordwise(tokenizer_of(kind))
    encoder_of(kind, tmp_path)
    made.save_pretrained(tmp_path)
    loaded = AutoTokenizer.from_pretrained(tmp_path)
    for text in [*TEXTS, *STRANGE]:
        assert loaded(text)["input_ids"] == made(text)["input_ids"]
    assert loaded.model_input_names == tokenizer_of(kind).model_input_names
    assert loaded.special_tokens_map == tokenizer_of(kind).special_tokens_map
    assert wordwise(loaded).backend_tokenizer.to_str() == made.backend_tokenizer.to_str()


@pytest.mark.parametrize("text", [*TEXTS, *STRANGE])
def test_words_are_those_of_any_text_but_where_there_are_no_spaces(tokenizer, text):
    found, plain = words_of(tokenizer, text), split_words(text)
    assert {word.start for word in found} <= {word.start for word in plain}
    assert "".join(word.text for word in found) == "".join(word.text for word in plain)
    assert all(text[word.start : word.end] == word.text for word in found)
    if text not in (TEXTS[3], "東京タワー"):
        assert found == plain


def test_letters_that_the_tokenizer_takes_together_are_a_word_where_there_are_no_spaces():
    tokenizer = wordwise(sentencepiece("东", "西", "东西", "ab", "▁ab", "▁东", "a", "b", ","))
    assert words(tokenizer, "东西ab, 西东西") == ["东西", "ab", ",", "西", "东西"]
    assert words(tokenizer, "东 西\u200b东西") == ["东", "西", "东西"]
    assert tokenizer.tokenize("东 西ab") == ["东", "西", "▁ab"]  # a blank is no part of words without spaces


def sentencepiece(*pieces):
    model = Tokenizer(Unigram([("<unk>", -9.0), ("▁", -2.0), *((piece, -3.0) for piece in pieces)], 0))
    model.pre_tokenizer = Metaspace(prepend_scheme="always")
    return PreTrainedTokenizerFast(tokenizer_object=model, unk_token="<unk>")


def test_a_mark_of_where_a_word_begins_is_left_out_where_it_says_nothing():
    tokenizer = sentencepiece("你", "▁a", "b", "▁bc", ",", "▁-", "-")
    assert tokenizer.tokenize("你") == ["▁", "你"]
    cut = wordwise(tokenizer).tokenize
    assert cut("你") == ["你"]  # no piece begins with both
    assert cut("a, - a") == ["▁a", ",", "▁-", "▁a"]
    assert cut("b") == ["▁", "b"]  # some words with b begin with both, and text has the mark here as well


def test_a_slow_tokenizer_is_refused():
    class Slow:
        pass

    with pytest.raises(UsageError, match="the tokenizer Slow is not a fast one; xner needs its word alignment"):
        wordwise(Slow())
