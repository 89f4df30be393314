"""Smaller tokenizers, of every kind that encoders have."""

import json
import re

import pytest
from tokenizers import Tokenizer, models
from tokenizers.pre_tokenizers import Whitespace
from tokenizers.processors import BertProcessing, Sequence, TemplateProcessing
from transformers.convert_slow_tokenizer import bytes_to_unicode

from tests.kinds import KINDS, TEXTS, tokenizer_of
from xner.errors import UsageError
from xner.tagging.wordwise import wordwise
from xner.using.vocabulary import needed, rows_of, smaller

CHOSEN = TEXTS[:2]
"""The others have words, scripts and characters that these do not have."""


def words(texts):
    return sorted({word for text in texts for word in re.findall(r"\w+|[^\w\s]", text)})


@pytest.fixture(scope="module", params=KINDS)
def both(request):
    """A tokenizer, and the one with the pieces of some texts."""
    backend = wordwise(tokenizer_of(request.param)).backend_tokenizer
    return backend, smaller(backend, needed(backend, words(CHOSEN)))


def cut(backend, text):
    return backend.encode(text, add_special_tokens=False).tokens


def test_it_is_smaller_and_cuts_the_corpus_as_before(both):
    whole, small = both
    assert small.get_vocab_size() < 0.9 * whole.get_vocab_size()
    for text in [*CHOSEN, *words(CHOSEN)]:
        assert cut(small, text) == cut(whole, text)
        assert small.encode(text).tokens == whole.encode(text).tokens  # the special tokens around it, too


def test_numbers_are_those_of_the_same_pieces(both):
    whole, small = both
    rows = rows_of(small, whole)
    assert len(rows) == small.get_vocab_size() and rows == sorted(rows)
    for text in CHOSEN:
        assert [rows[number] for number in small.encode(text).ids] == whole.encode(text).ids


def test_pieces_of_no_word_go_and_special_tokens_stay(both):
    whole, small = both
    gone = whole.get_vocab().keys() - small.get_vocab().keys()
    assert gone and not gone & {token.content for token in whole.get_added_tokens_decoder().values()}
    begins = '"WordPiece"' in whole.to_str()  # what is marked there is what does not begin a word
    for piece in gone:
        bare = piece.removeprefix("##").lstrip("▁Ġ")
        assert len(bare) > 1 or bare.isalpha()
        first = piece == bare if begins else piece != bare
        assert not any(word.startswith(bare) if first else bare in word[begins:] for word in words(CHOSEN))


def test_new_words_of_known_letters_are_known(both):
    """Whatever is new in them: they are cut into shorter pieces, and not into the unknown one."""
    whole, small = both
    for word in ("Mandela", "loshtar", "Besuch"):
        assert "".join(cut(small, word)).replace("##", "").strip("▁Ġ") == word, cut(whole, word)


def test_letters_of_other_scripts_are_left_out_unless_they_are_bytes(both):
    whole, small = both
    if '"ByteLevel"' in whole.to_str():
        assert set(bytes_to_unicode().values()) <= small.get_vocab().keys()
    assert "东" not in small.get_vocab() and "ا" not in small.get_vocab()


@pytest.mark.parametrize("template", [False, True])
def test_special_tokens_behind_what_goes_get_new_numbers(template):
    names = ["zz", "a", "[UNK]", "b", "[SEP]", "##b", "##a", "[CLS]"]
    backend = Tokenizer(models.WordPiece({name: number for number, name in enumerate(names)}, unk_token="[UNK]"))
    marks = [(name, names.index(name)) for name in ("[SEP]", "[CLS]")]
    last = BertProcessing(*marks)
    if template:
        last = TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=marks)
    backend.post_processor = Sequence([last])
    backend.add_special_tokens(["[UNK]", "[SEP]", "[CLS]", "[MASK]"])  # the last one has no piece in the model
    small = smaller(backend, needed(backend, ["ab"]))
    assert small.get_vocab() == {"a": 0, "[UNK]": 1, "b": 2, "[SEP]": 3, "##b": 4, "##a": 5, "[CLS]": 6, "[MASK]": 7}
    assert small.encode("ab").ids == [6, 0, 4, 3]
    assert (
        small.encode("ab[MASK]").tokens == backend.encode("ab[MASK]").tokens == ["[CLS]", "a", "##b", "[MASK]", "[SEP]"]
    )
    assert small.encode("ax").tokens == ["[CLS]", "[UNK]", "[SEP]"]


def test_the_unknown_piece_of_unigram_stays_the_unknown_one():
    backend = Tokenizer(models.Unigram([("zz", -1.0), ("a", -1.0), ("<unk>", 0.0), ("b", -1.0)], 2))
    small = smaller(backend, needed(backend, ["ab"]))
    assert small.encode("a東b").tokens == ["a", "東", "b"] and small.encode("a東b").ids == [0, 1, 2]
    assert small.id_to_token(1) == "<unk>"


def test_longer_cuts_that_do_not_win_are_there_for_other_words():
    """A piece that stands in a word of the corpus, but is not in its best cut."""
    pieces = [
        ("<unk>", 0.0),
        ("▁", -3.0),
        *((c, -9.0) for c in "abcd"),
        ("▁ab", -1.0),
        ("cd", -1.0),
        ("bc", -2.0),
        ("da", -1),
    ]
    backend = Tokenizer(models.Unigram(pieces, 0))
    kept = needed(backend, ["▁abcd"])
    assert cut(backend, "▁abcd") == ["▁ab", "cd"]
    assert kept == {"▁", *"abcd", "▁ab", "cd", "bc"}


def test_a_blank_with_a_letter_stays_as_the_letter_does():
    pieces = [("<unk>", 0.0), *((c, -9.0) for c in ("▁", "a", "▁a", "z", "▁z", "▁я", "я", "▁zz"))]
    backend = Tokenizer(models.Unigram(pieces, 0))
    assert needed(backend, ["▁a"]) == {"▁", "a", "▁a", "z", "▁z"}


def test_merges_on_the_way_to_a_piece_stay():
    vocabulary = {piece: number for number, piece in enumerate(["a", "b", "c", "ab", "abc", "bc", "cc"])}
    backend = Tokenizer(models.BPE(vocabulary, [("a", "b"), ("ab", "c"), ("b", "c"), ("c", "c")]))
    small = smaller(backend, needed(backend, ["abc"]))
    assert cut(small, "abc") == ["abc"]
    assert json.loads(small.to_str())["model"]["merges"] == [["a", "b"], ["ab", "c"], ["b", "c"]]


def test_another_kind_is_refused():
    backend = Tokenizer(models.WordLevel({"[UNK]": 0, "a": 1}, "[UNK]"))
    backend.pre_tokenizer = Whitespace()
    with pytest.raises(UsageError) as error:
        needed(backend, ["a"])
    assert str(error.value) == (
        "--trim: a tokenizer of the kind WordLevel cannot be made smaller; only Unigram, WordPiece, BPE can"
    )
