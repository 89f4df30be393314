import math
from dataclasses import replace
from types import SimpleNamespace

import looks
import numpy as np
import pytest
import running
from changes import Changes, Unlabelled, count, survey
from collected import collect
from finished import View
from quality import Quality
from store import Store
from weights import Interval, Weights, _pair_signals, word_f1

from xner.comparing.record import Cell
from xner.corpora.folder import Folder
from xner.plugin.manager import Plugins
from xner.tagging.tagger import Tagger
from xner_mtmt.pair_auc import WordPairs


def test_changes_by_hand():
    gold = [["O", "O", "B-PER", "I-PER"], ["B-LOC", "O", "B-ORG"]]
    before = [["O", "B-PER", "O", "I-PER"], ["B-ORG", "O", "O"]]
    after = [["B-LOC", "O", "B-PER", "O"], ["B-PER", "O", "O"]]
    assert count(gold, before, after) == Changes(words=7, mended=(1, 1), spoilt=(1, 1), other=1)


def test_the_auc_is_that_of_the_teachers_own_states(whole, jobs, place, store):
    first = next(cell for cell in collect(jobs, store) if cell.job.row == "direct")
    key = next(iter(first.keys))
    tagger = Tagger.load(place / "out/stages" / key / "tagger")
    dev = Folder(Folder.Config(path=str(place / "data"))).load("en", "dev")
    pairs = WordPairs.draw(dev)
    taken = pairs.take(row["h"] for row in tagger.states(dev, lambda states: {"h": states.hidden}))
    quality = store.load(Quality, f"{key}-en-dev")
    assert quality.entities == pytest.approx(pairs.auc(taken, "entities"), abs=1e-4)
    assert quality.outside == pytest.approx(pairs.auc(taken, "outside"), abs=1e-4)
    assert quality.entities != pytest.approx(quality.outside, abs=1e-3)


def test_score_and_gamma_of_pairs_by_hand():
    tags = np.array(["B-PER", "B-PER", "O"])
    pairs = WordPairs(None, np.arange(3), tags, np.array([0, 0, 1]), np.array([1, 2, 2]))
    p = np.array([[0.0, 1.0], [0.0, 1.0], [1.0, 0.0]])
    vectors = np.array([[1.0, 0.0], [1.0, 0.0], [-1.0, 0.0]])  # the last one is as unlike as can be
    right, t, gamma = _pair_signals(pairs, p, vectors)
    same, none, opposite = (1 / (1 + math.exp(-cosine)) for cosine in (1, 0, -1))
    assert right.tolist() == [True, True, True]
    assert t.tolist() == pytest.approx([same, opposite, opposite])
    assert gamma.tolist() == pytest.approx([1, 1 - (none - opposite), 1 - (none - opposite)])
    wrong, _, _ = _pair_signals(pairs, p, np.array([[1.0, 0.0], [-1.0, 0.0], [1.0, 0.0]]))
    assert wrong.tolist() == [False, False, True]


def test_what_the_teacher_says_by_hand(tmp_path):
    rows = [{"probabilities": np.array([[0.5, 0.3, 0.2], [0.1, 0.6, 0.3]])}, {"probabilities": np.array([[1.0, 0, 0]])}]

    signals = SimpleNamespace(row=rows.__getitem__)
    survey("a", SimpleNamespace(signals=lambda column: signals, target=rows), Store(tmp_path))
    said = Store(tmp_path).load(Unlabelled, "a")
    assert (said.words, said.outside) == (3, pytest.approx(2 / 3))
    assert (said.alpha_outside, said.alpha_entities) == (pytest.approx((0.25 + 1) / 2), pytest.approx(0.36))


def test_teachers_of_one_column_speak_as_one(whole, jobs, place, monkeypatch):
    monkeypatch.setenv("XNER_CACHE", str(place / "out/stages"))
    view = View.of(next(job for job in jobs if job.row == "mtmt-joint"), Plugins.load())
    each = [replace(view, teachers=(teacher,)) for teacher in view.teachers]
    one, other, both = (list(some.say("probabilities", view.test)) for some in (*each, view))
    assert len(both) == len(view.test)
    for a, b, mean in zip(one, other, both, strict=True):
        assert np.allclose(mean, (a + b) / 2, atol=1e-6) and not np.allclose(a, b)
    said = next(view.say("probabilities", view.target))
    assert np.allclose(view.signals("probabilities").row(0)["probabilities"], said, atol=1e-4)


def test_word_f1_by_hand():
    gold, said = np.array(["O", "B-PER", "B-LOC", "O"]), np.array(["B-PER", "B-PER", "B-ORG", "O"])
    assert word_f1(gold, said) == pytest.approx(100 * 2 * 1 / (3 + 2))


def test_weights_add_up_to_all_words_and_pairs(whole, jobs, place, store):
    first = next(job for job in jobs if job.row == "mtmt")
    looked = store.load(Weights, first.name)
    words = sum(len(line.split()) > 1 for line in (place / "data/xx/test.conll").read_text().splitlines())
    assert sum(one.number for one in looked.alpha) == words
    assert sum(one.number for one in looked.score) == sum(one.number for one in looked.gamma) > 0
    assert store.load(Weights, next(job for job in jobs if job.row == "mtmt" and job.seed == 1).name) is None


def test_a_damaged_record_is_none(tmp_path):
    store = Store(tmp_path)
    assert store.load(Quality, "a") is None
    store.save("a", Quality(vectors="t", entities=0.5, outside=None))
    assert store.load(Quality, "a") == Quality(vectors="t", entities=0.5, outside=None)
    (tmp_path / "quality/a.json").write_text("{")
    assert store.load(Quality, "a") is None and store.load(Interval, "a") is None


def test_a_record_is_no_other_kinds(tmp_path):
    Store(tmp_path).save("a", running.Finished(cell=Cell(method="m", target="t", seed=0, folder="f"), commit="c"))
    assert Store(tmp_path).load(Quality, "a") is None


def test_a_teacher_that_was_trained_twice_has_one_row_unless_its_figures_differ():
    teacher, other = ["joint", "en", "mtmt-joint", "0"], ["joint", "pt", "mtmt-joint", "0"]
    rows = [[*teacher, "0.9", ""], [*other, "", "0.7"], [*teacher, "0.9", "0.8"], [*teacher, "0.5", ""]]
    assert looks.merged(rows) == [[*teacher, "0.9", "0.8"], [*other, "", "0.7"], [*teacher, "0.5", ""]]
