import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from transformers import AutoTokenizer

from xner.corpora.corpus import Corpus, Sentence
from xner.corpora.labels import LabelSet
from xner.tagging.windows import FOLLOWING, IGNORED, Windower, collate
from xner.tagging.wordwise import wordwise

LABELS = LabelSet(("LOC", "PER"))
ODD = [
    "",
    " ",
    "a" * 10_000,
    "🙂",
    "👩‍👩‍👧‍👦",
    "שלום",
    "مرحبا",
    "\u200b",
    "\u200d",
    "e\u0301\u0323",
    "\u0301",
    "\x00",
    "\ufeff",
    "a b",
]
WORDS = st.text(max_size=12) | st.sampled_from([*ODD, "##a", "[CLS]", "[PAD]", "Ada", "a" * 40])
SENTENCES = st.lists(st.lists(WORDS, min_size=1, max_size=60), min_size=1, max_size=4)


@pytest.fixture(scope="module")
def tokenizer(encoder_folder):
    return wordwise(AutoTokenizer.from_pretrained(encoder_folder))


def corpus_of(sentences, tags=None):
    tags = tags or [None] * len(sentences)
    return Corpus.from_sentences("x", "en", "train", map(Sentence, sentences, tags))


def check(encoder, sentences, windows):
    """Every promise that a list of windows makes."""
    tokenizer = encoder.tokenizer
    assert [w.sentence for w in windows] == sorted(w.sentence for w in windows)
    for number, sentence in enumerate(sentences):
        own = [w for w in windows if w.sentence == number]
        assert np.concatenate([w.words for w in own]).tolist() == list(range(len(sentence)))
        for window in own:
            ids = window.input_ids.tolist()
            assert len(ids) <= encoder.max_length
            assert (ids[0], ids[-1]) == (tokenizer.cls_token_id, tokenizer.sep_token_id)
            assert len(window.words) == len(window.positions) == len(window.labels)
            for word, position, size in zip(window.words, window.positions, window.sizes, strict=True):
                alone = tokenizer([sentence[word]], is_split_into_words=True, add_special_tokens=False)["input_ids"]
                pieces = (alone or [tokenizer.unk_token_id])[: max(1, (encoder.max_length - 2) // 2)]
                assert 0 < position < len(ids) - 1
                assert ids[position : position + size] == pieces


@given(SENTENCES, st.integers(4, 64))
@example([ODD], 16)
@example([["a" * 10_000] * 3, ["b"]], 16)
@example([[""]], 8)
@example([["ab"] * 60], 4)
def test_windows_hold_every_word_exactly_once(tokenizer, sentences, max_length):
    encoder = Windower(tokenizer, max_length, LABELS)
    check(encoder, sentences, list(encoder.windows(corpus_of(sentences))))


@given(st.lists(st.lists(st.sampled_from(LABELS.tags), min_size=1, max_size=50), min_size=1, max_size=3))
def test_labels_stay_with_their_words(tokenizer, tags):
    sentences = [["ab" * (place % 3 + 1) for place in range(len(sentence))] for sentence in tags]
    encoder = Windower(tokenizer, 16, LABELS)
    windows = list(encoder.windows(corpus_of(sentences, tags)))
    check(encoder, sentences, windows)
    for window in windows:
        assert [LABELS.tags[label] for label in window.labels] == [tags[window.sentence][word] for word in window.words]


def test_words_without_tags_are_ignored(tokenizer):
    (window,) = Windower(tokenizer, 16, LABELS).windows(corpus_of([["a", "b"]]))
    assert window.labels.tolist() == [IGNORED, IGNORED]


def test_a_short_sentence_is_one_window(tokenizer):
    (window,) = Windower(tokenizer, 8, LABELS).windows(corpus_of([["ab", "", "cde"]]))  # six pieces and two specials
    assert tokenizer.convert_ids_to_tokens(window.input_ids) == [
        *("[CLS]", "a", "##b", "[UNK]", "c", "##d", "##e", "[SEP]"),
    ]
    assert window.positions.tolist() == [1, 3, 4]


def test_a_word_belongs_to_the_window_that_shows_most_of_its_context(tokenizer):
    first, second, third = Windower(tokenizer, 12, LABELS).windows(corpus_of([list("abcdefghijklmnopqrst")]))
    shown = ["".join(tokenizer.convert_ids_to_tokens(w.input_ids[1:-1])) for w in (first, second, third)]
    assert shown == ["abcdefghij", "fghijklmno", "klmnopqrst"]  # each overlaps half of the next
    assert [w.words.tolist() for w in (first, second, third)] == [
        list(range(7)),  # f and g are seen with more on their left here, h i j in the next
        list(range(7, 12)),
        list(range(12, 20)),
    ]


def test_many_sentences_keep_their_numbers(tokenizer):
    windows = Windower(tokenizer, 16, LABELS).windows(corpus_of([["a"]] * 7), batch_size=3)
    assert [window.sentence for window in windows] == list(range(7))


@given(SENTENCES)
def test_a_batch_lines_its_words_up(tokenizer, sentences):
    windows = list(Windower(tokenizer, 16, LABELS).windows(corpus_of(sentences)))
    pad = 4
    batch = collate(windows, pad)
    longest = max(len(window.input_ids) for window in windows)
    assert batch["input_ids"].shape == batch["attention_mask"].shape == (len(windows), longest)
    for row, window in enumerate(windows):
        size = len(window.input_ids)
        assert batch["input_ids"][row].tolist() == [*window.input_ids, *[pad] * (longest - size)]
        assert batch["attention_mask"][row].tolist() == [1] * size + [0] * (longest - size)
    expected = [
        (row, position, window.sentence, label)
        for row, window in enumerate(windows)
        for position, label in zip(window.positions, window.labels, strict=True)
    ]
    columns = (batch[name].tolist() for name in ("rows", "positions", "sentences", "labels"))
    assert list(zip(*columns, strict=True)) == expected
    further = [
        (row, position + place)
        for row, window in enumerate(windows)
        for position, size in zip(window.positions, window.sizes, strict=True)
        for place in range(1, size)
    ]
    assert list(zip(*(batch[name].tolist() for name in FOLLOWING), strict=True)) == further
    assert batch["sizes"].tolist() == [size for window in windows for size in window.sizes]
    assert {tensor.dtype.is_floating_point for tensor in batch.values()} == {False}
