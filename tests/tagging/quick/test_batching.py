import numpy as np
import pytest

from xner.tagging.quick import batching
from xner.tagging.quick.batching import run_in_batches
from xner.tagging.windows import Window

NOTHING = np.array([], int)


def windows(lengths):
    return [Window(n, np.full(length, n), *[NOTHING] * 4) for n, length in enumerate(lengths)]


def test_every_window_comes_in_order_with_what_was_said_of_it(monkeypatch):
    monkeypatch.setattr(batching, "_CHUNK", 50)
    lengths = np.random.default_rng(0).integers(3, 400, 333)
    found = list(run_in_batches(windows(lengths), lambda batch: [len(window.input_ids) for window in batch]))
    assert [window.sentence for window, _ in found] == list(range(333))
    assert [said for _, said in found] == lengths.tolist()


@pytest.mark.parametrize("longest", [9, 100, 400])
def test_batches_are_bounded_and_of_few_shapes(longest):
    sizes = list[tuple[int, int]]()

    def run(batch):
        sizes.append((len(batch), max(len(window.input_ids) for window in batch)))
        return batch

    list(run_in_batches(windows(np.random.default_rng(0).integers(3, longest, 2048)), run))
    assert all(rows * columns <= batching._BATCH_TOKENS for rows, columns in sizes)
    assert all(rows % batching._ROWS == 0 for rows, _ in sizes[:-1])


def test_a_window_beyond_the_bound_is_a_batch_of_its_own():
    sizes = list[int]()
    list(run_in_batches(windows([5, 6, 7, 3000, 4000]), lambda batch: sizes.append(len(batch)) or batch))
    assert sizes == [3, 1, 1]


def test_memory_that_is_free_is_given_back_after_each_chunk(monkeypatch):
    given = list[int]()
    monkeypatch.setattr(batching, "_CHUNK", 10)
    monkeypatch.setattr(batching, "give_back", lambda: given.append(1))
    list(run_in_batches(windows([5] * 25), lambda batch: batch))
    assert len(given) == 3
