from dataclasses import replace

import naive_ws
import numpy as np

from xner.base import TAGGER
from xner.testing import tiny_corpus
from xner_projection.parallel.co_decoding import CoDecoding, heard


def test_it_is_what_a_naive_reading_gives():
    draw = np.random.default_rng(0)
    one, other = (draw.dirichlet([2, 0.5, 0.5, 0.5, 0.5], 200) for _ in range(2))
    both = 0
    for row, a, b in zip(heard(one, other), one, other, strict=True):
        expected = naive_ws.heard(a.tolist(), b.tolist())
        both += expected is None
        assert np.allclose(row, (a + b) / 2 if expected is None else expected)
        assert (row.argmax() == 0) == (expected is None)
    assert 20 < both < 180


def test_of_equally_sure_ones_the_first():
    one, other = np.array([[0.2, 0.8, 0]]), np.array([[0.2, 0, 0.8]])
    assert heard(one, other).tolist() == one.tolist() and heard(other, one).tolist() == other.tolist()


def test_it_reads_and_writes_both_taggers(tiny_workbench, tmp_path):
    folders, text = [tmp_path / "a", tmp_path / "b"], tiny_corpus("xx", size=6).without_labels()
    taggers = [replace(tiny_workbench, seed=seed).new_tagger() for seed in (0, 1)]
    for tagger, folder in zip(taggers, folders, strict=True):
        tagger.save(folder)
    teacher, again = CoDecoding(*folders), CoDecoding()
    teacher.fit(text, tiny_workbench)
    teacher.save(tmp_path / "stage")
    again.restore(tmp_path / "stage", tiny_workbench)
    assert (tmp_path / "stage" / TAGGER).is_dir() and CoDecoding.scored
    rows = zip(*(tagger.probabilities(text) for tagger in taggers), strict=True)
    for said, row in zip(again.label(text), rows, strict=True):
        assert np.allclose(said["probabilities"], heard(*row), atol=1e-6)
