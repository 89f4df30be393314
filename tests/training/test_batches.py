from dataclasses import replace

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from xner.corpora.corpus import Corpus, Sentence
from xner.tagging.windows import WindowFile, write_windows
from xner.teachers.signals import Signals, record
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
