from dataclasses import replace

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from xner.corpora.corpus import Corpus, Sentence
from xner.tagging.windows import WindowFile, write_windows
from xner.teachers.signals import Signals, record
from xner.testing import tiny_corpus
from xner.testing.tiny import tiny_workbench as made_workbench
from xner.testing.two_processes import on_two_processes
from xner.training.batches import Order, TrainingData, collate_with_signals


def test_a_window_comes_with_the_signals_of_its_own_words(tiny_workbench, tmp_path):
    corpus = Corpus.from_sentences("x", "xx", "train", [Sentence(["Ada"] * 30), Sentence(["ko"]), Sentence(["um"] * 9)])
    rows = [
        {"place": np.stack([np.full(size, number), np.arange(size)], 1).astype(np.float16)}
        for number, size in enumerate((30, 1, 9))
    ]
    record(tmp_path / "s.arrow", corpus, rows[0].keys(), lambda *_: rows, lambda *_: None)
    tagger = replace(tiny_workbench, max_length=16).new_tagger()
    write_windows(tmp_path / "w.arrow", tagger.windower.windows(corpus))
    data = TrainingData(WindowFile(tmp_path / "w.arrow"), Signals.open([tmp_path / "s.arrow"]))
    assert len(data) > 5
    for window, signals in map(data.__getitem__, range(len(data))):
        assert signals["place"].tolist() == [[window.sentence, word] for word in window.words]


def test_a_batch_has_the_signals_of_its_words_one_after_the_other(tiny_workbench, tmp_path):
    corpus = Corpus.from_sentences("x", "xx", "train", [Sentence(["Ada", "ko"]), Sentence(["um"] * 3)])
    rows = [{"place": np.float16([[number, word] for word in range(size)])} for number, size in enumerate((2, 3))]
    record(tmp_path / "s.arrow", corpus, rows[0].keys(), lambda *_: rows, lambda *_: None)
    write_windows(tmp_path / "w.arrow", tiny_workbench.new_tagger().windower.windows(corpus))
    data = TrainingData(WindowFile(tmp_path / "w.arrow"), Signals.open([tmp_path / "s.arrow"]))
    batch = collate_with_signals([data[1], data[0]], pad=7)
    assert batch["place"].tolist() == [[1, 0], [1, 1], [1, 2], [0, 0], [0, 1]]
    assert batch["place"].dtype == torch.float32
    assert batch["sentences"].tolist() == [1, 1, 1, 0, 0]
    assert (batch["input_ids"][1] == 7).any() and not (batch["input_ids"][0] == 7).any()


@given(st.lists(st.integers(1, 50), min_size=1, max_size=300), st.integers(1, 9), st.integers(0, 5))
def test_the_order_of_sentences(lengths, size, seed):
    lengths = np.array(lengths)
    order = Order(size, lengths, seed)
    epochs = []
    for epoch in (0, 1, 0):
        order.set_epoch(epoch)
        epochs.append(list(order))
        assert len(order) == len(lengths) and sorted(epochs[-1]) == list(range(len(lengths)))
    assert epochs[0] == epochs[2]
    assert list(Order(size, lengths, seed)) == epochs[0]


def test_batches_are_of_about_equal_length_and_come_in_any_order():
    lengths = np.array([1 + number * 37 % 101 for number in range(808)])
    order, seen = Order(8, lengths, 0), []
    for epoch in range(2):
        order.set_epoch(epoch)
        numbers = list(order)
        batches = [[lengths[number] for number in numbers[i : i + 8]] for i in range(0, 808, 8)]
        assert np.mean([max(batch) - min(batch) for batch in batches]) < 10  # of 100
        means = [np.mean(batch) for batch in batches]
        assert abs(np.corrcoef(means, range(len(means)))[0, 1]) < 0.4
        seen.append(numbers)
    assert seen[0] != seen[1] != list(Order(8, lengths, 1))


# text without an end


def text_of(workbench, size=10, batch_size=4, name="target"):
    return workbench.text_batches(workbench.new_tagger(), tiny_corpus("xx", size=size), batch_size, name)


def drawn(text, batches):
    return [number for batch in range(batches) for number in text.numbers(batch)]


def test_every_pass_over_a_text_has_each_sentence_once_and_an_order_of_its_own(tiny_workbench):
    numbers = drawn(text_of(tiny_workbench), 10)  # 40: four passes, whose ends are not those of batches
    passes = [numbers[first : first + 10] for first in range(0, 40, 10)]
    assert all(sorted(each) == list(range(10)) for each in passes)
    assert len({tuple(each) for each in passes}) == 4


def test_a_text_that_is_shorter_than_a_batch(tiny_workbench):
    text = text_of(tiny_workbench, size=3, batch_size=8)
    assert {text.numbers(batch).count(number) for batch in range(3) for number in range(3)} == {2, 3}
    assert len(text[0]["input_ids"]) == 8


def test_a_batch_depends_on_seed_name_and_number_alone(tiny_workbench, tmp_path):
    numbers = drawn(text_of(tiny_workbench), 6)
    torch.rand(3)
    again = text_of(replace(tiny_workbench, folder=tmp_path / "again"))
    assert [again.numbers(batch) for batch in (5, 0, 2)] == [numbers[4 * batch : 4 * batch + 4] for batch in (5, 0, 2)]
    assert drawn(text_of(replace(tiny_workbench, seed=1, folder=tmp_path / "seed")), 6) != numbers
    assert drawn(text_of(tiny_workbench, name="source"), 6) != numbers


def test_a_batch_has_every_sub_word_of_its_sentences(tiny_workbench):
    text, tagger, corpus = text_of(tiny_workbench), tiny_workbench.new_tagger(), tiny_corpus("xx", size=10)
    windows, batch = list(tagger.windower.windows(corpus)), text[1]
    chosen = [windows[number] for number in text.numbers(1)]
    assert batch.keys() == {"input_ids", "attention_mask", "rows", "positions", "sentences"}
    pieces = batch["input_ids"][batch["rows"], batch["positions"]]
    assert pieces.tolist() == [piece for window in chosen for piece in window.input_ids.tolist()]
    assert batch["sentences"].tolist() == [window.sentence for window in chosen for _ in window.input_ids]
    assert tagger.tokenizer.cls_token_id in pieces and tagger.tokenizer.sep_token_id in pieces
    assert tagger.tokenizer.pad_token_id not in pieces


def shared(encoder, folder):
    """Return a process's sentences of some batches, and those of all."""
    text = text_of(made_workbench(encoder, folder), batch_size=5)
    batches = [text[number] for number in range(4)]
    return [batch["input_ids"].tolist() for batch in batches], [batch["sentences"].tolist() for batch in batches]


def test_two_processes_share_a_batch(encoder_folder, tmp_path):
    (one, every), (other, known) = on_two_processes(shared, (encoder_folder, tmp_path / "two"), tmp_path / "said")
    whole, _ = shared(encoder_folder, tmp_path / "alone")
    assert every == known

    def bare(rows):
        return sorted([piece for piece in row if piece] for row in rows)

    assert [bare(a + b) for a, b in zip(one, other, strict=True)] == [bare(rows) for rows in whole]
    assert {(len(a), len(b)) for a, b in zip(one, other, strict=True)} == {(3, 2)}
