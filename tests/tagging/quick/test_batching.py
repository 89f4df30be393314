"""Batches of windows: each has its results in its own place, and one that is too large for the memory is halved."""

import re
from dataclasses import replace

import numpy as np
import pytest
import torch

import xner
from xner.errors import XnerError
from xner.machine.progress import Progress
from xner.tagging.quick import batching
from xner.tagging.quick.batching import Room, run_in_batches
from xner.tagging.tagger import Tagger
from xner.tagging.windows import Window
from xner.testing import tiny_corpus
from xner.using.onnx import Session

EMPTY = np.zeros(0, np.int64)
CORPUS = tiny_corpus("xx", size=60)
SHORT = [
    lambda: RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"),
    lambda: torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"),
    lambda: MemoryError(),
    lambda: Exception("[ONNXRuntimeError] : 6 : RUNTIME_EXCEPTION : Failed to allocate memory for requested buffer"),
]


def windows(*lengths):
    return [Window(n, np.zeros(length, np.int32), EMPTY, EMPTY, EMPTY, EMPTY) for n, length in enumerate(lengths)]


class Short:
    """Says the numbers of windows, if the memory is enough for so many padded sub-words."""

    def __init__(self, most, error=MemoryError):
        self.most, self.error, self.batches = most, error, []

    def __call__(self, batch):
        self.batches.append([len(window.input_ids) for window in batch])
        if len(batch) * max(self.batches[-1]) > self.most:
            raise self.error()
        return (window.sentence for window in batch)


def test_batches_are_of_like_length_and_results_in_the_order_of_the_windows():
    run = Short(99)
    said = list(run_in_batches(windows(5, 2, 9, 3, 4, 30), run, Room(12)))
    assert [window.sentence for window, _ in said] == [number for _, number in said] == [0, 1, 2, 3, 4, 5]
    assert run.batches == [[2, 3, 4], [5], [9], [30]]


@pytest.mark.parametrize("error", SHORT)
def test_a_batch_that_is_too_large_is_halved_for_good_and_told(error):
    lines, run = [], Short(6, error)
    room = Room(30, lines.append)
    said = [number for _, number in run_in_batches(windows(*[2] * 20), run, room)]
    assert said == list(range(20))
    assert run.batches == [[2] * 12, [2] * 4] + [[2] * 2] * 10
    assert lines == [
        "the memory is too short to tag 24 sub-words at once; it goes on with half as many",
        "the memory is too short to tag 8 sub-words at once; it goes on with half as many",
    ]
    from_the_start = Short(6)
    list(run_in_batches(windows(*[2] * 20), from_the_start, Room(4)))
    assert from_the_start.batches == run.batches[2:]


def test_a_window_alone_that_is_too_large_is_an_error():
    with pytest.raises(XnerError) as error:
        list(run_in_batches(windows(9), Short(8), Room()))
    assert str(error.value) == (
        "the memory is too short to tag a window of 9 sub-words; end other programs, or train with a smaller max_length"
    )


def test_any_other_error_is_none_of_the_memory():
    run = Short(8, lambda: RuntimeError("shapes do not match"))
    with pytest.raises(RuntimeError, match="shapes do not match"):
        list(run_in_batches(windows(9, 9), run, Room()))
    assert len(run.batches) == 1


# taggers


def narrow(monkeypatch, most):
    """Lets a batch of a tagger with more padded sub-words than that need more memory than there is."""
    real = Tagger._run

    def run(tagger, batch, say):
        if len(batch) * max(len(window.input_ids) for window in batch) > most:
            raise MemoryError
        return real(tagger, batch, say)

    monkeypatch.setattr(Tagger, "_run", run)


def test_a_tagger_says_the_same_with_less_memory(tagger_folder, tiny_workbench, monkeypatch):
    whole, small = (tiny_workbench.load_tagger(tagger_folder) for _ in range(2))
    small.room.tokens = 512
    expected, same = (list(tagger.probabilities(CORPUS)) for tagger in (whole, small))
    tags = whole.tags(CORPUS)
    narrow(monkeypatch, 600)
    lines = []
    workbench = replace(tiny_workbench, progress=Progress(quiet=True))
    monkeypatch.setattr(workbench.progress, "say", lines.append)
    tagger = workbench.load_tagger(tagger_folder)
    found = list(tagger.probabilities(CORPUS))
    assert tagger.room.tokens <= 600 < 2048
    assert tagger.tags(CORPUS) == tags
    assert len(lines) == 2 and all(line.startswith("the memory is too short to tag ") for line in lines)
    for one, other, third in zip(found, expected, same, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)
        np.testing.assert_allclose(one, third, atol=1e-6)


def test_predict_goes_on_and_says_so(xner, tagger_folder, monkeypatch):
    texts = [" ".join(sentence.tokens) for sentence in CORPUS]
    _, expected, told = xner("predict", tagger_folder, *texts)
    assert told == ""
    narrow(monkeypatch, 1100)
    code, out, told = xner("predict", tagger_folder, *texts)
    assert (code, out) == (0, expected)
    assert re.fullmatch(r"the memory is too short to tag \d+ sub-words at once; it goes on with half as many\n", told)


def test_an_export_goes_on(exports, monkeypatch, capsys):
    expected = xner.load(exports / "onnx").tagger.tags(CORPUS)
    real = Session.scores

    def scores(session, words, mask):
        if words.size > 1100:
            raise SHORT[-1]()
        return real(session, words, mask)

    monkeypatch.setattr(Session, "scores", scores)
    assert xner.load(exports / "onnx").tagger.tags(CORPUS) == expected
    assert capsys.readouterr().err.count("the memory is too short") == 1


@pytest.mark.parametrize("longest", [9, 100, 400])
def test_batches_are_bounded_and_of_few_shapes(longest):
    run, room = Short(10**9), Room()
    list(run_in_batches(windows(*np.random.default_rng(0).integers(3, longest, 2048)), run, room))
    assert all(len(batch) * max(batch) <= room.tokens for batch in run.batches)
    assert all(len(batch) % 4 == 0 for batch in run.batches[:-1])


def test_memory_that_is_free_is_given_back_after_each_chunk(monkeypatch):
    given = list[int]()
    monkeypatch.setattr(batching, "_CHUNK", 10)
    monkeypatch.setattr(batching, "give_back", lambda: given.append(1))
    list(run_in_batches(windows(*[5] * 25), Short(999), Room()))
    assert len(given) == 3
